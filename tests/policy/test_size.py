"""Small files, small functions: the ratchet that every god file lacked."""

import ast

from tests.policy.source import files, functions, name

MOST_LINES = 500
MOST_IN_A_FUNCTION = 60


def test_no_file_is_longer_than_500_lines() -> None:
    long = {name(path): len(path.read_text().splitlines()) for path in files(tests=True)}
    assert {path: lines for path, lines in long.items() if lines > MOST_LINES} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    """Docstrings do not count: a promise may be as long as it needs."""
    long = {}
    for path in files():
        for function in functions(path):
            lines = (function.end_lineno or 0) - function.lineno + 1 - _docstring_lines(function)
            if lines > MOST_IN_A_FUNCTION:
                long[f"{name(path)}:{function.name}"] = lines
    assert long == {}


def _docstring_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    if ast.get_docstring(function) is None:
        return 0
    return (first.end_lineno or 0) - first.lineno + 1
