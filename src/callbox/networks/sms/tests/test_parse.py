"""Forms and resources, the hostile ones included."""

import json
from itertools import permutations
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import AccountSeen, ConnectorError, Raw
from callbox.networks.sms.connector import Sms
from callbox.networks.sms.tests.harness import SmsHarness
from callbox.vocabulary import Addressed, Lane, Ours, Reported, Said, Stage, Unreadable

SAMPLES = Path(__file__).parent.parent / "samples"
HOOK = "hook@2026-11-23T10:00:00+00:00"
ACCOUNT = AccountSeen("1", "+13125550100", "+13125550100")


def read(name: str, account: AccountSeen = ACCOUNT) -> list[object]:
    kind = HOOK if name.endswith(".form") else "message"
    return list(Sms(account).parse(Raw(kind, (SAMPLES / name).read_bytes())))


def said(name: str, account: AccountSeen = ACCOUNT) -> Said:
    (event,) = read(name, account)
    assert isinstance(event, Said)
    return event


def test_a_text() -> None:
    one = said("in.form")
    assert (one.addressed, one.lane) == (Addressed.DIRECT, Lane.PRIVATE)
    assert one.root_id == "dm:+13125550177"
    assert one.parent_id is None
    assert one.author is not None
    assert one.author.external_id == "+13125550177"
    assert one.refs == {"to": "+13125550100"}


def test_by_webhook_and_by_polling_it_is_the_same_message() -> None:
    hook, listed = said("in.form"), said("message_in.json")
    assert (hook.external_id, hook.root_id, hook.text) == (
        listed.external_id,
        listed.root_id,
        listed.text,
    )


def test_a_picture_message_both_ways() -> None:
    hook, listed = said("picture.form"), said("message_picture.json")
    assert [one.kind for one in hook.attachments] == ["image", "other"]
    assert listed.attachments[0].url == hook.attachments[0].url
    assert listed.attachments[0].url.startswith("https://api.twilio.com/2010-04-01/Accounts/AC")


def test_stop_is_mirrored() -> None:
    assert said("stop.form").refs["opt"] == "out"
    for words, opt in [(" start ", "in"), ("Help", "help"), ("stop it", None), ("QUIT", "out")]:
        form = urlencode({"MessageSid": "SM" + "1" * 32, "Body": words, "From": "+13125550177"})
        (event,) = Sms(ACCOUNT).parse(Raw(HOOK, form.encode()))
        assert isinstance(event, Said)
        assert event.refs.get("opt") == opt


def test_a_text_to_somebody_else_is_not_ours_to_read() -> None:
    assert said("in.form", AccountSeen("1", "+13125550199", "")).addressed is None
    service = AccountSeen("1", "MG" + "0c" * 16, "")
    assert said("service.form", service).addressed is Addressed.DIRECT
    assert said("in.form", service).addressed is None
    named = AccountSeen("1", "MG" + "0c" * 16, "", {"numbers": "+1 312 555-0100; +13125550101"})
    assert said("in.form", named).addressed is Addressed.DIRECT


def test_what_we_sent_comes_back_as_an_echo_with_its_state() -> None:
    echo, report = read("message_out.json")
    assert isinstance(echo, Ours)
    assert isinstance(report, Reported)
    assert (echo.root_id, echo.lane) == ("dm:+13125550177", Lane.PRIVATE)
    assert (report.external_id, report.stage) == (echo.external_id, Stage.DELIVERED)
    _, failed = read("message_out_failed.json")
    assert isinstance(failed, Reported)
    assert failed.stage is Stage.FAILED
    assert "not in use" in failed.words


def test_what_a_carrier_says() -> None:
    (delivered,) = read("status_delivered.form")
    (lost,) = read("status_undelivered.form")
    assert isinstance(delivered, Reported)
    assert isinstance(lost, Reported)
    assert (delivered.stage, lost.stage) == (Stage.DELIVERED, Stage.FAILED)
    assert "off or out of reach" in lost.words


def test_reports_in_any_order_say_the_same(harness: SmsHarness) -> None:
    """Failure mode 9: every report names its own stage, so that no order can lower one."""
    sid = harness.say_as_us("Yes, until four.")
    for order in permutations(("sent", "delivered", "failed")):
        found = harness.report(sid, order=order)
        assert [one.stage.value for one in found] == list(order)


def test_nothing_is_said_of_what_twilio_has_still_to_do(harness: SmsHarness) -> None:
    sid = harness.say_as_us("Yes, until four.")
    for status in ("queued", "accepted", "sending", "scheduled"):
        (raw,) = harness.connector().receive_hook(harness.server.status(sid, status)).raws
        assert harness.connector().parse(raw) == []


def test_a_message_without_an_author() -> None:
    one = said("message_no_author.json")
    assert one.author is None
    assert one.root_id == f"dm:{one.external_id}"


def test_the_hostile_ones_are_put_aside() -> None:
    for name in ("hostile.form", "message_hostile.json"):
        (event,) = read(name)
        assert isinstance(event, Unreadable)


KINDS = st.sampled_from([HOOK, "message", "hook", "hook@x", "", "what@"])


@given(KINDS, st.binary(max_size=200))
def test_any_bytes(kind: str, body: bytes) -> None:
    try:
        Sms(ACCOUNT).parse(Raw(kind, body))
    except ConnectorError:
        return


NAMES = st.sampled_from(
    "sid date_sent date_created direction from to body status error_code num_media media_list "
    "messaging_service_sid uri content_type date_updated".split()
)
WORDS = st.sampled_from(
    ["SM" + "1" * 32, "inbound", "outbound-api", "Mon, 23 Nov 2026 10:00:01 +0000", "failed", "\0"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | WORDS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=9)
)


@given(st.dictionaries(NAMES, VALUES, max_size=14) | VALUES)
def test_any_resource(value: object) -> None:
    try:
        Sms(ACCOUNT).parse(Raw("message", json.dumps(value).encode()))
    except ConnectorError:
        return


FIELDS = st.sampled_from(
    "MessageSid SmsSid MessageStatus SmsStatus ErrorCode NumMedia MediaUrl0 MediaContentType0 From "
    "To Body OptOutType MessagingServiceSid".split()
)


@given(st.dictionaries(FIELDS, WORDS | st.text(max_size=9), max_size=12))
def test_any_form(form: dict[str, str]) -> None:
    body = urlencode(form, errors="replace").encode()
    for event in Sms(ACCOUNT).parse(Raw(HOOK, body)):
        assert event is not None


@pytest.mark.parametrize("name", sorted(one.name for one in SAMPLES.iterdir()))
def test_the_same_bytes_give_the_same_events(name: str) -> None:
    assert read(name) == read(name)
