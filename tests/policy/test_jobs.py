"""Work that leaves a transaction by name arrives at a function that exists and takes it."""

import ast
import inspect

from callbox import jobs
from tests.policy.source import SOURCE, called, files, name, tree

MOST_IN_A_JOB = 8


def test_every_later_matches_a_job() -> None:
    wrong = []
    for path in files():
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and _is_later(node.func)):
                continue
            first = node.args[0]
            names = _names(first)
            keywords = {keyword.arg for keyword in node.keywords} - {"at"}
            if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):  # later_for_each
                keywords.add(str(node.args[1].value))
            wrong += [
                f"{name(path)}:{node.lineno} {job}"
                for job in names
                if not _takes(job, {str(keyword) for keyword in keywords})
            ]
    assert wrong == []


def _is_later(function: ast.expr) -> bool:
    named = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return named in ("later", "later_for_each")


def _names(first: ast.expr) -> list[str]:
    """The job's name; for `job[state]`, every string of the table in `jobs.rounds`."""
    if isinstance(first, ast.Constant):
        return [str(first.value)]
    return ["deliver", "sweep_delivery", "reconcile"]


def _takes(job: str, keywords: set[str]) -> bool:
    task = getattr(jobs, job, None)
    if task is None or not hasattr(task, "func"):
        return False
    parameters = set(inspect.signature(task.func).parameters)
    return parameters == keywords | {"agency_id"}


def test_a_job_finds_rows_and_calls_one_action() -> None:
    long = {}
    for node in tree(SOURCE / "jobs" / "__init__.py").body:
        is_task = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.decorator_list
        if not is_task:
            continue
        body = node.body[1:] if ast.get_docstring(node) else node.body
        lines = (body[-1].end_lineno or 0) - body[0].lineno + 1
        if lines > MOST_IN_A_JOB:
            long[node.name] = lines
    assert long == {}


def test_no_signal_receivers() -> None:
    for path in files():
        text = path.read_text()
        assert "django.dispatch" not in text, name(path)
        assert "receiver" not in called(tree(path)), name(path)
