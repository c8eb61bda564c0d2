"""What a connect form asks for, and what is not right in what was typed. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlsplit

from callbox.logins import Setting

MOST = 4000  # characters of one answer


def faults(
    settings: Sequence[Setting], typed: Mapping[str, str], kept: frozenset[str], today: date
) -> dict[str, str]:
    """What is not right, by the name of the setting, in words for whoever typed it. `kept` names
    secrets that are known already and need not be typed again."""
    found = {}
    for one in settings:
        value = typed.get(one.name, "").strip()
        words = _fault(one, value, today) if value else _missing(one, kept)
        if words:
            found[one.name] = words
    return found


def _missing(one: Setting, kept: frozenset[str]) -> str:
    return "Fill this in first." if one.required and one.name not in kept else ""


def _fault(one: Setting, value: str, today: date) -> str:
    if len(value) > MOST:
        return f"That is long. {MOST} characters at most."
    if one.choices:
        return "" if value in {choice for choice, _ in one.choices} else "Pick one of the list."
    if one.kind == "number":
        return "" if value.isascii() and value.isdigit() else "Write a whole number, like 500."
    if one.kind == "url":
        parts = urlsplit(value)
        whole = parts.scheme in ("http", "https") and parts.hostname
        return "" if whole else "Write a whole address, like https://example.org"
    if one.kind == "date":
        return _date_fault(one, value, today)
    return ""


def _date_fault(one: Setting, value: str, today: date) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return "Write a day, like 2026-03-12."
    if one.record and day > today:
        return "That day is still to come."
    return ""


def sorted_out(
    settings: Sequence[Setting], typed: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, with secrets apart. A secret that was left empty is not among them."""
    config: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for one in settings:
        value = typed.get(one.name, "").strip()
        if not one.secret:
            config[one.name] = value
        elif value:
            secrets[one.name] = value
    return config, secrets
