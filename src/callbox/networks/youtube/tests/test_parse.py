"""Samples, and anything at all, to events."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import Malformed, Raw
from callbox.networks.youtube import parse
from callbox.vocabulary import Addressed, Deleted, Edited, Hidden, Lane, Ours, Said
from tests.servers.youtube import ANA, US, VIDEO

SAMPLES = Path(__file__).parent.parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
KINDS = [parse.COMMENT, parse.EDITED, parse.GONE, parse.HELD, parse.SHOWN]
TOP = "UgzQ1w2e3r4t5y6u7i8AaABAg"


def events(name: str):  # type: ignore[no-untyped-def]  # any event, looked into by its test
    kind = name.partition("__")[0].replace("-", ":")
    return parse.parse(Raw(kind, (SAMPLES / f"{name}.json").read_bytes()), US)


def test_a_comment_answers_our_video() -> None:
    (said,) = events("comment__top")
    assert isinstance(said, Said)
    assert (said.external_id, said.root_id, said.parent_id) == (TOP, VIDEO, VIDEO)
    assert said.addressed is Addressed.REPLY
    assert said.lane is Lane.PUBLIC
    assert said.author is not None
    assert (said.author.external_id, said.author.handle) == (ANA, "@ana-lopez")
    assert said.permalink == f"https://www.youtube.com/watch?v={VIDEO}&lc={TOP}"
    assert said.edited_at is None


def test_a_reply_hangs_under_its_comment() -> None:
    (said,) = events("comment__reply")
    assert (said.root_id, said.parent_id) == (VIDEO, TOP)
    assert said.refs["thread"] == TOP


def test_what_we_said_is_an_echo() -> None:
    (ours,) = events("comment__ours")
    assert isinstance(ours, Ours)
    assert (ours.parent_id, ours.text) == (TOP, "It opens on Friday. Ofc. Diaz")


def test_a_comment_that_is_held_back_is_read_and_marked() -> None:
    said, hidden = events("comment__held")
    assert isinstance(said, Said)
    assert hidden == Hidden(TOP, said.said_at, hidden=True)


def test_nobody_needs_a_name() -> None:
    (said,) = events("comment__nameless")
    assert said.author is None


def test_a_comment_about_us_and_no_video_starts_its_own_thread() -> None:
    (said,) = events("comment__about-us")
    assert (said.root_id, said.parent_id, said.permalink) == (None, None, "")


def test_words_in_any_script_and_pictures() -> None:
    assert events("comment__arabic")[0].text == "شكراً لكم على الإجابة 🙏🏽"
    (picture,) = events("comment__picture")[0].attachments
    assert picture.url == f"https://yt3.example/picture?sig=abc#comment={TOP}"


def test_edits() -> None:
    (seen_late,) = events("comment__already-edited")
    assert seen_late.edited_at is not None
    (edited,) = events("comment-edited__top")
    assert isinstance(edited, Edited)
    assert edited.said is not None
    assert edited.text == edited.said.text == "Is Main St open for buses?"


def test_changes() -> None:
    assert isinstance(events("comment-gone__top")[0], Deleted)
    assert events("comment-held__top")[0].hidden is True
    assert events("comment-shown__top")[0].hidden is False


@pytest.mark.parametrize("name", [name for name in NAMES if "hostile" in name or "verb" in name])
def test_nonsense_is_called_so(name: str) -> None:
    with pytest.raises(Malformed):
        events(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_give_the_same_events(name: str) -> None:
    try:
        first = events(name)
    except Malformed:
        return
    assert first == events(name)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "comment thread id snippet publishedAt updatedAt textDisplay authorChannelId value "
                "parentId videoId moderationStatus imageUrl canReply at".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from([*KINDS, "other"]), ANYTHING)
def test_anything_gives_events_or_malformed(kind: str, value: object) -> None:
    with contextlib.suppress(Malformed):
        parse.parse(Raw.of(kind, value), US)


@given(st.sampled_from(NAMES), st.data())
def test_a_sample_with_something_broken(name: str, data: st.DataObject) -> None:
    value = json.loads((SAMPLES / f"{name}.json").read_text())
    inner = value.get("comment", value) if isinstance(value, dict) else {}
    place = inner.get("snippet", inner) if isinstance(inner, dict) else {}
    if isinstance(place, dict) and place:
        place[data.draw(st.sampled_from(sorted(place)))] = data.draw(ANYTHING)
    with contextlib.suppress(Malformed):
        parse.parse(Raw.of(name.partition("__")[0].replace("-", ":"), value), US)


@given(st.binary(max_size=60))
def test_any_bytes(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        parse.parse(Raw(parse.COMMENT, body), US)
