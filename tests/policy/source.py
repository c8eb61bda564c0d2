"""The source as the policy tests see it: files, trees, names."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "callbox"
NETWORKS = SOURCE / "networks"


@cache
def tree(path: Path) -> ast.Module:
    """A file, parsed."""
    return ast.parse(path.read_text(), str(path))


def files(folder: Path = SOURCE, *, tests: bool = False) -> list[Path]:
    """Python files below a folder; migrations are made by a program and do not count."""
    return [
        path
        for path in sorted(folder.rglob("*.py"))
        if "migrations" not in path.parts and (tests or "tests" not in path.parts)
    ]


def name(path: Path) -> str:
    """A file as people call it."""
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, nested ones included."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def called(node: ast.AST) -> set[str]:
    """Names of what is called anywhere below a node: `enter` for `ledger.enter(...)`."""
    found = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            if isinstance(one.func, ast.Attribute):
                found.add(one.func.attr)
            elif isinstance(one.func, ast.Name):
                found.add(one.func.id)
    return found
