"""Against the stand-in: sending, finding, polling, webhooks, and what goes wrong."""

import base64
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbox.connector import (
    AuthDead,
    OutcomeUnknown,
    RateLimited,
    Raw,
    Refused,
    Unavailable,
)
from callbox.networks.sms.connector import Sms
from callbox.networks.sms.tests.harness import ANA, HOOK_URL, SmsHarness
from callbox.vocabulary import AttachmentSeen, AuthorSeen, Media, Ours, ReplyTo, Said
from tests.servers.standin import Answer, Fault
from tests.servers.twilio import ACCOUNT, KEY, KEY_SECRET, NUMBER, SERVICE, TOKEN, Twilio

MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
PICTURE = Media(b"png", "image/png", "A map", url="https://callbox.example/m/1")


def bodies(sms: Sms, raws: Any) -> list[str]:
    events = [event for raw in raws for event in sms.parse(raw)]
    return [event.text for event in events if isinstance(event, Said | Ours)]


def walk(sms: Sms, cursor: dict[str, Any]) -> tuple[list[Raw], dict[str, Any]]:
    raws: list[Raw] = []
    while True:
        page = sms.fetch(cursor)
        raws += page.items
        cursor = dict(page.cursor)
        if not page.more:
            return raws, cursor


# --- connecting -----------------------------------------------------------------------------------


def test_who_we_are(sms: Sms, harness: SmsHarness) -> None:
    assert sms.identify().external_id == NUMBER
    assert sms.identify().name == "Front desk"
    with pytest.raises(Refused):
        harness.connector(external_id="+13125550111").identify()
    assert harness.connector(external_id=SERVICE).identify().external_id == SERVICE


def test_an_api_key_logs_in(harness: SmsHarness, server: Twilio) -> None:
    harness.connector(api_key=KEY).identify()
    sent = server.calls[-1].headers["authorization"].partition(" ")[2]
    assert base64.b64decode(sent).decode() == f"{KEY}:{KEY_SECRET}"


def test_a_login_that_is_over(sms: Sms, harness: SmsHarness) -> None:
    harness.revoke()
    with pytest.raises(AuthDead) as error:
        sms.identify()
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize("config", [{"account_sid": "../x"}, {"api_key": "SKnone"}])
def test_a_login_that_cannot_be(harness: SmsHarness, config: dict[str, str]) -> None:
    with pytest.raises(AuthDead):
        harness.connector(**config).identify()


def test_the_webhook_is_looked_after(sms: Sms, harness: SmsHarness, server: Twilio) -> None:
    assert [layer.good for layer in sms.hooks(HOOK_URL, repair=False)] == [False]
    assert [layer.good for layer in sms.hooks(HOOK_URL, repair=True)] == [True]
    assert server.numbers[NUMBER]["sms_url"] == HOOK_URL
    assert [layer.good for layer in sms.hooks(HOOK_URL, repair=False)] == [True]
    server.numbers[NUMBER]["sms_application_sid"] = "AP" + "0e" * 16
    (layer,) = sms.hooks(HOOK_URL, repair=True)
    assert not layer.good
    assert "TwiML" in layer.words
    (layer,) = harness.connector(external_id=SERVICE).hooks(HOOK_URL, repair=True)
    assert HOOK_URL in layer.words


# --- hearing --------------------------------------------------------------------------------------


def test_a_webhook_and_its_repetition(sms: Sms, server: Twilio) -> None:
    server.text(ANA, "Is the desk open?")
    request = server.hooks[0]
    first, again = (sms.receive_hook(request) for _ in range(2))
    assert (first.status, first.content_type) == (200, "text/xml")
    ids = {event.external_id for raw in (*first.raws, *again.raws) for event in sms.parse(raw)}
    assert len(ids) == 1


def test_one_address_may_serve_several_numbers(harness: SmsHarness, server: Twilio) -> None:
    other = harness.connector(external_id="+13125550101")
    server.text(ANA, "For the first", service=SERVICE)
    (request,) = server.hooks
    assert [raw.to for raw in other.receive_hook(request).raws] == [NUMBER, SERVICE]
    assert [raw.to for raw in harness.connector().receive_hook(request).raws] == [NUMBER]
    report = server.status(server.outgoing(ANA, "Yes."), "delivered")
    assert [raw.to for raw in other.receive_hook(report).raws] == [NUMBER]


