"""Updates, the hostile ones included."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import AccountSeen, ConnectorError, Malformed, Raw
from callbox.networks.telegram.connector import Telegram
from callbox.networks.telegram.content import STRANGE
from callbox.vocabulary import Addressed, Edited, Event, Lane, Ours, Said, Unreadable
from tests.contracts.telegram import BotApi

SAMPLES = Path(__file__).parent.parent / "samples"
ACCOUNT = AccountSeen("1", "7000001", "@district7_bot", {"channel": "@d7news"})


def read(name: str, account: AccountSeen = ACCOUNT) -> list[Event]:
    return list(Telegram(account).parse(Raw("update", (SAMPLES / f"{name}.json").read_bytes())))


def said(name: str) -> Said:
    (event,) = read(name)
    assert isinstance(event, Said)
    return event


@pytest.mark.parametrize(
    "name",
    sorted(
        one.stem
        for one in SAMPLES.glob("*.json")
        if not one.stem.startswith("hostile") and one.stem != "strange"
    ),
)
def test_the_samples_are_what_telegram_sends(name: str) -> None:
    BotApi().update(json.loads((SAMPLES / f"{name}.json").read_text()))


def test_a_private_message() -> None:
    one = said("private")
    assert (one.external_id, one.root_id, one.parent_id) == ("501:11", "dm:501", None)
    assert (one.addressed, one.lane) == (Addressed.DIRECT, Lane.PRIVATE)
    assert one.author is not None
    assert (one.author.external_id, one.author.handle, one.author.name) == (
        "501",
        "@ana_r",
        "Ana Ruiz",
    )
    assert said("private_arabic").author is not None


def test_in_a_group_only_what_is_for_us_is_ours_to_read() -> None:
    assert said("group_mention").addressed is Addressed.MENTION
    assert said("group_reply").addressed is Addressed.REPLY
    assert said("group_comment").addressed is Addressed.REPLY
    assert said("group_other").addressed is None
    assert said("group_anonymous").addressed is Addressed.MENTION
    assert said("group_mention").lane is Lane.PUBLIC
    (comment,) = read("group_comment", AccountSeen("1", "7000001", "@district7_bot"))
    assert isinstance(comment, Said)
    assert comment.addressed is None  # of a channel that is not ours


def test_one_conversation_in_a_group_however_it_goes_on() -> None:
    mention, reply = said("group_mention"), said("group_reply")
    assert mention.root_id == reply.root_id == "group:-1001700000001"
    assert reply.parent_id == "-1001700000001:21"
    assert mention.permalink == "https://t.me/c/1700000001/20"


def test_who_writes_in_a_groups_name_is_the_group() -> None:
    author = said("group_anonymous").author
    assert author is not None
    assert (author.external_id, author.name) == ("-1001700000001", "Our block")


def test_an_edit() -> None:
    (event,) = read("edited")
    assert isinstance(event, Edited)
    assert event.said is not None
    assert (event.external_id, event.text) == ("501:11", "Is the desk open on Monday?")
    assert event.said.edited_at == event.edited_at


@pytest.mark.parametrize(
    ("name", "words", "kinds"),
    [
        ("photo", "This street light is out.", ["image"]),
        ("voice", "", ["audio"]),
        ("location", "📍 Ogden Park, 6500 S Racine Ave 41.77930, -87.66410", []),
        ("sticker", "👍", []),
        ("contact", "👤 Block Club +13125550188", []),
    ],
)
def test_what_is_not_text(name: str, words: str, kinds: list[str]) -> None:
    one = said(name)
    assert (one.text, [each.kind for each in one.attachments]) == (words, kinds)


def test_of_a_picture_the_largest_size() -> None:
    assert said("photo").attachments[0].url == "telegram:photo-1"


def test_a_kind_of_message_that_is_new_to_us_is_said_to_be_one() -> None:
    update = json.loads((SAMPLES / "private.json").read_text())
    del update["message"]["text"]
    update["message"]["hologram"] = {"depth": 3}
    (event,) = Telegram(ACCOUNT).parse(Raw.of("update", update))
    assert isinstance(event, Said)
    assert event.text == STRANGE


@pytest.mark.parametrize("name", ["start", "group_joined", "blocked", "strange"])
def test_what_says_nothing_gives_nothing(name: str) -> None:
    assert read(name) == []


def test_our_channels_post_is_an_echo() -> None:
    (event,) = read("channel_post")
    assert isinstance(event, Ours)
    assert event.permalink == "https://t.me/d7news/5"
    assert read("channel_post", AccountSeen("1", "7000001", "@district7_bot")) == []


def test_nobody_named() -> None:
    assert said("no_author").author is None


def test_the_hostile_ones() -> None:
    (event,) = read("hostile")
    assert isinstance(event, Unreadable)
    assert said("hostile_entities").addressed is None
    for body in (b"[]", b"{}", b'{"update_id": "x"}', b"\xff", b""):
        with pytest.raises(Malformed):
            Telegram(ACCOUNT).parse(Raw("update", body))
    with pytest.raises(Malformed):
        Telegram(ACCOUNT).parse(Raw("other", b"{}"))


NAMES = st.sampled_from(
    "message edited_message channel_post message_id date edit_date from chat id type text caption "
    "entities offset length user username first_name reply_to_message sender_chat photo file_id "
    "voice document sticker emoji venue location latitude longitude title is_bot contact poll "
    "message_thread_id is_topic_message is_automatic_forward question my_chat_member".split()
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["private", "mention", "text_mention", "@district7_bot", "\ud800", "\0"])
    | st.sampled_from([1795428000, 7000001, -1001800000001])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=9)
)
MESSAGES = st.builds(
    lambda body, more: {"message_id": 1, "date": 1795428000, "chat": {"id": 5}} | body | more,
    st.dictionaries(NAMES, VALUES, max_size=8),
    st.fixed_dictionaries({}, optional={"chat": VALUES, "date": VALUES}),
)
KINDS = st.sampled_from("message edited_message channel_post my_chat_member".split())


@given(KINDS, MESSAGES | VALUES)
def test_any_update(kind: str, value: object) -> None:
    body = json.dumps({"update_id": 1, kind: value}).encode()
    for event in Telegram(ACCOUNT).parse(Raw("update", body)):
        assert event is not None


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    try:
        Telegram(ACCOUNT).parse(Raw("update", body))
    except ConnectorError:
        return
