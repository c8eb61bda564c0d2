"""A network is one folder and one line, and generic code never says its name."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from callbox.connector import Connector
from callbox.networks import REGISTRY, connector_class
from scripts.pages import failures
from tests.policy.source import NETWORKS, ROOT, SOURCE, files, name, tree

FOLDERS = sorted(path.name for path in NETWORKS.iterdir() if (path / "__init__.py").exists())

RULES = {
    "samples", "error_map", "idempotent_send", "reconcile", "read_back", "edits", "deletions",
    "media_alt", "private", "hide", "rate_limits", "session_reuse", "backfill", "streaming",
    "real_server_tests",
}  # fmt: skip

# What a member might look for: a network that lacks one of them says why in its own words.
ACTS = ("reply", "message", "publish", "edit", "delete", "hide", "like")

# Rooms that may say a network's name, each with its reason.
MAY_NAME = {
    "networks": "the registry, and each network's own folder",
    "practice_city": "the demo city lives on the practice network and the portal",
    "web/practice": "the practice network's own pages",
    "web/portal": "the portal network's own pages",
    "models/portal.py": "the keys that the portal's pages hand out",
    "actions/portal.py": "what the portal's pages do",
    "queries/portal.py": "what the portal's pages read",
    "running": "“practice” there is the mode in which the product starts, not the network",
    "commands": "the same",
    "settings.py": "the same, and the address list's switch",
    "urls.py": "where the two networks' own pages are",
    "web/staff/own.py": "the mode, for the first page",
    "management/commands": "the command that builds the practice city",
    "jobs/__init__.py": "the job that lets the practice city go on talking",
    "migrations": "tables of the portal's keys",
}

# Names of networks that are also words of ours elsewhere: file → the word, and nothing else there.
ALSO_A_WORD = {
    # The address that members sign in with.
    "models/people.py": "email",
    "web/staff/members.py": "email",
    "web/staff/signing.py": "email",
}


def test_every_folder_is_in_the_registry() -> None:
    assert set(REGISTRY) == set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_network_is_what_its_folder_says(folder: str) -> None:
    connector = connector_class(folder)
    assert issubclass(connector, Connector)
    assert connector.key == folder
    assert connector.name
    assert connector.parse is not Connector.parse
    assert list((NETWORKS / folder / "samples").glob("*.json"))
    assert list((NETWORKS / folder / "tests").glob("test_*.py"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_network_is_graded(folder: str) -> None:
    grades = _grades(folder)
    assert set(grades) == RULES
    for rule, grade in grades.items():
        assert grade["status"] in ("done", "exempt", "unproven"), rule
        assert grade["comment"], rule


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_unproven_is_settled_on_the_first_day(folder: str) -> None:
    """What only a live account can settle has a list of what to try with one."""
    steps = _quality(folder).get("first_day", [])
    assert all(isinstance(step, str) and step.strip() for step in steps)
    unproven = [rule for rule, grade in _grades(folder).items() if grade["status"] == "unproven"]
    assert steps or not unproven


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_test_that_a_grade_names_exists(folder: str) -> None:
    """“tests/test_x.py::test_a, ::test_b” names two tests of one file of the network's own."""
    missing = []
    for grade in _grades(folder).values():
        for path, named in _named_tests(grade["comment"]):
            file = next(
                (one for one in (NETWORKS / folder / path, ROOT / path) if one.exists()), None
            )
            if file is None or f"def {named}(" not in file.read_text():
                missing.append(f"{path}::{named}")
    assert missing == []


def _quality(folder: str) -> dict[str, Any]:
    return tomllib.loads((NETWORKS / folder / "quality.toml").read_text())


def _grades(folder: str) -> dict[str, Mapping[str, str]]:
    """The graded parts: not the drawing that stands for the network, nor the first day's list."""
    return {k: v for k, v in _quality(folder).items() if k not in ("glyph", "first_day")}


def _named_tests(comment: str) -> list[tuple[str, str]]:
    found, path = [], ""
    for file, named in re.findall(r"((?:[\w/]+\.py)?)::(test_\w+)", comment):
        path = file or path
        found.append((path, named))
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_network_says_why_it_cannot(folder: str) -> None:
    """Whatever a member might look for, and its network lacks, has its own sentence; nothing that
    it can do has one."""
    found = connector_class(folder)
    assert set(found.cannot) & found.abilities() == set()
    lacking = {act for act in ACTS if act not in found.abilities()}
    assert lacking <= set(found.cannot)
    assert all(words.strip().endswith((".", "!", "?")) for words in found.cannot.values())


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_administrator_needs_no_other_documentation(folder: str) -> None:
    """A network where people log in says which permissions it asks for, and why."""
    found = connector_class(folder)
    if "authorize" in found.abilities():
        assert "exchange" in found.abilities()
        assert found.preparation
        assert found.scopes
    assert all(scope.why.strip() for scope in found.scopes)
    names = [one.name for one in found.settings]
    assert len(names) == len(set(names))
    for budget in found.budgets:
        assert budget.cap_setting in ("", *names)


def test_the_page_of_networks_is_current() -> None:
    script = ROOT / "scripts" / "networks_page"
    run = [sys.executable, str(script), "--check"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_failure_of_the_field_is_played_by_a_test() -> None:
    """See `scripts/pages/failures.py`: a test says in its docstring which one it plays."""
    assert [number for number, named in failures.tests().items() if not named] == []
    assert failures.unknown() == []


def test_no_networks_name_stands_outside_its_folder() -> None:
    found = [
        f"{name(path)}:{node.lineno}: {node.value}"
        for path in files()
        if not _may_name(path)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.lower().split(":")[0] in FOLDERS
        and ALSO_A_WORD.get(str(path.relative_to(SOURCE))) != node.value
    ]
    assert found == []


def _may_name(path: Path) -> bool:
    place = str(path.relative_to(SOURCE))
    return any(place == one or place.startswith(f"{one}/") for one in MAY_NAME)