def test_polling_finds_what_the_webhook_missed(sms: Sms, server: Twilio) -> None:
    _, cursor = walk(sms, {})
    server.text(ANA, "First", push=False)
    server.text(ANA, "Second", push=False, pictures=[("image/jpeg", b"jpeg")])
    server.outgoing(ANA, "Ours")
    raws, cursor = walk(sms, cursor)
    assert sorted(bodies(sms, raws)) == ["First", "Ours", "Second"]
    assert bodies(sms, raws)[:2] == ["First", "Second"]
    assert walk(sms, cursor) == ([], cursor)


def test_many_pages_without_a_gap(sms: Sms, server: Twilio) -> None:
    server.page_size = 7
    _, cursor = walk(sms, {})
    for i in range(40):
        server.text(ANA, f"Number {i}", push=False)
    first = sms.fetch(cursor)
    assert first.more
    server.text(ANA, "Meanwhile", push=False)
    rest, cursor = walk(sms, dict(first.cursor))
    heard = set(bodies(sms, [*first.items, *rest]))
    later, cursor = walk(sms, cursor)
    heard |= set(bodies(sms, later))
    assert heard == {f"Number {i}" for i in range(40)} | {"Meanwhile"}


def test_the_cursor_never_goes_back(sms: Sms, server: Twilio) -> None:
    cursor: dict[str, Any] = {}
    marks = []
    for i in range(4):
        server.text(ANA, f"Number {i}", push=False)
        _, cursor = walk(sms, cursor)
        marks.append(cursor["since"])
    assert marks == sorted(marks)


def test_a_text_that_is_listed_late_is_found(sms: Sms, server: Twilio) -> None:
    server.text(ANA, "Prompt", push=False)
    _, cursor = walk(sms, {})
    now = datetime.now(UTC) - timedelta(minutes=5)
    server.now = lambda: now
    server.text(ANA, "Late", push=False)
    raws, _ = walk(sms, cursor)
    assert bodies(sms, raws) == ["Late"]


def test_a_page_that_is_forgotten_is_asked_for_again(sms: Sms, server: Twilio) -> None:
    server.page_size = 2
    _, cursor = walk(sms, {})
    for i in range(5):
        server.text(ANA, f"Number {i}", push=False)
    first = sms.fetch(cursor)
    server.fault("GET", MESSAGES, Fault(Answer(400, {"code": 20001, "message": "Bad page"})))
    rest, _ = walk(sms, dict(first.cursor))
    heard = set(bodies(sms, [*first.items, *rest]))
    assert heard == {f"Number {i}" for i in range(5)}


def test_the_past(sms: Sms, server: Twilio) -> None:
    server.page_size = 3
    for i in range(7):
        server.text(ANA, f"Number {i}", push=False)
    server.outgoing(ANA, "Ours")
    cursor: dict[str, Any] = {}
    heard: list[str] = []
    more = True
    while more:
        page = sms.history(cursor)
        heard += bodies(sms, page.items)
        cursor, more = dict(page.cursor), page.more
    assert heard == [*(f"Number {i}" for i in reversed(range(7))), "Ours"]


def test_a_messaging_service_hears_only_its_own(harness: SmsHarness, server: Twilio) -> None:
    service = harness.connector(external_id=SERVICE)
    _, cursor = walk(service, {})
    server.text(ANA, "For the service", service=SERVICE, push=False)
    server.text(ANA, "For another", push=False)
    raws, _ = walk(service, cursor)
    assert bodies(service, raws) == ["For the service"]
    named = harness.connector(external_id=SERVICE, numbers=NUMBER)
    raws, _ = walk(named, {})
    assert len(raws) == 2


def test_pictures_are_fetched_with_our_login_from_twilio_only(sms: Sms, server: Twilio) -> None:
    sid = server.text(ANA, "", pictures=[("image/jpeg", b"jpeg")])
    (raw,) = sms.receive_hook(server.hooks[0]).raws
    (event,) = sms.parse(raw)
    assert isinstance(event, Said)
    located = sms.locate(event.attachments[0])
    assert located.headers["authorization"].startswith("Basic ")
    assert TOKEN not in located.url
    assert sid in located.url
    for url in (
        "https://api.twilio.com.evil.example/2010-04-01/x",
        f"{server.url.replace('127.0.0.1', 'localhost')}/x",
        "http://[bad/",
    ):
        assert sms.locate(AttachmentSeen("image", url)).headers == {}


