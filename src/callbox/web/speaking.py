"""Which languages the staff pages speak, and which one to speak to whom."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import to_locale


@cache
def languages() -> dict[str, str]:
    """Code and own name: English, and every language with a catalogue."""
    folder = Path(settings.LOCALE_PATHS[0])
    return {
        code: name
        for code, name in settings.LANGUAGES
        if code == "en" or (folder / to_locale(code) / "LC_MESSAGES" / "django.mo").is_file()
    }


def chosen(code: str) -> translation.override:
    """Speak a language that somebody chose; English when it is not spoken here."""
    return translation.override(code if code in languages() else "en")


def asked_for(request: HttpRequest) -> translation.override:
    """Speak what the browser asks for, to somebody not signed in."""
    return chosen(translation.get_language_from_request(request))
