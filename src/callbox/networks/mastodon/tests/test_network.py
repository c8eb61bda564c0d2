"""Against a running server of the Mastodon API."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from callbox.connector import (
    AccountSeen,
    AuthDead,
    OutcomeUnknown,
    Page,
    RateLimited,
    Raw,
    Refused,
    Unavailable,
)
from callbox.networks.mastodon.connector import Mastodon
from callbox.networks.mastodon.tests.conftest import Connect
from callbox.networks.mastodon.tests.make import picture
from callbox.vocabulary import (
    Addressed,
    Deleted,
    Edited,
    Event,
    Lane,
    Media,
    Ours,
    Outgoing,
    Reacted,
    Reaction,
    ReplyTo,
    Said,
)
from tests.servers.mastodon import MastodonServer, Resident

pytestmark = pytest.mark.network
STATUSES = "/api/v1/statuses"


def events(connector: Mastodon, page: Page) -> list[Event]:
    return [event for raw in page.items for event in connector.parse(raw)]


def heard(connector: Mastodon) -> list[Event]:
    """What a new account hears at first."""
    return events(connector, connector.fetch({}))


def asked_and_heard(dept: Mastodon, ana: Resident) -> list[Event]:
    ana.mention("the light is out")
    return heard(dept)


def one_said(found: list[Event]) -> Said:
    (event,) = found
    assert isinstance(event, Said)
    return event


def answer(said: Said, text: str, *, key: str = "key-1", media: tuple[Media, ...] = ()) -> Outgoing:
    root = said.root_id or said.external_id
    reply_to = ReplyTo(said.external_id, root, said.author, said.refs, said.addressed)
    return Outgoing(key, datetime.now(UTC), text, said.lane, "en", reply_to, media)


def test_who_we_are(mastodon: MastodonServer, connect: Connect) -> None:
    identity = connect().identify()
    assert identity.handle.startswith("dept@127.0.0.1:")
    wrong = AccountSeen("1", "", "", {"server": mastodon.url}, {"token": "wrong"})
    with closing(Mastodon(wrong)) as connector, pytest.raises(AuthDead):
        connector.identify()


def test_a_conversation(connect: Connect, ana: Resident) -> None:
    dept = connect()
    cursor = dept.fetch({}).cursor
    asked = ana.mention("the light at 5th & Main is out <b>again</b>", language="en")
    page = dept.fetch(cursor)
    said = one_said(events(dept, page))
    assert said.text == "@dept the light at 5th & Main is out <b>again</b>"
    assert (said.addressed, said.lane, said.language) == (Addressed.MENTION, Lane.PUBLIC, "en")
    assert (said.external_id, said.root_id) == (asked["id"], None)

    receipt = dept.reply(answer(said, "Thank you. We told the city."))
    (shown,) = ana.thread(asked["id"])
    assert (shown["id"], shown["visibility"]) == (receipt.external_id, "public")
    assert dept.look(receipt.external_id).text == "@ana Thank you. We told the city."

    ana.reply(receipt.external_id, "when?")
    page = dept.fetch(page.cursor)
    back = one_said(events(dept, page))
    assert (back.addressed, back.root_id) == (Addressed.REPLY, asked["id"])
    assert back.parent_id == receipt.external_id
    assert [one.text for one in dept.context(back.external_id)] == [
        "@dept the light at 5th & Main is out <b>again</b>",
        "@ana Thank you. We told the city.",
        "@dept when?",
    ]
    assert dept.fetch(page.cursor).items == []


def test_an_answer_that_does_not_name_us(connect: Connect, ana: Resident) -> None:
    dept = connect()
    said = one_said(asked_and_heard(dept, ana))
    receipt = dept.reply(answer(said, "Done."))
    ana.post("is it?", in_reply_to_id=receipt.external_id)
    back = [one for one in heard(dept) if isinstance(one, Said)][-1]
    assert (back.text, back.addressed) == ("is it?", Addressed.REPLY)
    assert back.root_id == said.external_id


def test_pictures_have_descriptions_both_ways(connect: Connect, ana: Resident) -> None:
    dept = connect()
    asked = ana.mention("look", media_ids=[ana.upload(b"png", "A dark corner")])
    said = one_said(heard(dept))
    assert [(one.kind, one.alt) for one in said.attachments] == [("image", "A dark corner")]
    dept.reply(answer(said, "Here.", media=(picture("The new lamp"),)))
    (shown,) = ana.thread(asked["id"])
    assert [one["description"] for one in shown["media_attachments"]] == ["The new lamp"]


def test_a_direct_message_is_answered_directly(
    connect: Connect, ana: Resident, mastodon: MastodonServer
) -> None:
    dept = connect()
    asked = ana.direct("I saw who broke it")
    said = one_said(heard(dept))
    assert (said.addressed, said.lane) == (Addressed.DIRECT, Lane.PRIVATE)
    outgoing = answer(said, "Thank you, we will call.")
    receipt = dept.message(outgoing)
    (shown,) = ana.thread(asked["id"])
    assert (shown["visibility"], shown["mentions"][0]["acct"]) == ("direct", "ana")
    assert dept.find(outgoing) == receipt


def test_an_unlisted_message_is_answered_unlisted(connect: Connect, ana: Resident) -> None:
    dept = connect()
    asked = ana.mention("quietly", visibility="unlisted")
    dept.reply(answer(one_said(heard(dept)), "Quietly too."))
    assert ana.thread(asked["id"])[0]["visibility"] == "unlisted"


def test_saying_it_twice_makes_one_post(connect: Connect, ana: Resident) -> None:
    dept = connect()
    outgoing = answer(one_said(asked_and_heard(dept, ana)), "Once.")
    assert dept.find(outgoing) is None
    first = dept.reply(outgoing)
    assert dept.reply(outgoing) == first
    assert dept.find(outgoing) == first
    assert dept.find(answer(one_said(heard(dept)), "Twice.", key="key-2")) is None


class LostAnswer(httpx.HTTPTransport):
    """The post is made, and the answer to it is lost on the way back."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.method == "POST":
            response.read()
            response.close()
            raise httpx.ReadTimeout("lost", request=request)
        return response