# --- speaking -------------------------------------------------------------------------------------


def test_an_answer(sms: Sms, harness: SmsHarness, server: Twilio) -> None:
    receipt = sms.message(harness.answer(harness.say("Open?"), "Until four. – Officer Reyes", "k"))
    form = server.made("POST", MESSAGES)[0].form()
    assert form == {
        "To": ANA,
        "From": NUMBER,
        "Body": "Until four. - Officer Reyes",
        "StatusCallback": HOOK_URL,
    }
    assert not sms.look(receipt.external_id).gone
    server.status(receipt.external_id, "undelivered", 30005)
    assert sms.look(receipt.external_id).gone
    assert not sms.look("SM" + "9" * 32).gone


def test_a_messaging_service_answers_from_the_number_they_texted(harness: SmsHarness) -> None:
    service = harness.connector(external_id=SERVICE)
    service.message(harness.answer(harness.say("Open?"), "Yes.", "k"))
    form = harness.server.made("POST", MESSAGES)[0].form()
    assert (form["MessagingServiceSid"], form["From"]) == (SERVICE, NUMBER)


def test_a_picture(sms: Sms, harness: SmsHarness) -> None:
    outgoing = dataclasses.replace(
        harness.answer(harness.say("Where?"), "Here.", "k"), media=(PICTURE, PICTURE)
    )
    sms.message(outgoing)
    assert harness.server.sent[0]["num_media"] == "2"
    without = dataclasses.replace(outgoing, media=(dataclasses.replace(PICTURE, url=""),))
    assert [one.code for one in sms.check(without)] == ["no_address"]
    with pytest.raises(Refused):
        sms.message(without)


def test_what_does_not_fit(sms: Sms, harness: SmsHarness) -> None:
    good = harness.answer(harness.say("Open?"), "Yes.", "k")
    assert sms.check(good) == []
    for change, code in [
        ({"text": " "}, "empty"),
        ({"text": "a" * 1601}, "too_long"),
        ({"media": (PICTURE,) * 11}, "too_many_images"),
        ({"media": (dataclasses.replace(PICTURE, mime="image/webp"),)}, "image_kind"),
        ({"media": (dataclasses.replace(PICTURE, content=b"0" * 6_000_000),)}, "image_size"),
        ({"media": (dataclasses.replace(PICTURE, alt=""),)}, "alt_missing"),
    ]:
        assert [one.code for one in sms.check(dataclasses.replace(good, **change))] == [code]


def test_nobody_texts_who_texted_stop(sms: Sms, harness: SmsHarness) -> None:
    outgoing = harness.answer(harness.say("STOP"), "Goodbye.", "k")
    assert outgoing.reply_to is not None
    barrier = sms.barrier("message", outgoing.reply_to)
    assert barrier is not None
    assert "START" in barrier.words
    with pytest.raises(Refused, match="texted STOP"):
        sms.message(outgoing)
    again = harness.answer(harness.say("start"), "Welcome back.", "k2")
    assert again.reply_to is not None
    assert sms.barrier("message", again.reply_to) is None
    sms.message(again)


def test_what_texts_cannot_do_is_explained(sms: Sms) -> None:
    to = ReplyTo("SM1", "dm:x", AuthorSeen("CHICAGO"))
    for ability in ("reply", "publish", "like", "hide", "edit", "delete"):
        barrier = sms.barrier(ability, to)
        assert barrier is not None
        assert barrier.words == sms.cannot[ability]
    barrier = sms.barrier("message", to)
    assert barrier is not None
    assert "phone number" in barrier.words


# --- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_is_looked_up(sms: Sms, harness: SmsHarness, *, done: bool) -> None:
    """Failure mode 1: the answer is lost, and looking tells whether the text went out."""
    outgoing = harness.answer(harness.say("Open?"), "It’s open – until four…", "k")
    harness.break_next_write(done=done)
    with pytest.raises(OutcomeUnknown):
        sms.message(outgoing)
    found = sms.find(outgoing)
    assert (found.external_id if found else None) == (
        harness.server.sent[0]["sid"] if done else None
    )


