"""A network is one folder and one line, and generic code never says its name."""

import ast
import tomllib
from pathlib import Path

import pytest

from callbox.connector import Connector
from callbox.networks import REGISTRY, connector_class
from tests.policy.source import NETWORKS, SOURCE, files, name, tree

FOLDERS = sorted(path.name for path in NETWORKS.iterdir() if (path / "__init__.py").exists())

RULES = {
    "samples", "error_map", "idempotent_send", "reconcile", "read_back", "edits", "deletions",
    "media_alt", "private", "hide", "rate_limits", "session_reuse", "backfill", "streaming",
    "real_server_tests",
}  # fmt: skip

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
    grades = tomllib.loads((NETWORKS / folder / "quality.toml").read_text())
    grades.pop("glyph", None)  # the drawing that stands for the network, where it has no mark
    assert set(grades) == RULES
    for rule, grade in grades.items():
        assert grade["status"] in ("done", "exempt"), rule
        assert grade["comment"], rule


def test_no_networks_name_stands_outside_its_folder() -> None:
    found = [
        f"{name(path)}:{node.lineno}: {node.value}"
        for path in files()
        if not _may_name(path)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.lower().split(":")[0] in FOLDERS
    ]
    assert found == []


def _may_name(path: Path) -> bool:
    place = str(path.relative_to(SOURCE))
    return any(place == one or place.startswith(f"{one}/") for one in MAY_NAME)
