"""What a connect form asks for, and what is not right in what was typed. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from ipaddress import ip_address
from typing import Any
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


def moved(settings: Sequence[Setting], typed: Mapping[str, str], config: Mapping[str, Any]) -> bool:
    """Whether what was typed says to send secrets elsewhere than `config` does. Secrets are never
    shown again; used at a server of somebody's choice they would be."""
    return any(
        _place(one, typed.get(one.name)) != _place(one, config.get(one.name))
        for one in _places(settings)
    )


def at_home(
    settings: Sequence[Setting], typed: Mapping[str, str], config: Mapping[str, Any]
) -> list[str]:
    """Which settings say to go to this machine itself, or to a file of it, where `config` does not.
    Other programs listen there that trust whoever is on it, and a member on the web is not."""
    return [
        one.name
        for one in _places(settings)
        if (value := _place(one, typed.get(one.name))) != _place(one, config.get(one.name))
        and (one.kind == "path" or _is_home(value))
    ]


def _is_home(place: str) -> bool:
    host = place
    if "://" in place:
        with suppress(ValueError):
            host = urlsplit(place).hostname or ""
    host = host.lower().rstrip(".")
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    inner = getattr(address, "ipv4_mapped", None) or address
    return bool(inner.is_loopback or inner.is_unspecified or inner.is_link_local)


def _places(settings: Sequence[Setting]) -> list[Setting]:
    """What says where secrets are sent."""
    return [one for one in settings if one.place or one.kind in ("url", "path")]


def _place(one: Setting, value: Any) -> str:
    return (str(value or "").strip() or one.default).rstrip("/")


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
        return "" if _is_whole(value) else "Write a whole address, like https://example.org"
    if one.kind == "date":
        return _date_fault(one, value, today)
    return ""


def _is_whole(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


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
