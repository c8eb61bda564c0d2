"""Connecting: both logins, their tokens' lives, the subscriptions, the download."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from callbox.connector import AuthDead, AuthTransient, Malformed, MemorySession, Refused, Signed
from callbox.networks.instagram.tests.harness import (
    HOOK_TOKEN,
    InstagramHarness,
    ThroughPage,
    account,
)
from callbox.vocabulary import Ours, Said
from tests.servers.instagram import ACCOUNT, HANDLE, PAGE, SCOPED, TOKEN
from tests.servers.standin import Fault

BACK = "https://callbox.example/connect/back"


def aged(city: InstagramHarness, days: float, hours: float = 0) -> MemorySession:
    """A login that is so old."""
    issued = city.city.clock - timedelta(days=days, hours=hours)
    ends = issued + timedelta(days=60)
    held = {"token": TOKEN, "issued_at": issued.isoformat(), "ends_at": ends.isoformat()}
    return MemorySession({**held, "containers": {"k": {"made_at": issued.isoformat()}}})


def test_identity(city: InstagramHarness) -> None:
    identity = city.connector().identify()
    assert (identity.external_id, identity.handle) == (ACCOUNT, HANDLE)
    city.revoke()
    with pytest.raises(AuthDead):
        city.connector().identify()


def test_logging_in_through_instagram(alone: InstagramHarness) -> None:
    connector = alone.connector(MemorySession())
    address = connector.authorize(BACK, "state-1", "verifier")
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"][0].split(",") == [scope.name for scope in connector.scopes]
    assert alone.secrets[1] not in address
    given = alone.city.approve(address)
    assert given["state"] == "state-1"
    (candidate,) = connector.exchange(given["code"], BACK, "verifier")
    assert candidate.identity.external_id == ACCOUNT
    assert candidate.config == {"product": "instagram", "scoped_id": SCOPED, "declined": []}
    assert candidate.lacking == ""
    session = MemorySession(candidate.session)
    assert alone.connector(session).identify() == candidate.identity
    with pytest.raises(AuthDead):
        connector.exchange(given["code"], BACK, "verifier")


def test_logging_in_through_a_page(paged: ThroughPage) -> None:
    connector = paged.connector(MemorySession())
    address = connector.authorize(BACK, "state-1", "verifier")
    assert parse_qs(urlsplit(address).query)["code_challenge_method"] == ["S256"]
    given = paged.city.approve(address)
    (candidate,) = connector.exchange(given["code"], BACK, "verifier")
    assert candidate.config == {"product": "facebook", "page_id": PAGE, "declined": []}
    assert candidate.session["ends_at"] is None
    session = MemorySession(candidate.session)
    assert paged.connector(session).identify() == candidate.identity
    assert paged.connector(session).renew().ends_at is None


def test_a_login_that_was_not_allowed_everything(city: InstagramHarness) -> None:
    connector = city.connector(MemorySession())
    address = connector.authorize(BACK, "s", "verifier")
    city.city.declined = ("instagram_business_manage_messages", "instagram_manage_messages")
    given = city.city.approve(address)
    (candidate,) = connector.exchange(given["code"], BACK, "verifier")
    assert "read and answer private messages" in candidate.lacking
    seen = account(city.city.url, city.product)
    config = {**seen.config, **candidate.config}
    lesser = city.as_account(type(seen)(seen.id, ACCOUNT, HANDLE, config, seen.secrets))
    to = city.answer(city.say("Hello?", private=True), "", "k1").reply_to
    assert to
    barrier = lesser.barrier("message", to)
    assert barrier
    assert "did not allow" in barrier.words
    assert lesser.barrier("like", to)


def test_without_an_app_there_is_no_page_to_go_to(alone: InstagramHarness) -> None:
    connector = alone.as_account(account(alone.city.url, app_id=""))
    with pytest.raises(Refused):
        connector.authorize(BACK, "s", "v")


def test_the_address_of_the_network_itself(alone: InstagramHarness) -> None:
    ours, page = (
        alone.as_account(account("", product)).authorize(BACK, "s", "v")
        for product in ("instagram", "facebook")
    )
    assert ours.startswith("https://www.instagram.com/oauth/authorize?")
    assert page.startswith("https://www.facebook.com/v25.0/dialog/oauth?")


def test_a_login_is_extended_in_time_and_never_too_early(alone: InstagramHarness) -> None:
    """Failure mode 4: due at 50 days, refused under 24 hours, over when it is over."""
    young = aged(alone, 0, hours=23)
    alone.connector(young).renew()
    assert young.read()["token"] == TOKEN
    alone.connector(aged(alone, 49)).renew()
    assert not alone.city.made("GET", "/refresh_access_token")
    due = aged(alone, 51)
    renewed = alone.connector(due).renew()
    assert due.read()["token"] != TOKEN
    assert due.read()["containers"]
    assert renewed.ends_at == alone.city.clock + timedelta(days=60)
    with pytest.raises(AuthDead, match="onnect"):
        alone.connector(aged(alone, 61)).renew()


def test_a_blip_while_extending_is_no_revocation(alone: InstagramHarness) -> None:
    due = aged(alone, 51)
    alone.city.fault("GET", "/refresh_access_token", Fault.status(503))
    with pytest.raises(AuthTransient):
        alone.connector(due).renew()
    alone.city.fault("GET", "/refresh_access_token", Fault.status(200, {"access_token": ""}))
    with pytest.raises(AuthTransient):
        alone.connector(due).renew()
    assert due.read()["token"] == TOKEN
    alone.connector(due).renew()
    assert due.read()["token"] != TOKEN


def test_a_subscription_that_was_lost_is_seen_and_mended(city: InstagramHarness) -> None:
    """Failure mode 12."""
    connector, url = city.connector(), "https://callbox.example/hooks/1"
    assert not any(layer.good for layer in connector.hooks(url, repair=False))
    assert all(layer.good for layer in connector.hooks(url, repair=True))
    city.city.subscribed = ["comments"]
    lost = connector.hooks(url, repair=False)[-1]
    assert not lost.good
    assert "messages" in lost.words
    city.city.subscribed = ["standby"]
    assert all(layer.good for layer in connector.hooks(url, repair=True))
    assert "standby" in city.city.subscribed
    if city.product == "facebook":
        moved = connector.hooks("https://elsewhere.example/hooks", repair=False)[0]
        assert "another address" in moved.words


def test_the_handshake(city: InstagramHarness) -> None:
    connector = city.connector()
    query = {"hub.mode": "subscribe", "hub.verify_token": HOOK_TOKEN, "hub.challenge": "11580"}
    asked = Signed("GET", "https://callbox.example/hooks", {}, b"", query)
    assert connector.receive_hook(asked).body == b"11580"
    wrong = Signed("GET", asked.url, {}, b"", {**query, "hub.verify_token": "no"})
    with pytest.raises(Refused):
        connector.receive_hook(wrong)


def test_the_second_secret_of_an_app_is_taken_too(alone: InstagramHarness) -> None:
    seen = account(alone.city.url)
    secrets = {**seen.secrets, "app_secret": "another", "meta_secret": alone.secrets[1]}
    connector = alone.as_account(type(seen)(seen.id, ACCOUNT, HANDLE, seen.config, secrets))
    assert connector.receive_hook(alone.hook()).raws


class Folder:
    """A download, in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> Sequence[str]:
        return list(self._files)

    def read(self, name: str) -> bytes:
        return self._files[name]


