"""Against the stand-in: webhooks, speaking within the 24 hours and after, and what goes wrong."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from callbox.connector import (
    AccountSeen,
    AuthDead,
    HookAnswer,
    Malformed,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Signed,
    Unavailable,
    WindowClosed,
)
from callbox.networks.whatsapp.connector import WhatsApp
from callbox.networks.whatsapp.tests.harness import ANA, HOOK_TOKEN, HOOK_URL, WhatsAppHarness
from callbox.vocabulary import AttachmentSeen, Media, Ours, Outgoing, ReplyTo, Reported, Said
from tests.servers.standin import Answer, Fault
from tests.servers.whatsapp import PHONE, TEMPLATE, TOKEN, WABA, refusal
from tests.servers.whatsapp import WhatsApp as Server

KEY = "0123456789abcdef0123456789abcdef"
PICTURE = Media(b"\xff\xd8jpeg", "image/jpeg", "A map", "map.jpg")


def answer(harness: WhatsAppHarness, words: str = "Until four.") -> Outgoing:
    return harness.answer(harness.say("Open?"), words, KEY)


def later(connector: WhatsApp, server: Server, hours: float) -> None:
    """Let time pass, for us and for WhatsApp."""
    now = datetime.now(UTC) + timedelta(hours=hours)
    connector.now = server.now = lambda: now


# --- connecting -----------------------------------------------------------------------------------


def test_who_we_are(whatsapp: WhatsApp, harness: WhatsAppHarness) -> None:
    me = whatsapp.identify()
    assert (me.external_id, me.handle, me.name) == (PHONE, "+1 312-555-0100", "7th District")
    assert me.profile_url == "https://wa.me/13125550100"
    harness.revoke()
    with pytest.raises(AuthDead):
        whatsapp.identify()


def test_ids_that_are_none_go_nowhere(server: Server) -> None:
    for config in ({}, {"phone_number_id": "../me"}, {"phone_number_id": "+1 312"}):
        account = AccountSeen("1", "", "", {"server": server.url, **config}, {"token": TOKEN})
        with pytest.raises(Refused):
            WhatsApp(account).identify()
    assert not server.calls


def test_webhooks_are_set_up_and_looked_after(whatsapp: WhatsApp, server: Server) -> None:
    assert [layer.good for layer in whatsapp.hooks(HOOK_URL, repair=False)] == [False, False]
    assert [layer.good for layer in whatsapp.hooks(HOOK_URL, repair=True)] == [True, True]
    body = server.made("POST", f"*/{WABA}/subscribed_apps")[0].json()
    assert body == {"override_callback_uri": HOOK_URL, "verify_token": HOOK_TOKEN}
    server.callback = "https://elsewhere.example/"
    assert [layer.good for layer in whatsapp.hooks(HOOK_URL, repair=False)] == [True, False]


def handshake(connector: WhatsApp, **query: str) -> HookAnswer:
    named = {f"hub.{name}": value for name, value in query.items()}
    return connector.receive_hook(Signed("GET", HOOK_URL, {}, b"", named))


def test_the_handshake(whatsapp: WhatsApp) -> None:
    good = {"mode": "subscribe", "challenge": "1158201444", "verify_token": HOOK_TOKEN}
    assert handshake(whatsapp, **good).body == b"1158201444"
    with pytest.raises(Refused):
        handshake(whatsapp, **{**good, "verify_token": "other"})
    greeter = WhatsApp(AccountSeen("new", "", "", {}, {"hook_token": HOOK_TOKEN}))
    assert handshake(greeter, **good).body == b"1158201444"


# --- hearing --------------------------------------------------------------------------------------


def test_a_webhook_and_its_repetition(whatsapp: WhatsApp, harness: WhatsAppHarness) -> None:
    request = harness.hook()
    first, again = whatsapp.receive_hook(request), whatsapp.receive_hook(request)
    assert first.raws[0].body == request.body  # as it came, not written anew
    events = [event for raw in (*first.raws, *again.raws) for event in whatsapp.parse(raw)]
    assert len({event.external_id for event in events if isinstance(event, Said)}) == 1


@pytest.mark.parametrize("change", [{"body": b"{}"}, {"headers": {}}, {"secret": "other"}])
def test_a_webhook_that_is_not_signed_is_refused(
    whatsapp: WhatsApp, harness: WhatsAppHarness, change: Mapping[str, Any]
) -> None:
    """Failure mode 14: the signature is over the bytes as they came."""
    good = harness.hook()
    if secret := change.get("secret"):
        bad = harness.server.signed(good.body, secret)
    else:
        bad = dataclasses.replace(good, **change)
    with pytest.raises(Refused):
        whatsapp.receive_hook(bad)
    with pytest.raises(Malformed):
        whatsapp.receive_hook(harness.server.signed(b"\xff"))


def test_one_address_serves_every_number(whatsapp: WhatsApp, server: Server) -> None:
    server.tell({"statuses": []}, phone="999")
    server.tell({"statuses": []}, {"statuses": []})
    other, ours = server.hooks
    assert [raw.to for raw in whatsapp.receive_hook(other).raws] == ["999"]
    assert [raw.to for raw in whatsapp.receive_hook(ours).raws] == [PHONE, PHONE]


def test_a_picture_is_located_with_our_token_at_meta_only(
    whatsapp: WhatsApp, server: Server
) -> None:
    server.picture(ANA, b"\xff\xd8jpeg", "Here")
    (raw,) = whatsapp.receive_hook(server.hooks[0]).raws
    (event,) = whatsapp.parse(raw)
    assert isinstance(event, Said)
    located = whatsapp.locate(event.attachments[0])
    assert TOKEN not in located.url
    assert httpx.get(located.url, headers=dict(located.headers)).content == b"\xff\xd8jpeg"
    with pytest.raises(Refused):
        whatsapp.locate(AttachmentSeen("image", "whatsapp:123"))
    assert whatsapp.locate(AttachmentSeen("link", "https://a.example/")).headers == {}


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        ("https://fbsbx.com.evil.example/x", False),
        ("https://evilfbsbx.com/x", False),
        ("http://lookaside.fbsbx.com/x", False),
        ("http://[bad/", False),
    ],
)
def test_where_files_may_be(whatsapp: WhatsApp, server: Server, url: str, *, good: bool) -> None:
    body = {"id": "123", "url": url, "mime_type": "image/jpeg"}
    server.fault("GET", "*/123", Fault(Answer(200, body)))
    if good:
        assert whatsapp.locate(AttachmentSeen("image", "whatsapp:123")).headers
    else:
        with pytest.raises(Refused):
            whatsapp.locate(AttachmentSeen("image", "whatsapp:123"))


# --- speaking -------------------------------------------------------------------------------------


def test_an_answer(whatsapp: WhatsApp, harness: WhatsAppHarness) -> None:
    outgoing = answer(harness, "Until four.\n— Officer Reyes")
    receipt = whatsapp.message(outgoing)
    (sent,) = harness.server.sent
    assert sent["id"] == receipt.external_id
    assert outgoing.reply_to is not None
    assert sent["body"] == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": ANA,
        "biz_opaque_callback_data": KEY,
        "context": {"message_id": outgoing.reply_to.parent_id},
        "type": "text",
        "text": {"body": "Until four.\n— Officer Reyes", "preview_url": False},
    }


def test_an_answer_to_somebody_who_hides_their_number(
    whatsapp: WhatsApp, harness: WhatsAppHarness
) -> None:
    bo = "US.13491208655302741918"
    wamid = harness.noted(harness.server.text("", "Hello", user_id=bo, name="Bo"))
    whatsapp.message(harness.answer(wamid, "Hello Bo.", KEY))
    body = harness.server.sent[0]["body"]
    assert (body["recipient"], "to" in body) == (bo, False)


def test_pictures_and_a_video(whatsapp: WhatsApp, harness: WhatsAppHarness, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"mp4" * 100)
    video = Media(b"", "video/mp4", "A parade", "film.mp4", path=film)
    for media, kind in ((PICTURE, "image"), (video, "video")):
        whatsapp.message(dataclasses.replace(answer(harness, "Here."), media=(media,)))
        body = harness.server.sent[-1]["body"]
        assert body[kind]["caption"] == "Here."
        assert body[kind]["id"] in harness.server.files
    assert any(b"mp4" * 100 in content for content in harness.server.files.values())


def test_an_upload_that_fails_says_nothing_to_anybody(
    whatsapp: WhatsApp, harness: WhatsAppHarness
) -> None:
    outgoing = dataclasses.replace(answer(harness), media=(PICTURE,))
    for fault in (Fault.after_success(), Fault(refusal(500, 1, "Unknown error"))):
        harness.server.fault("POST", "*/media", fault)
        with pytest.raises(Unavailable):
            whatsapp.message(outgoing)
    assert harness.said_by_us() == []


def test_the_24_hours(whatsapp: WhatsApp, harness: WhatsAppHarness) -> None:
    """Failure mode 10: open at 23:59, closed at 24:00, said before anybody tries."""
    outgoing = answer(harness)
    to = outgoing.reply_to
    assert to is not None
    later(whatsapp, harness.server, 23.98)
    assert whatsapp.barrier("message", to) is None
    assert whatsapp.barrier("like", to) is None
    whatsapp.message(outgoing)
    later(whatsapp, harness.server, 24.01)
    for ability in ("message", "like"):
        barrier = whatsapp.barrier(ability, to)
        assert barrier is not None
        assert "24 hours" in barrier.words
    with pytest.raises(WindowClosed) as error:
        whatsapp.message(outgoing)
    assert to.heard_at is not None
    assert error.value.since == to.heard_at + timedelta(hours=24)
    assert len(harness.server.sent) == 1


def test_whatsapps_own_word_on_the_window(whatsapp: WhatsApp, harness: WhatsAppHarness) -> None:
    outgoing = answer(harness)
    now = datetime.now(UTC) + timedelta(hours=25)
    harness.server.now = lambda: now  # its clock decides
    with pytest.raises(WindowClosed):
        whatsapp.message(outgoing)


def test_after_24_hours_a_template_carries_the_words(harness: WhatsAppHarness) -> None:
    whatsapp = harness.connector(template=TEMPLATE)
    outgoing = answer(harness, "Until four.\n— Officer Reyes")
    later(whatsapp, harness.server, 30)
    assert outgoing.reply_to is not None
    assert whatsapp.barrier("message", outgoing.reply_to) is None
    whatsapp.message(outgoing)
    assert harness.said_by_us() == ["Until four. — Officer Reyes"]
    for change, code in [
        ({"text": "a" * 901}, "too_long"),
        ({"media": (PICTURE,)}, "no_pictures_late"),
    ]:
        assert [one.code for one in whatsapp.check(dataclasses.replace(outgoing, **change))] == [
            code
        ]
    for change in ({"by_person": False}, {"media": (PICTURE,)}):
        with pytest.raises(WindowClosed):
            whatsapp.message(dataclasses.replace(outgoing, **change))
    other = harness.connector(template="unknown")
    other.now = whatsapp.now
    with pytest.raises(Refused, match="no approved template"):
        other.message(outgoing)


def test_a_like(whatsapp: WhatsApp, harness: WhatsAppHarness) -> None:
    to = answer(harness).reply_to
    assert to is not None
    whatsapp.like(to.parent_id, to.refs)
    body = harness.server.sent[0]["body"]
    assert body["reaction"] == {"message_id": to.parent_id, "emoji": "👍"}


def test_who_is_blocked(whatsapp: WhatsApp) -> None:
    (one,) = whatsapp.blocked()
    assert one.handle == "+13125550166"
    for _ in range(2):
        whatsapp.unblock(one.external_id)
    assert whatsapp.blocked() == []


def test_what_whatsapp_cannot_do_is_explained(whatsapp: WhatsApp) -> None:
    to = ReplyTo("wamid.A", "dm:1", None)
    for ability in ("reply", "publish", "hide", "edit", "delete", "look", "history"):
        barrier = whatsapp.barrier(ability, to)
        assert barrier is not None
        assert barrier.words == whatsapp.cannot[ability]
    barrier = whatsapp.barrier("message", to)
    assert barrier is not None
    assert "did not say who" in barrier.words
    with pytest.raises(Refused):
        whatsapp.message(Outgoing(KEY, datetime.now(UTC), "Hello", reply_to=to))
    with pytest.raises(Refused):
        whatsapp.message(Outgoing(KEY, datetime.now(UTC), "Hello"))


def test_what_does_not_fit(whatsapp: WhatsApp, harness: WhatsAppHarness) -> None:
    good = answer(harness)
    assert whatsapp.check(good) == ()
    for change, code in [
        ({"text": " "}, "empty"),
        ({"text": "a" * 4097}, "too_long"),
        ({"text": "a" * 1025, "media": (PICTURE,)}, "too_long"),
        ({"media": (PICTURE, PICTURE)}, "too_many_images"),
        ({"media": (dataclasses.replace(PICTURE, mime="image/gif"),)}, "media_kind"),
        ({"media": (dataclasses.replace(PICTURE, content=b"0" * 6_000_000),)}, "media_size"),
        ({"media": (dataclasses.replace(PICTURE, alt=""),)}, "alt_missing"),
    ]:
        assert [one.code for one in whatsapp.check(dataclasses.replace(good, **change))] == [code]


# --- what goes wrong ------------------------------------------------------------------------------


def test_a_lost_answer_is_settled_by_the_next_report(
    whatsapp: WhatsApp, harness: WhatsAppHarness
) -> None:
    """Failure modes 1 and 8: nobody can look, but the report has our key, and the same id whether
    it comes before or after the answer."""
    harness.break_next_write(done=True)
    with pytest.raises(OutcomeUnknown):
        whatsapp.message(answer(harness))
    with pytest.raises(Unavailable, match="reports by itself"):
        whatsapp.find(answer(harness))
    (sent,) = harness.server.sent
    (raw,) = whatsapp.receive_hook(harness.server.status(sent["id"], "delivered")).raws
    echo, report = whatsapp.parse(raw)
    assert isinstance(echo, Ours)
    assert isinstance(report, Reported)
    assert (echo.key, echo.external_id) == (KEY, sent["id"])


def test_an_answer_that_never_arrived_brings_no_report(
    whatsapp: WhatsApp, harness: WhatsAppHarness
) -> None:
    harness.break_next_write(done=False)
    with pytest.raises(OutcomeUnknown):
        whatsapp.message(answer(harness))
    assert harness.server.sent == []


def test_failures_have_their_names(whatsapp: WhatsApp, harness: WhatsAppHarness) -> None:
    outgoing = answer(harness)
    for response, error in [
        (refusal(400, 131047, "Re-engagement message"), WindowClosed),
        (refusal(400, 131026, "Message undeliverable"), Refused),
        (refusal(400, 131056, "Pair rate limit hit"), RateLimited),
        (refusal(429, 130429, "Rate limit hit"), RateLimited),
        (refusal(401, 190, "Error validating access token", 463), AuthDead),
        (refusal(403, 10, "Permission denied"), Refused),
        (refusal(500, 131000, "Something went wrong"), OutcomeUnknown),
        (refusal(503, 131016, "Service unavailable"), OutcomeUnknown),
        (Answer(200, {"messaging_product": "whatsapp"}), OutcomeUnknown),
        (Answer(200, "<html>"), OutcomeUnknown),
    ]:
        harness.server.fault("POST", "*/messages", Fault(response))
        with pytest.raises(error):
            whatsapp.message(outgoing)
    assert harness.said_by_us() == []
