"""What the documents promise can be done: the toy network works as written, and every link leads
somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest

from callbox.connector import AccountSeen, Connector, Malformed, Raw
from callbox.vocabulary import Said
from tests.policy.source import ROOT

DOCUMENTS = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])


def _town() -> type[Connector]:
    """The class that `docs/add-a-network.md` has its reader write."""
    text = (ROOT / "docs" / "add-a-network.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    code = next(block for block in blocks if "class Town" in block)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/add-a-network.md", "exec"), names)  # noqa: S102  # our own document
    found: type[Connector] = names["Town"]
    return found


def test_the_toy_network_of_the_guide_is_a_network() -> None:
    town = _town()
    assert town.abilities() == {"identify", "fetch", "reply"}
    connector = town(AccountSeen("1", "t1", "pd", {"server": "https://board.example"}))
    good = {
        "id": "m1",
        "at": "2026-05-14T12:00:00+00:00",
        "text": "Is the office open?",
        "author": {"id": "a1", "name": "Ana"},
    }
    said = connector.parse(Raw.of("mention", good))[0]
    assert isinstance(said, Said)
    assert said.text == "Is the office open?"
    with pytest.raises(Malformed):
        connector.parse(Raw.of("mention", {}))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_files_that_the_tour_names_exist() -> None:
    text = (ROOT / "docs" / "tour.md").read_text()
    named = re.findall(r"`((?:[\w]+/)*\w+\.py)` · `(\w+)", text)
    assert len(named) > 10
    for file, function in named:
        path = ROOT / "src" / "callbox" / file
        assert re.search(rf"^(def )?{function}\b", path.read_text(), re.MULTILINE), file
