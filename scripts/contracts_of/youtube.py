"""What we rely on of the YouTube Data API, from Google's discovery document."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_METHODS = {
    "channels": ("list",),
    "commentThreads": ("list",),
    "comments": ("list", "insert", "update", "delete", "setModerationStatus"),
    "playlistItems": ("list",),
    "videos": ("list", "insert", "update", "delete"),
}
# Of these we use a few parts; the others would bring half of the document along.
_PARTS = {
    "Channel": ("id", "kind", "etag", "snippet", "contentDetails"),
    "Video": ("id", "kind", "etag", "snippet", "status"),
    "PlaylistItem": ("id", "kind", "etag", "snippet"),
}
_FACTS = ("type", "format", "enum", "properties", "items", "$ref", "additionalProperties")
_OF_PARAMETERS = ("type", "format", "enum", "minimum", "maximum", "required", "repeated")
_OUR_GLOBALS = ("alt", "fields", "key", "prettyPrint", "quotaUser")


def make(folder: Path) -> dict[str, Any]:
    """The methods that we call, and the schemas that they need."""
    full = json.loads((folder / "youtube" / "youtube.v3.json").read_text())
    methods = {
        f"{resource}.{name}": _method(full["resources"][resource]["methods"][name])
        for resource, names in _METHODS.items()
        for name in names
    }
    wanted = [one[side] for one in methods.values() for side in ("request", "response")]
    schemas: dict[str, Any] = {}
    for name in wanted:
        _collect(name, full["schemas"], schemas)
    globals_ = {name: _kept(full["parameters"][name], _OF_PARAMETERS) for name in _OUR_GLOBALS}
    return {
        "youtube.json": {
            "revision": full["revision"],
            "scopes": sorted(full["auth"]["oauth2"]["scopes"]),
            "parameters": globals_,
            "methods": methods,
            "schemas": schemas,
        }
    }


def _method(about: Mapping[str, Any]) -> dict[str, Any]:
    upload = about.get("mediaUpload", {}).get("protocols", {})
    return {
        "verb": about["httpMethod"],
        "path": "/" + about["path"].lstrip("/"),
        "uploads": sorted(one["path"] for one in upload.values()),
        "parameters": {
            name: _kept(one, _OF_PARAMETERS) for name, one in about["parameters"].items()
        },
        "request": about.get("request", {}).get("$ref", ""),
        "response": about.get("response", {}).get("$ref", ""),
        "scopes": sorted(about["scopes"]),
    }


def _kept(about: Mapping[str, Any], facts: tuple[str, ...]) -> dict[str, Any]:
    return {name: about[name] for name in facts if name in about}


def _collect(name: str, named: Mapping[str, Any], into: dict[str, Any]) -> None:
    """A schema and whatever it refers to."""
    if not name or name in into:
        return
    into[name] = {}  # it may refer to itself
    into[name] = _schema(named[name], _PARTS.get(name))
    for other in _references(into[name]):
        _collect(other, named, into)


def _schema(about: Mapping[str, Any], only: tuple[str, ...] | None = None) -> dict[str, Any]:
    made = _kept(about, _FACTS)
    if "properties" in made:
        made["properties"] = {
            name: _schema(one)
            for name, one in made["properties"].items()
            if only is None or name in only
        }
    for inner in ("items", "additionalProperties"):
        if isinstance(made.get(inner), dict):
            made[inner] = _schema(made[inner])
    return made


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "$ref":
                yield value
            else:
                yield from _references(value)
