"""Every contract of `pyproject.toml` catches a break: imports are planted in a copy, and found."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.policy.source import ROOT, SOURCE

#: Who suddenly imports whom, by the contract that forbids it.
PLANTED: dict[str, tuple[tuple[str, str], ...]] = {
    "The stack": (
        ("callbox.actions.posts", "callbox.web.doors"),
        ("callbox.jobs.rounds", "callbox.web.doors"),
        ("callbox.queries.people", "callbox.actions.posts"),
        ("callbox.ledger", "callbox.actions.doing"),
        ("callbox.sealer", "callbox.queries.people"),
        ("callbox.effects", "callbox.ledger"),
        ("callbox.scope", "callbox.effects"),
        ("callbox.bulk", "callbox.scope"),
        ("callbox.sql", "callbox.bulk"),
        ("callbox.models.posts", "callbox.scope"),
        ("callbox.meta.graph", "callbox.networks"),
        ("callbox.oauth", "callbox.meta.graph"),
        ("callbox.wire", "callbox.meta.graph"),
        ("callbox.connector", "callbox.wire"),
        ("callbox.rules.clock", "callbox.connector"),
        ("callbox.vocabulary", "callbox.rules.clock"),
        ("callbox.values", "callbox.rules.clock"),
    ),
    "Networks know nothing of each other": (
        ("callbox.networks.bluesky.parse", "callbox.networks.mastodon.html"),
    ),
    "Below the models there is no Django": (
        ("callbox.networks.mastodon.parse", "callbox.models.inbox"),
        ("callbox.rules.access", "django.utils.timezone"),
        ("callbox.connector", "procrastinate"),
    ),
    "Rules and words do no I/O": (
        ("callbox.rules.text", "socket"),
        ("callbox.vocabulary", "httpx"),
    ),
    "Staff pages and public pages are independent": (
        ("callbox.web.staff.lists", "callbox.web.portal.views"),
    ),
    "Only the ledger and queries touch the records": (
        ("callbox.actions.health", "callbox.models.records"),
    ),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the source in which all of these are planted."""
    copy = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", copy)
    leave = shutil.ignore_patterns("__pycache__", "static", "samples", "agency_data", "*.json")
    shutil.copytree(SOURCE, copy / "src" / "callbox", ignore=leave)
    for who, whom in (pair for pairs in PLANTED.values() for pair in pairs):
        stem = copy / "src" / Path(*who.split("."))
        with stem.with_suffix(".py").open("a") as file:
            file.write(f"\nimport {whom}\n")
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", lint, "--no-cache"],
        cwd=copy,
        env={"PYTHONPATH": str(copy / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


@pytest.mark.parametrize("contract", PLANTED)
def test_every_contract_catches_a_break(report: str, contract: str) -> None:
    assert re.search(rf"^{contract}.* BROKEN$", report, re.MULTILINE)
    part = _part(report, contract)
    for who, whom in PLANTED[contract]:
        ours = whom.startswith("callbox.")
        line = f"{who} -> {whom if ours else whom.split('.')[0]} (l."
        assert line in part, f"{line}\n{part}"


def _part(report: str, contract: str) -> str:
    """What is said of one broken contract."""
    _, _, broken = report.partition("Broken contracts")
    _, _, part = broken.partition(f"\n{contract}")
    ends = [part.find(f"\n{other}") for other in PLANTED if other != contract]
    return part[: min((end for end in ends if end > 0), default=len(part))]


def test_every_contract_is_tried() -> None:
    names = re.findall(r'^name = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    contracts = [name for name in names if name != "callbox"]
    assert len(contracts) == len(PLANTED)
    for name in contracts:
        assert any(name.startswith(start) for start in PLANTED), name
