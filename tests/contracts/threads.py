"""Checks what we say to Threads, and what its stand-in answers, against the official collection.

`threads.json` has the operations that we use, with their parameters and fields. What only the
documentation names is in `DOCUMENTED`, each with its page.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.servers.standin import Violation

HERE = Path(__file__).parent
_NAMED = ("me", "oauth", "access_token", "refresh_access_token")

#: operation → parameters and fields that are documented and not in the collection.
DOCUMENTED: Mapping[str, tuple[str, Iterable[str], Iterable[str]]] = {
    "GET {id}": (
        "Reply management, “Fields”: is_reply, root_post, replied_to, hide_status of one reply",
        (),
        ("is_reply", "is_reply_owned_by_me", "root_post", "replied_to", "hide_status"),
    ),
    "GET {id}/conversation": ("Reply management, “Paging”", ("limit", "after", "before"), ()),
    "GET {id}/replies": ("Reply management, “Paging”", ("limit", "after", "before"), ()),
}
#: What a container's number answers to, beside a post's fields: it is the same `GET {id}`.
POSTED = frozenset(("id", "success", "deleted_id"))


class Operations:
    """The description."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = json.loads((HERE / "threads.json").read_text())["operations"]
        for name, (_, parameters, fields) in DOCUMENTED.items():
            self._known[name]["parameters"] = [*self._known[name]["parameters"], *parameters]
            self._known[name]["fields"] = [*self._known[name]["fields"], *fields]

    def operation(self, method: str, path: str) -> str:
        """The name of an operation. Raises Violation for one that is not described."""
        parts = [part for part in path.split("/") if part]
        if parts and parts[0] not in _NAMED:
            parts[0] = "{id}"
        name = f"{method} {'/'.join(parts)}"
        if name not in self._known:
            raise Violation(f"Threads has no {name}")
        return name

    def check(self, method: str, path: str, sent: Mapping[str, str]) -> None:
        """Raise Violation for a path, parameter or field that is not described."""
        name = self.operation(method, path)
        unknown = set(sent) - set(self._known[name]["parameters"])
        if unknown:
            raise Violation(f"{name} has no parameter {sorted(unknown)}")
        self._check_fields(name, _names(sent.get("fields", "")))

    def _check_fields(self, name: str, asked: Iterable[str]) -> None:
        unknown = set(asked) - set(self._known[name]["fields"]) - {"id"}
        if unknown:
            raise Violation(f"{name} has no field {sorted(unknown)}")

    def check_answer(self, method: str, path: str, body: Any) -> None:
        """Raise Violation for an answer with a field that is not described."""
        name = self.operation(method, path)
        if not isinstance(body, dict) or name.endswith("access_token"):
            return
        if method != "GET":
            if set(body) - POSTED:
                raise Violation(f"{name} is not answered with {sorted(set(body) - POSTED)}")
            return
        items = body["data"] if isinstance(body.get("data"), list) else [body]
        for one in items:
            self._check_fields(name, one)


def _names(fields: str) -> set[str]:
    """`a,b{c,d}` as {"a", "b", "b.c", "b.d"}."""
    found = set()
    for one in re.findall(r"(\w+)(\{[^}]*\})?", fields):
        found.add(one[0])
        found |= {f"{one[0]}.{below}" for below in re.findall(r"\w+", one[1])}
    return found