def test_an_answer_that_is_lost_is_found_again(
    connect: Connect, ana: Resident, mastodon: MastodonServer
) -> None:
    dept = connect()
    outgoing = answer(
        one_said(asked_and_heard(dept, ana)), "It is fixed: https://city.example/lights"
    )
    with pytest.raises(OutcomeUnknown):
        connect(transport=LostAnswer()).reply(outgoing)
    receipt = dept.find(outgoing)
    assert receipt is not None
    posts = mastodon.resident("dept").posts()
    assert [post["id"] for post in posts] == [receipt.external_id]


def test_a_server_that_breaks_before_it_acts(
    connect: Connect, ana: Resident, mastodon: MastodonServer
) -> None:
    dept = connect()
    outgoing = answer(one_said(asked_and_heard(dept, ana)), "Coming.")
    mastodon.fault(methods=["POST"], path=STATUSES, status=502)
    with pytest.raises(OutcomeUnknown):
        dept.reply(outgoing)
    assert dept.find(outgoing) is None
    mastodon.fault(methods=["POST"], path=STATUSES, kind="malformed")
    with pytest.raises(OutcomeUnknown):
        dept.reply(outgoing)
    assert dept.find(outgoing) is None
    dept.reply(outgoing)
    assert len(mastodon.resident("dept").posts()) == 1


def test_a_rate_limit(connect: Connect, mastodon: MastodonServer) -> None:
    dept = connect()
    mastodon.fault(path="/api/v1/notifications", kind="ratelimit")
    with pytest.raises(RateLimited) as raised:
        dept.fetch({})
    assert raised.value.until > datetime.now(UTC) + timedelta(minutes=4)
    dept.fetch({})


def test_reading_a_broken_server(connect: Connect, mastodon: MastodonServer) -> None:
    dept = connect()
    for kind in ("status", "malformed"):
        mastodon.fault(path="/api/v1/notifications", kind=kind, status=503)
        with pytest.raises(Unavailable):
            dept.fetch({})


def test_too_long_is_refused_in_the_servers_words(connect: Connect, ana: Resident) -> None:
    dept = connect()
    outgoing = answer(one_said(asked_and_heard(dept, ana)), "x" * 600)
    assert [problem.code for problem in dept.check(outgoing)] == ["too_long"]
    with pytest.raises(Refused, match="too long"):
        dept.reply(outgoing)


