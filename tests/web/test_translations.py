"""The catalogues: complete, compiled, and with every placeholder where English has it."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

LANGUAGES = ("es", "ar")
PLACEHOLDERS = re.compile(r"\{\w+\}|%\(\w+\)s|<[^>]+>")
# A count may be left to the word itself: Arabic has forms for none, one and two.
COUNT = {"{n}", "%(n)s"}


def _folder(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"


def _compiled(language: str) -> dict[object, str]:
    with (_folder(language) / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # no other way
    return {key: value for key, value in catalogue.items() if key != ""}


def _english(key: object) -> str:
    whole = key[0] if isinstance(key, tuple) else key
    return str(whole).rpartition("\x04")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated_and_none_is_doubtful(language: str) -> None:
    source = (_folder(language) / "django.po").read_text()
    assert "#, fuzzy" not in source
    assert re.findall(r'\nmsgstr(?:\[\d\])? ""\n(?!")', source) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_one_beside_it(language: str) -> None:
    source = (_folder(language) / "django.po").read_text()
    written = len(re.findall(r"^msgid ", source, re.MULTILINE)) - 1  # without the header
    found = {_english(key) if isinstance(key, tuple) else key for key in _compiled(language)}
    assert len(found) == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_survive_translation(language: str) -> None:
    for key, said in _compiled(language).items():
        wanted = set(PLACEHOLDERS.findall(_english(key)))
        got = set(PLACEHOLDERS.findall(said))
        missing = wanted - got - (COUNT if isinstance(key, tuple) else set())
        # The singular of a plural may leave its count out in English, too.
        extra = got - wanted - (COUNT if isinstance(key, tuple) else set())
        assert not missing, f"{language}: {_english(key)!r} → {said!r}"
        assert not extra, f"{language}: {_english(key)!r} → {said!r}"


def test_the_three_languages_can_be_chosen() -> None:
    assert {"en", *LANGUAGES} <= set(dict(settings.LANGUAGES))
