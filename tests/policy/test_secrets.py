"""Secrets stay where they are needed: no `repr` shows them (tracebacks, logs and failed tests print
it), and no log line is given one."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from inspect import getmembers, isclass
from pkgutil import walk_packages

import pytest

import callbox
from callbox.connector import AccountSeen, MemorySession, Session, Signed
from callbox.logins import Candidate, Identity, Located
from callbox.queries.accounts import StoredSession
from tests.policy.source import files, name, tree

SECRET = re.compile(
    r"(^|_)(tokens?|secrets?|passwords?|passphrases?|verifier|session|headers|authorization|"
    r"(secret|encryption|signing|private)_keys?|database(_\w+)?_url)$"
)
LEVELS = ("debug", "info", "warning", "error", "exception", "critical", "log")
HUSH = "hush-hush"


@cache
def _dataclasses() -> tuple[type, ...]:
    found = set()
    for module in walk_packages(callbox.__path__, "callbox."):
        if ".tests" in module.name or module.name.endswith("__main__"):
            continue
        for _, one in getmembers(import_module(module.name), isclass):
            if is_dataclass(one) and one.__module__.startswith("callbox."):
                found.add(one)
    return tuple(sorted(found, key=lambda one: (one.__module__, one.__qualname__)))


def _secrets(one: type) -> list[str]:
    """Fields that hold secrets, by their names; flags about secrets hold none."""
    return [
        each.name
        for each in fields(one)
        if SECRET.search(each.name) and each.type not in (bool, "bool")
    ]


def test_no_dataclass_shows_a_secret_in_its_repr() -> None:
    checked = 0
    for one in _dataclasses():
        names = _secrets(one)
        made = one.__new__(one)  # type: ignore[call-overload]  # it is no metaclass
        for each in fields(one):
            value = HUSH if each.name in names else ""
            object.__setattr__(made, each.name, value)
        if names:
            checked += 1
            assert HUSH not in repr(made), f"{one.__module__}.{one.__qualname__}: {names}"
    assert checked >= 8


@pytest.mark.parametrize(
    "one",
    [
        AccountSeen("1", "2", "@pd", {"server": HUSH}, {"token": HUSH}),
        Signed("POST", f"https://a.example/?t={HUSH}", {"a": HUSH}, HUSH.encode(), {"t": HUSH}),
        Candidate(Identity("1", "@pd"), {"a": HUSH}, {"b": HUSH}, {"c": HUSH}),
        Located(f"https://a.example/bot{HUSH}/a.jpg", {"authorization": HUSH}),
        MemorySession({"token": HUSH}),
    ],
)
def test_what_carries_a_login_has_a_blank_repr(one: object) -> None:
    for words in (repr(one), str(one), f"{one!r}", repr([one])):
        assert HUSH not in words


def test_sessions_say_nothing_of_themselves() -> None:
    """Whatever keeps a login shows at most what it is called."""
    for one in (MemorySession, StoredSession, Session):
        assert one.__repr__ is object.__repr__
        assert one.__str__ is object.__str__


def _logged() -> Iterator[tuple[str, str]]:
    """Every name that a log line is given: where, and which."""
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and _is_log(node.func):
                for value in [*node.args, *(each.value for each in node.keywords)]:
                    for one in _names(value):
                        yield f"{name(path)}:{node.lineno}", one


def _is_log(called: ast.expr) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and called.attr in LEVELS
        and isinstance(called.value, ast.Name)
        and called.value.id in ("log", "logger", "logging", "_log", "_logger")
    )


def _names(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_no_log_line_is_given_a_secret() -> None:
    logged = list(_logged())
    assert logged
    for place, one in logged:
        secret = re.search(r"token|secret|password|session|cookie|verifier|header", one)
        assert not secret, f"{place} logs “{one}”"