def test_edits_and_deletions_of_residents(connect: Connect, ana: Resident, ben: Resident) -> None:
    dept = connect()
    kept, gone = ana.mention("5th and Main"), ben.mention("never mind")
    cursor = dept.fetch({}).cursor
    ana.edit(kept["id"], "@dept 6th and Main")
    ben.delete(gone["id"])
    later = connect(now=lambda: datetime.now(UTC) + timedelta(minutes=5))
    edited, deleted = events(later, later.fetch(cursor))
    assert isinstance(edited, Edited)
    assert (edited.external_id, edited.text) == (kept["id"], "@dept 6th and Main")
    assert isinstance(deleted, Deleted)
    assert deleted.external_id == gone["id"]


def test_editing_and_deleting_our_own(connect: Connect, ana: Resident) -> None:
    dept = connect()
    outgoing = answer(one_said(asked_and_heard(dept, ana)), "On Monday.", media=(picture(),))
    receipt = dept.reply(outgoing)
    dept.edit(receipt.external_id, answer(one_said(heard(dept)), "On Tuesday."))
    assert dept.look(receipt.external_id).text == "@ana On Tuesday."
    assert len(ana.status(receipt.external_id)["media_attachments"]) == 1
    dept.delete(receipt.external_id)
    dept.delete(receipt.external_id)
    assert dept.look(receipt.external_id).gone


def test_reactions_are_counted(connect: Connect, ana: Resident, ben: Resident) -> None:
    dept = connect()
    said = one_said(asked_and_heard(dept, ana))
    receipt = dept.reply(answer(said, "Fixed."))
    ana.favourite(receipt.external_id)
    ben.boost(receipt.external_id)
    reactions = [one for one in heard(dept) if isinstance(one, Reacted)]
    assert [(one.target_id, one.reaction) for one in reactions] == [
        (receipt.external_id, Reaction.LIKE),
        (receipt.external_id, Reaction.SHARE),
    ]
    dept.like(said.external_id, said.refs)
    dept.like(said.external_id, said.refs)
    assert ana.status(said.external_id)["favourites_count"] == 1


def test_many_are_read_without_a_gap(connect: Connect, ana: Resident, ben: Resident) -> None:
    dept = connect()
    page = dept.fetch({})
    root = ana.mention("number 0")
    sent = ["@dept number 0"]
    for number in range(1, 95):
        (ana, ben)[number % 2].reply(root["id"], f"number {number}")
        sent.append(f"@dept number {number}")
    found: list[Said] = []
    pages = 0
    while pages == 0 or page.more:
        page = dept.fetch(page.cursor)
        found += [one for one in events(dept, page) if isinstance(one, Said)]
        pages += 1
        assert not page.gap
    assert [one.text for one in found] == sent
    assert {one.root_id for one in found} == {None, root["id"]}
    assert pages >= 3


@pytest.fixture
def streamed(connect: Connect) -> Iterator[tuple[list[Raw], threading.Condition]]:
    """What the department's stream brings, while the test goes on."""
    raws: list[Raw] = []
    came = threading.Condition()
    dept, end = connect(), threading.Event()

    def listen() -> None:
        for raw in dept.listen():
            with came:
                raws.extend([raw] if raw else [])
                came.notify_all()
            if end.is_set():
                return

    thread = threading.Thread(target=listen)
    with came:
        thread.start()
        assert came.wait(10)
    yield raws, came
    end.set()
    thread.join(10)
    assert not thread.is_alive()


def test_streaming(
    connect: Connect,
    streamed: tuple[list[Raw], threading.Condition],
    ana: Resident,
) -> None:
    raws, came = streamed
    dept = connect()
    asked = ana.mention("the light is out")
    said = one_said(heard(dept))
    receipt = dept.reply(answer(said, "Thank you."))
    ana.direct("and a secret")
    ana.reply(receipt.external_id, "when?")
    dept.delete(receipt.external_id)
    with came:
        assert came.wait_for(lambda: len(raws) >= 5, 10)
    found = [event for raw in raws for event in dept.parse(raw)]
    assert [type(one) for one in found] == [Said, Ours, Said, Said, Deleted]
    assert found[0] == said, "the same message as by polling"
    echo, direct, back = found[1], found[2], found[3]
    assert isinstance(echo, Ours)
    assert (echo.external_id, echo.root_id) == (receipt.external_id, asked["id"])
    assert isinstance(direct, Said)
    assert direct.addressed is Addressed.DIRECT
    assert isinstance(back, Said)
    assert back.root_id == asked["id"]