def test_an_older_text_with_the_same_words_is_not_ours(sms: Sms, harness: SmsHarness) -> None:
    server = harness.server
    past = datetime.now(UTC) - timedelta(minutes=10)
    server.now = lambda: past
    server.outgoing(ANA, "Yes.")
    server.now = lambda: datetime.now(UTC)
    outgoing = harness.answer(harness.say("Open?"), "Yes.", "k")
    assert sms.find(outgoing) is None
    server.outgoing("+13125550155", "Yes.")
    assert sms.find(outgoing) is None
    sid = server.outgoing(ANA, "Sent from your Twilio trial account - Yes.")
    found = sms.find(outgoing)
    assert found is not None
    assert found.external_id == sid


def test_an_echo_before_the_answer_has_its_id(sms: Sms, harness: SmsHarness) -> None:
    """Failure mode 8: what polling shows of our own text has the id that sending gave."""
    receipt = sms.message(harness.answer(harness.say("Open?"), "Yes.", "k"))
    raws, _ = walk(sms, {})
    echoes = [e for raw in raws for e in sms.parse(raw) if isinstance(e, Ours)]
    assert [one.external_id for one in echoes] == [receipt.external_id]


def test_failures_have_their_names(sms: Sms, harness: SmsHarness) -> None:
    outgoing = harness.answer(harness.say("Open?"), "Yes.", "k")
    send = lambda: sms.message(outgoing)  # noqa: E731  # named for the table below
    read = lambda: sms.fetch({})  # noqa: E731
    for status, code, call, error in [
        (400, 21211, send, Refused),
        (403, 0, send, Refused),
        (503, 20503, send, OutcomeUnknown),
        (503, 20503, read, Unavailable),
        (401, 20003, read, AuthDead),
        (401, 0, read, Unavailable),  # something in between, not Twilio
        (302, 0, read, Refused),
    ]:
        body: Any = {"code": code, "message": "No."} if code else "<html>"
        harness.server.fault("*", "*", Fault(Answer(status, body)))
        with pytest.raises(error):
            call()


def test_a_limit_ends_when_twilio_says(sms: Sms, harness: SmsHarness) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    outgoing = harness.answer(harness.say("Open?"), "Yes.", "k")
    sms.now = lambda: now
    harness.limit_next(17)
    with pytest.raises(RateLimited) as error:
        sms.message(outgoing)
    assert error.value.until == now + timedelta(seconds=17)
    assert harness.said_by_us() == []


def test_looking_ends_even_where_there_is_no_end(sms: Sms, harness: SmsHarness) -> None:
    outgoing = harness.answer(harness.say("Open?"), "Yes.", "k")
    past = datetime.now(UTC) - timedelta(hours=1)
    harness.server.now = lambda: past
    for i in range(70):
        harness.server.outgoing(ANA, f"Number {i}")
    assert sms.find(outgoing) is None
    assert len(harness.server.made("GET", MESSAGES)) == 1
    harness.server.now = lambda: datetime.now(UTC)
    for i in range(1001):
        harness.server.outgoing(ANA, f"Number {i}")
    with pytest.raises(Unavailable, match="too many newer"):
        sms.find(outgoing)


def test_answers_that_make_no_sense(sms: Sms, harness: SmsHarness) -> None:
    outgoing = harness.answer(harness.say("Open?"), "Yes.", "k")
    for body in ("<html>", {"sid": 7}, []):
        harness.server.fault("POST", "*", Fault(Answer(201, body)))
        with pytest.raises(OutcomeUnknown):
            sms.message(outgoing)
    harness.server.fault("GET", "*", Fault(Answer(200, "<html>")))
    with pytest.raises(Unavailable):
        sms.fetch({})


def test_a_long_text_is_cut_into_parts(sms: Sms) -> None:
    assert [sms.parts("x" * length) for length in (1, 160, 161, 307)] == [1, 1, 2, 3]
    assert [sms.parts("谢" * length) for length in (70, 71)] == [1, 2]
