"""Samples, and anything at all, to events."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.connector import Malformed, Raw
from callbox.networks.nextdoor import parse, posts
from callbox.vocabulary import Addressed, Deleted, Edited, Ours, Said
from tests.servers.nextdoor import AGENCY, US

SAMPLES = Path(__file__).parent.parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
KINDS = [parse.COMMENT, parse.EDITED, parse.GONE, "other"]


def events(name: str) -> Any:
    """The events of a sample."""
    kind = name.partition("__")[0].replace("-", ":")
    return parse.parse(Raw(kind, (SAMPLES / f"{name}.json").read_bytes()), {AGENCY, US})


def test_a_comment_answers_our_post() -> None:
    (said,) = events("comment__top")
    assert isinstance(said, Said)
    assert said.external_id == "first-post/501"
    assert (said.root_id, said.parent_id) == ("first-post", "first-post")
    assert said.addressed is Addressed.REPLY
    assert said.author is not None
    assert (said.author.external_id, said.author.name) == ("8001", "Ana L.")
    assert said.permalink == "https://nextdoor.com/p/first-post"


def test_a_reply_hangs_under_its_comment() -> None:
    (said,) = events("comment__reply")
    assert (said.root_id, said.parent_id) == ("first-post", "first-post/501")
    assert said.text == "¿Y para bicicletas? 🚲"


def test_nobody_needs_a_name() -> None:
    assert events("comment__nameless")[0].author is None


@pytest.mark.parametrize("name", ["comment__ours", "comment__ours-by-name"])
def test_what_we_said_is_an_echo(name: str) -> None:
    """Failure mode 8: it is ours by its words, or by its author where Nextdoor names one."""
    assert isinstance(events(name)[0], Ours)


def test_changes() -> None:
    (edited,) = events("comment-edited__top")
    assert isinstance(edited, Edited)
    assert edited.text == "Will there be free parking?"
    assert events("comment-gone__top") == [
        Deleted(
            "first-post/501", edited.edited_at.fromtimestamp(1795420000, edited.edited_at.tzinfo)
        )
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if "hostile" in name or "verb" in name])
def test_nonsense_is_called_so(name: str) -> None:
    with pytest.raises(Malformed):
        events(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_give_the_same_events(name: str) -> None:
    with suppress(Malformed):
        assert events(name) == events(name)


WORDS = "post id body at parent author name link ours seen comments replies url".split()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=8)
    ),
    max_leaves=20,
)


@given(st.sampled_from(KINDS), ANYTHING)
def test_anything_gives_events_or_malformed(kind: str, value: object) -> None:
    with suppress(Malformed):
        parse.parse(Raw.of(kind, value), {US})


@given(st.binary(max_size=60))
def test_any_bytes(body: bytes) -> None:
    with suppress(Malformed):
        parse.parse(Raw(parse.COMMENT, body), {US})


@given(st.dictionaries(st.sampled_from(WORDS), ANYTHING))
def test_any_post_has_comments_or_none(post: dict[str, Any]) -> None:
    found = list(posts.comments({"id": "p", **post}))
    assert all(one.id and one.external_id.count("/") == 1 for one in found)


def test_comments_that_hang_inside_each_other_without_end_are_cut() -> None:
    deep: dict[str, Any] = {"id": 1, "creation_date_epoch_seconds": 1}
    for number in range(2, 2000):
        deep = {"id": number, "creation_date_epoch_seconds": 1, "comments": [deep]}
    assert len(list(posts.comments({"id": "p", "comments": [deep]}))) < 10
