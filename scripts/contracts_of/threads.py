"""Threads: what the official Postman collection knows of the operations that we call.

Only names are kept: method and path, parameters, and the lists of fields (its variables
`fields_…`). Ids in paths become `{id}`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOURCE = Path("threads") / "threads-api.postman_collection.json"
OPERATIONS = {
    "POST oauth/access_token",
    "GET access_token",
    "GET refresh_access_token",
    "GET me",
    "GET me/threads",
    "POST me/threads",
    "POST me/threads_publish",
    "GET me/replies",
    "GET me/mentions",
    "GET me/threads_publishing_limit",
    "GET {id}",
    "DELETE {id}",
    "GET {id}/replies",
    "GET {id}/conversation",
    "POST {id}/manage_reply",
}


def make(folder: Path) -> dict[str, Any]:
    """The operations that we use, with their parameters and fields."""
    collection = json.loads((folder / SOURCE).read_text())
    variables = {one["key"]: one.get("value") or "" for one in collection["variable"]}
    operations: dict[str, dict[str, set[str]]] = {}
    for request in _requests(collection["item"]):
        name = f"{request['method']} {_path(request['url'])}"
        if name not in OPERATIONS or "location" in str(request["url"]["path"]):
            continue
        found = operations.setdefault(name, {"parameters": set(), "fields": set()})
        for parameter in request["url"].get("query", []):
            found["parameters"].add(parameter["key"])
            if parameter["key"] == "fields":
                found["fields"] |= _fields(parameter.get("value") or "", variables)
    missing = OPERATIONS - set(operations)
    if missing:
        raise SystemExit(f"The collection has no {sorted(missing)}.")
    kept = {
        name: {key: sorted(value) for key, value in one.items()} for name, one in operations.items()
    }
    return {"threads.json": {"operations": kept}}


def _requests(items: list[Any]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield from _requests(item["item"]) if "item" in item else [item["request"]]


def _path(url: dict[str, Any]) -> str:
    parts = [re.sub(r"\{\{.*\}\}", "{id}", part) for part in url.get("path", []) if part]
    return "/".join(parts)


def _fields(value: str, variables: dict[str, str]) -> set[str]:
    """`a,b{c,d}` as {"a", "b", "b.c", "b.d"}."""
    for name, content in variables.items():
        value = value.replace("{{" + name + "}}", content)
    found = set()
    for one in re.findall(r"(\w+)(\{[^}]*\})?", value):
        found.add(one[0])
        found |= {f"{one[0]}.{below}" for below in re.findall(r"\w+", one[1])}
    return found
