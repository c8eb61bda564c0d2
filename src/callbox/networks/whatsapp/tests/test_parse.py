"""Webhooks, the hostile ones included."""

import json
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import AccountSeen, ConnectorError, Malformed, Raw
from callbox.networks.whatsapp.connector import WhatsApp
from callbox.networks.whatsapp.content import STRANGE
from callbox.networks.whatsapp.tests.harness import WhatsAppHarness
from callbox.vocabulary import (
    Addressed,
    Deleted,
    Edited,
    Event,
    Lane,
    Ours,
    Reacted,
    Reported,
    Said,
    Stage,
    Unreadable,
)
from tests.servers.whatsapp import PHONE
from tests.servers.whatsapp import WhatsApp as Server

SAMPLES = Path(__file__).parent.parent / "samples"
ACCOUNT = AccountSeen("1", PHONE, "")


def read(name: str, account: AccountSeen = ACCOUNT) -> list[Event]:
    return list(WhatsApp(account).parse(Raw("webhook", (SAMPLES / f"{name}.json").read_bytes())))


def said(name: str) -> Said:
    (event,) = read(name)
    assert isinstance(event, Said)
    return event


@pytest.mark.parametrize(
    "name", sorted(one.stem for one in SAMPLES.glob("*.json") if one.stem != "hostile")
)
def test_the_samples_are_what_whatsapp_sends(name: str, server: Server) -> None:
    body = json.loads((SAMPLES / f"{name}.json").read_text())
    for change in body["entry"][0]["changes"]:
        server.check_hook(change["value"])


def test_a_text() -> None:
    one = said("text")
    assert (one.addressed, one.lane) == (Addressed.DIRECT, Lane.PRIVATE)
    assert (one.root_id, one.parent_id) == ("dm:13125550177", None)
    assert one.author is not None
    assert (one.author.external_id, one.author.handle, one.author.name) == (
        "13125550177",
        "+13125550177",
        "Ana Ruiz",
    )
    assert one.refs == {"phone": "13125550177", "user_id": ""}


def test_somebody_who_hides_their_number() -> None:
    one = said("text_hidden_number")
    assert one.author is not None
    assert (one.author.external_id, one.author.handle) == (
        "US.13491208655302741918",
        "@bo_writes",
    )
    assert one.root_id == "dm:US.13491208655302741918"


def test_hiding_the_number_later_does_not_make_another_person() -> None:
    body = json.loads((SAMPLES / "text_hidden_number.json").read_text())
    value = body["entry"][0]["changes"][0]["value"]
    value["messages"][0]["from"] = value["contacts"][0]["wa_id"] = "13125550155"
    (before,) = WhatsApp(ACCOUNT).parse(Raw.of("webhook", body))
    assert isinstance(before, Said)
    after = said("text_hidden_number")
    assert before.author is not None
    assert after.author is not None
    assert before.author.external_id == after.author.external_id
    assert before.root_id == after.root_id


@pytest.mark.parametrize(
    ("name", "words", "kinds"),
    [
        ("text_answer", "Thank you!", []),
        ("image", "This street light is out.", ["image"]),
        ("audio", "", ["audio"]),
        ("document", "The plan", ["other"]),
        ("location", "📍 Ogden Park, 6500 S Racine Ave 41.77930, -87.66410", []),
        ("contacts", "👤 Block Club +1 (312) 555-0188", []),
        ("button", "Yes, please", []),
        ("list_reply", "A light is out", []),
    ],
)
def test_what_people_send(name: str, words: str, kinds: list[str]) -> None:
    one = said(name)
    assert (one.text, [each.kind for each in one.attachments]) == (words, kinds)


def test_what_whatsapp_does_not_show_is_said_to_be_so() -> None:
    assert said("unsupported").text == STRANGE


def test_reactions_changes_and_withdrawals() -> None:
    (reacted,) = read("reaction")
    (edited,) = read("edit")
    (deleted,) = read("revoke")
    assert isinstance(reacted, Reacted)
    assert isinstance(edited, Edited)
    assert isinstance(deleted, Deleted)
    assert reacted.target_id == "wamid.OURS"
    assert (edited.external_id, edited.text) == ("wamid.FIRST", "Is the desk open on Monday?")
    assert deleted.external_id == "wamid.FIRST"
    assert read("reaction_removed") == []
    assert read("changed_number") == []


