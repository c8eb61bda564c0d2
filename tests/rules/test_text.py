"""Hostile text: kept as it is, shown without its tricks, in time that grows with its length."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.rules.text import MOST_KEPT, kept, kept_all, preview, shown

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)  # surrogates too
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


@given(ANYTHING)
def test_what_is_kept_can_be_stored_and_is_otherwise_the_same(text: str) -> None:
    found = kept(text)
    found.encode()
    assert "\0" not in found
    if "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text):
        assert found == text
    assert kept(found) == found


def test_only_the_first_fifty_thousand_characters_are_kept() -> None:
    found = kept("x" * (MOST_KEPT + 1))
    assert len(found) == MOST_KEPT
    assert found.endswith("[…]")
    assert kept("x" * MOST_KEPT) == "x" * MOST_KEPT


@given(
    st.recursive(
        ANYTHING | st.integers() | st.none() | st.booleans(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANYTHING, inner, max_size=3),
    )
)
def test_every_text_inside_a_value_is_kept_the_same_way(value: object) -> None:
    repr(kept_all(value)).encode()
    assert kept_all(kept_all(value)) == kept_all(value)


@given(ANYTHING)
def test_what_is_shown_misleads_nobody(text: str) -> None:
    found = shown(text)
    assert not set(found) & set(DIRECTIONS)
    assert not any(c < " " and c not in "\n\t" for c in found)
    assert "\r" not in found
    assert shown(found) == found


@pytest.mark.parametrize(
    "text",
    [
        "Ọ̀rọ̀ tó ń dùn",  # Yoruba: two marks on one letter
        "Tiếng Việt",
        "كَتَبَ شُكْرًا",
        "हिन्दी में",
        "สวัสดีค่ะ",
        "👩🏽‍🚒 🏳️‍🌈",
        "Zażółć gęślą jaźń",
        "一路平安",
        "line\n\tindented",
    ],
)
def test_what_people_really_write_is_shown_whole(text: str) -> None:
    assert shown(text) == text


def test_a_tower_is_cut_to_four_marks() -> None:
    assert shown("Z" + "\u0335" * 50 + "a") == "Z" + "\u0335" * 4 + "a"


@given(ANYTHING, st.integers(10, 240))
def test_a_preview_is_one_line_of_its_length(text: str, most: int) -> None:
    found = preview(text, most)
    assert len(found) <= most
    assert "\n" not in found
    assert preview(found, most) == found


def test_a_preview_ends_at_a_word() -> None:
    assert preview("one two three four", 12) == "one two…"
    assert preview("x" * 30, 10) == "xxxxxxxxx…"


HOSTILE = {
    "towers": "Z" + "\u0335" * 9,
    "directions": "\u202ea\u202c",
    "line ends": "\r\n\r",
    "spaces": " " * 10,
    "controls": "\x01\x7f",
}


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_with_length_and_not_faster(pattern: str) -> None:
    def takes(length: int) -> float:
        text = pattern * (length // len(pattern))
        best = 1e9
        for _ in range(3):
            began = time.perf_counter()
            preview(kept(text) if length < 1 else text)
            best = min(best, time.perf_counter() - began)
        return best

    assert takes(400_000) < 60 * takes(20_000) + 0.05  # twenty times as long