DOWNLOAD = {
    "your_instagram_activity/media/posts_1.json": b'[{"media":[{"uri":"a.jpg",'
    b'"creation_timestamp":1690000000,"title":"One"}]}]',
    "your_instagram_activity/media/stories.json": b'{"ig_stories":[{"uri":"b.jpg",'
    b'"creation_timestamp":1690000001,"title":""}]}',
    "your_instagram_activity/comments/post_comments_1.json": b'[{"string_map_data":{"Comment":'
    b'{"value":"Thanks"},"Time":{"timestamp":1690000002}}}]',
    "your_instagram_activity/messages/inbox/ana_66/message_1.json": b'{"participants":[{"name":'
    b'"Ana"},{"name":"Harbor Police"}],"messages":[{"sender_name":"Ana","timestamp_ms":'
    b'1690000003000,"content":"Hello"},{"sender_name":"Harbor Police","timestamp_ms":'
    b'1690000004000,"content":"Hello. Sgt. Kim"},{"sender_name":"Ana"}]}',
    "personal_information/personal_information.json": b'{"profile_user":[{"string_map_data":'
    b'{"Name":{"value":"Harbor Police"},"Username":{"value":"harbor_pd"}}}]}',
    "media/posts/a.jpg": b"\xff\xd8",
}


def test_the_networks_own_download(alone: InstagramHarness) -> None:
    connector = alone.connector()
    raws = list(connector.archive(Folder(DOWNLOAD)))
    events = [event for raw in raws for event in connector.parse(raw)]
    assert [type(event) for event in events].count(Ours) == 4
    (said,) = [event for event in events if isinstance(event, Said)]
    assert (said.text, said.root_id) == ("Hello", "dm:archive:ana_66")
    again = [event for raw in connector.archive(Folder(DOWNLOAD)) for event in connector.parse(raw)]
    assert again == events


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"index.html": b""}, "no download"),
        ({"media/posts_1.html": b""}, "as JSON"),
        ({"media/posts_1.json": b"{"}, "not JSON"),
    ],
)
def test_what_is_no_download_is_said(
    alone: InstagramHarness, files: Mapping[str, bytes], words: str
) -> None:
    with pytest.raises(Malformed, match=words):
        list(alone.connector().archive(Folder(files)))