def test_a_report_brings_our_key_back() -> None:
    echo, report = read("status_sent")
    assert isinstance(echo, Ours)
    assert isinstance(report, Reported)
    assert echo.key == "0123456789abcdef0123456789abcdef"
    assert echo.external_id == report.external_id == "wamid.OURS"
    assert report.stage is Stage.SENT


def test_somebody_elses_string_is_no_key() -> None:
    body = (SAMPLES / "status_sent.json").read_text()
    raw = Raw("webhook", body.replace("0123456789abcdef0123456789abcdef", "campaign 7").encode())
    (event,) = WhatsApp(ACCOUNT).parse(raw)
    assert isinstance(event, Reported)


def test_a_failure_says_why() -> None:
    (report,) = read("status_failed")
    assert isinstance(report, Reported)
    assert report.stage is Stage.FAILED
    assert "cannot receive it" in report.words


def test_reports_in_any_order_say_the_same(harness: WhatsAppHarness) -> None:
    """Failure mode 9: every report names its own stage, so that no order can lower one."""
    outgoing = harness.answer(harness.say("Open?"), "Yes.", "0" * 32)
    sent = harness.connector().message(outgoing).external_id
    for order in permutations(("sent", "delivered", "read", "failed")):
        found = harness.report(sent, order=order)
        assert [one.stage.value for one in found] == list(order)


def test_an_echo_from_a_members_phone() -> None:
    (event,) = read("echo")
    assert isinstance(event, Ours)
    assert (event.text, event.root_id, event.key) == ("From the phone.", "dm:13125550177", "")


def test_another_number_of_the_app_is_not_ours_to_read() -> None:
    assert read("text", AccountSeen("1", "999", "")) == []


def test_the_hostile_ones() -> None:
    events = read("hostile")
    assert [type(one) for one in events] == [Unreadable, Said, Unreadable]
    assert said("no_author").author is None
    for body in (b"[]", b"{}", b'{"object": "page", "entry": []}', b"\xff", b""):
        with pytest.raises(Malformed):
            WhatsApp(ACCOUNT).parse(Raw("webhook", body))
    with pytest.raises(Malformed):
        WhatsApp(ACCOUNT).parse(Raw("other", b"{}"))


NAMES = st.sampled_from(
    "contacts messages statuses message_echoes metadata phone_number_id id timestamp type from "
    "from_user_id user_id wa_id profile name username text body image caption document location "
    "latitude longitude interactive list_reply title reaction message_id emoji edit message revoke "
    "original_message_id status errors code error_data details biz_opaque_callback_data to "
    "group_id recipient_id phones phone formatted_name".split()
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["text", "image", "contacts", "location", "edit", "revoke", "reaction"])
    | st.sampled_from(
        ["interactive", "failed", "sent", "1795428000", "wamid.A", "\ud800", "0" * 32]
    )
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=9)
)
PARTS = st.builds(
    lambda more, kind: {"id": "wamid.A", "timestamp": "1795428000", "type": kind} | more,
    st.dictionaries(NAMES, VALUES, max_size=8),
    LEAVES,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "messages": st.lists(PARTS | VALUES, max_size=3) | VALUES,
            "statuses": st.lists(PARTS | VALUES, max_size=3) | VALUES,
            "message_echoes": st.lists(PARTS, max_size=2),
            "contacts": VALUES,
            "metadata": VALUES,
        },
    )
    | VALUES
)
def test_any_change(value: object) -> None:
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"value": value, "field": "messages"}]}],
    }
    for event in WhatsApp(ACCOUNT).parse(Raw("webhook", json.dumps(body).encode())):
        assert event is not None


@given(st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes(body: bytes) -> None:
    try:
        WhatsApp(ACCOUNT).parse(Raw("webhook", body))
    except ConnectorError:
        return
