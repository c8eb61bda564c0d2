"""The fifteen ways in which networks fail that others have met, and the tests that play them.

A test says in its docstring which one it plays: “Failure mode 9: late reports …”. A module's
docstring may say so too; then all of its tests do.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: What goes wrong, in the order of the field's record; 1 to 15.
MODES = (
    "The network takes a post and its answer is lost; trying again posts it twice",
    "Two workers use up one login's single-use renewal",
    "A network that is away for a moment is taken for a login that is over, or a renewed login is "
    "not kept",
    "A login that can only be extended while it lives is extended too late",
    "A picture or a video is published before the network has finished with it",
    "The network cannot fetch our picture from the address that we gave it",
    "Messages that come at the same moment begin several conversations, or some are lost",
    "What we said ourselves comes back and is taken for something new",
    "A late report takes back a better one: “read” becomes “delivered”, “failed” is forgotten",
    "A time window for answers is missed, or stretched by something that is not a person",
    "Edits and deletions are not seen, or come before what they change",
    "A subscription to webhooks goes missing and nobody notices",
    "Polling starves: the oldest first, or one account at the cost of the others",
    "A signature is checked over something else than what was sent",
    "E-mail answers itself, or strangers end up in one thread",
)
_MARK = re.compile(r"failure modes? (\d+(?:(?:, | and )\d+)*)", re.IGNORECASE)


def tests() -> Mapping[int, Sequence[str]]:
    """The tests of every mode, as pytest calls them; modes without one are empty."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in _files():
        for name, docstring in _docstrings(path):
            for number in _numbers(docstring):
                found[number].append(name)
    return {number: found[number] for number in range(1, len(MODES) + 1)}


def unknown() -> Sequence[str]:
    """Tests that name a mode that is none."""
    return [
        f"{name}: {number}"
        for path in _files()
        for name, docstring in _docstrings(path)
        for number in _numbers(docstring)
        if not 1 <= number <= len(MODES)
    ]


def _files() -> list[Path]:
    inside = (ROOT / "src" / "callbox").glob("**/tests/test_*.py")
    return sorted([*(ROOT / "tests").glob("**/test_*.py"), *inside])


def _docstrings(path: Path) -> Iterator[tuple[str, str]]:
    """A file's own docstring, and its tests', with their names."""
    place = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text())
    yield place, ast.get_docstring(tree) or ""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"{place}::{node.name}", ast.get_docstring(node) or ""


def _numbers(docstring: str) -> list[int]:
    marks = _MARK.findall(" ".join(docstring.split()))
    return [int(number) for mark in marks for number in re.findall(r"\d+", mark)]
