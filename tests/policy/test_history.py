"""No deed without its line in the ledger."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.policy.source import SOURCE, called, name, tree

ACTIONS = SOURCE / "actions"
WRITES = {
    "create", "update", "save", "delete", "bulk_create", "update_or_create", "get_or_create",
    "insert",
}  # fmt: skip
LEDGER = {"enter", "enter_all"}

# Public functions that write and enter nothing, each with its reason.
WITHOUT_A_LINE = {
    "presence.save_draft": "what is being written is not a deed yet",
    "presence.ask_to_take_over": "a question between colleagues; taking over is entered",
    "presence.mark_read": "how far somebody has read is theirs alone",
    "health.heard": "counters of health; going blind and seeing again are entered",
    "preferences.prefer": "theme and keys of one member",
    "previews.refresh": "what a list shows; the deletion behind it is entered",
    "portal.note_try": "the throttle's own counting",
    "accounts.fetch_context": "context is never work",
    "connecting.leave": "nothing is connected yet; what is, is entered",
    "connecting.come_back": "the same",
    "connecting.exchange": "the same",
    "connecting.forget_begun": "the same",
    "changing.forget_early": "changes to messages that never came; nobody ever saw them",
    "media.want": "what a message brought; the message is entered, and what becomes of each file",
    "pictures.add": "a picture that nobody has sent; the reply that carries it is entered",
    "pictures.describe": "the same",
    "pictures.drop": "the same",
    "settling.again": "it did not go out; every attempt is entered when it begins",
    "signing_in.refused": "the throttle's own counting",
    "signing_in.welcomed": "the same",
}


def test_every_action_that_writes_enters_the_ledger() -> None:
    missing = [
        place
        for path in sorted(ACTIONS.glob("*.py"))
        for place, function in _public(path)
        if _reaches(path, function, WRITES) and not _reaches(path, function, LEDGER)
    ]
    assert sorted(missing) == sorted(WITHOUT_A_LINE)


def _public(path: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield f"{path.stem}.{node.name}", node


def _reaches(path: Path, function: ast.FunctionDef, wanted: set[str]) -> bool:
    """Whether a function calls one of these, itself or through functions of `actions`."""
    seen: set[tuple[Path, str]] = set()
    waiting = [(path, function)]
    while waiting:
        here, node = waiting.pop()
        if called(node) & wanted:
            return True
        for place in _calls(here, node) - seen:
            seen.add(place)
            waiting += [(place[0], found) for found in _defined(*place)]
    return False


def _calls(path: Path, node: ast.AST) -> set[tuple[Path, str]]:
    """The functions of `actions` that are called: of this file, imported by name, or through
    their module. Methods of other things that are called alike do not count."""
    imported = _imported(path)
    found = set()
    for call in ast.walk(node):
        match call:
            case ast.Call(func=ast.Name(id=name)):
                found.add((imported.get(name, path), name))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)):
                found.add((ACTIONS / f"{module}.py", name))
    return found


def _imported(path: Path) -> dict[str, Path]:
    """Names that a file takes from modules of `actions`, and the module of each."""
    found = {}
    for node in tree(path).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("callbox.actions."):
            module = ACTIONS / f"{str(node.module).rpartition('.')[2]}.py"
            found |= {alias.name: module for alias in node.names}
    return found


def _defined(path: Path, function: str) -> list[ast.FunctionDef]:
    if not path.exists():
        return []
    return [
        node
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and node.name == function
    ]


def test_migrations_import_nothing_of_ours() -> None:
    for path in (SOURCE / "migrations").glob("*.py"):
        text = path.read_text()
        assert "import callbox" not in text, name(path)
        assert "from callbox" not in text, name(path)


def test_only_the_ledger_and_the_sealer_write_entries() -> None:
    allowed = {"ledger.py", "sealer.py", "queries/records.py", "models/__init__.py"}
    users = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "callbox.models.records" in path.read_text() and "migrations" not in path.parts
    }
    assert users <= allowed
