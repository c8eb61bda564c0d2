"""The words of the public pages: one file per language, all with the same names.

Words for the public are read whole by native readers before they change, so they live together in
plain files and not scattered through templates.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the pages. `code` stands in addresses and in `lang`, `django` names the forms
    of dates."""

    code: str
    name: str
    django: str
    direction: str = "ltr"


LANGUAGES: Mapping[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English", "en"),
        Language("es", "Español", "es"),
        Language("pl", "Polski", "pl"),
        Language("zh", "中文", "zh-hans"),
        Language("ar", "العربية", "ar", "rtl"),
    )
}


@cache
def words(code: str) -> Mapping[str, str]:
    """All words of a language, by name."""
    text = resources.files("callbox.web.portal.copy").joinpath(f"{code}.toml").read_text("utf-8")
    return tomllib.loads(text)


class Copy(Mapping[str, str]):
    """The words of one language with this agency's facts in them; templates read `t.title_1`."""

    def __init__(self, language: Language, **facts: str) -> None:
        self._words = words(language.code)
        self._facts = facts

    def __getitem__(self, name: str) -> str:
        return self.say(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def say(self, name: str, **more: object) -> str:
        """Words with further facts in them. What is not known yet stays as it is written."""
        return self._words[name].format_map(_Facts(self._facts, **more))


class _Facts(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def how_long(language: Language, minutes: int) -> str:
    """A promise in whole hours, rounded up: nobody is told less than we mean.

    Arabic counts three to ten otherwise than eleven and more; the other four languages do not
    mind, in the one place where these words stand.
    """
    hours = max(1, math.ceil(minutes / 60))
    forms = {1: "one_hour"} | dict.fromkeys(range(2, 11), "few_hours")
    return words(language.code)[forms.get(hours, "many_hours")].format(n=hours)


def site_name(url: str) -> str:
    """How people say a web address: "cpdtip.com"."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
