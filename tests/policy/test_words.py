"""One word for one thing: the vocabulary and the glossary say the same, and synonyms stay out."""

import re
from enum import StrEnum

from callbox import vocabulary
from tests.policy.source import ROOT, files, name

GLOSSARY = ROOT / "docs" / "glossary.md"
AVOID = ("ticket", "customer", "feed item", "end user")
# “ticket” is also what a form carries so that it is taken once (web/portal); “End user access” is
# a heading in Google's console, and “end user” a field of X's application form.
MAY_SAY = {"ticket": ("web/portal",), "end user": ("networks/email", "networks/x")}


def test_every_word_of_the_vocabulary_is_in_the_glossary() -> None:
    text = GLOSSARY.read_text()
    listed = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    words = {
        key
        for key, value in vars(vocabulary).items()
        if isinstance(value, type) and value.__module__.startswith(f"{vocabulary.__name__}.")
    }
    assert listed == words


def test_every_member_of_an_enumeration_is_in_the_glossary() -> None:
    text = GLOSSARY.read_text()
    for value in vars(vocabulary).values():
        if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum:
            row = next(
                line for line in text.splitlines() if line.startswith(f"| `{value.__name__}`")
            )
            _, _, listed = row.partition("One of ")
            assert re.findall(r"`(\w+)`", listed) == [one.value for one in value], value.__name__


def test_synonyms_stay_out() -> None:
    found = [
        f"{name(path)}: {word}"
        for path in files()
        for word in AVOID
        if re.search(rf"\b{word}s?\b", path.read_text(), re.IGNORECASE)
        and not any(place in str(path) for place in MAY_SAY.get(word, ()))
    ]
    assert found == []
