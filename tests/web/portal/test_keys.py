"""Keys and words: what they are made of."""

import re
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.web.portal import keys
from callbox.web.portal.copy import LANGUAGES, Copy, how_long, site_name, words

SAMPLE = keys.new_key()


def test_there_are_7776_plain_words() -> None:
    assert len(keys.words()) == len(set(keys.words())) == 7776
    assert all(re.fullmatch("[a-z]{3,8}", word) for word in keys.words())


def test_keys_are_four_words_and_two_digits_and_differ() -> None:
    made = {keys.new_key() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-z]{3,8} ){4}\d\d", key) for key in made)


@pytest.mark.parametrize(
    "typed",
    ["apple bridge lemon drum 27", " Apple-BRIDGE, lemon\ndrum:27. ", "27 apple bridge lemon drum"],
)
def test_a_key_is_read_however_it_is_typed(typed: str) -> None:
    assert keys.tidy(typed) == "apple bridge lemon drum 27"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "apple bridge lemon 27",
        "apple bridge lemon drum",
        "apple bridge lemon drum 7",
        "apple bridge lemon drum 127",
        "apple bridge lemon drum 2 7",
        "apple bridge lemon qzxv 27",
        "apple " * 500,
    ],
)
def test_what_cannot_be_a_key_is_none(typed: str) -> None:
    assert keys.tidy(typed) is None


@given(st.text())
def test_anything_can_be_typed(typed: str) -> None:
    tidy = keys.tidy(typed)
    assert tidy is None or keys.tidy(tidy) == tidy


@given(st.permutations(range(4)))
def test_a_key_keeps_the_order_of_its_words(order: list[int]) -> None:
    parts = ["apple", "bridge", "lemon", "drum"]
    typed = " ".join([parts[n] for n in order] + ["27"])
    assert keys.tidy(typed) == typed


def test_only_the_key_itself_fits() -> None:
    stored = keys.verifier(SAMPLE)
    assert keys.fits(stored, SAMPLE)
    assert not keys.fits(stored, keys.new_key())
    assert not keys.fits("not a hash", SAMPLE)
    assert not keys.fits(keys.decoy(), SAMPLE)
    assert SAMPLE.split()[1] not in stored


def test_a_locator_depends_on_the_first_word_and_the_digits_alone() -> None:
    assert keys.locator("apple bridge lemon drum 27") == keys.locator("apple drum drum drum 27")
    assert keys.locator("apple bridge lemon drum 27") != keys.locator("apple bridge lemon drum 28")


def test_every_language_says_the_same_things() -> None:
    english = {name: _facts(text) for name, text in words("en").items()}
    for code in LANGUAGES:
        assert {name: _facts(text) for name, text in words(code).items()} == english, code
        assert all(text.strip() for text in words(code).values())


def _facts(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_promises_are_rounded_up_and_counted_as_people_count() -> None:
    def said(minutes: int) -> list[str]:
        return [how_long(LANGUAGES[code], minutes).strip() for code in ("en", "pl", "ar")]

    assert said(1) == ["1 hour", "1 godziny", "ساعة واحدة"]
    assert said(61) == ["2 hours", "2 godzin", "2 ساعات"]
    assert said(240) == ["4 hours", "4 godzin", "4 ساعات"]
    assert said(1440) == ["24 hours", "24 godzin", "24 ساعة"]


def test_copy_is_a_mapping_with_the_agencys_facts() -> None:
    copy = Copy(LANGUAGES["en"], agency="Chicago Police")
    assert copy["official"] == "Official site of the Chicago Police"
    assert copy.say("wrong_long", n=10_001, most=10_000).startswith("That is 10001 characters")
    assert len(copy) == len(list(copy)) == len(words("en"))
    assert site_name("https://www.cpdtip.com/x") == "cpdtip.com"
    assert site_name("") == ""
