"""Cutting an OpenAPI description down to some operations, without its prose."""

from collections.abc import Mapping, Sequence
from typing import Any

# Prose and samples are somebody's text; names, types and bounds are facts.
_PROSE = {"description", "summary", "example", "examples", "externalDocs", "tags", "title"}
_SHARED = {"parameters", "servers"}


def extract(
    described: Mapping[str, Any], operations: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Only these operations ({path: methods}), and everything that they refer to. Raises KeyError
    for an operation that the description does not have."""
    paths = {
        path: {method: described["paths"][path][method] for method in methods}
        | {word: one for word, one in described["paths"][path].items() if word in _SHARED}
        for path, methods in operations.items()
    }
    kept: dict[str, dict[str, Any]] = {}
    left = list(_references(paths))
    while left:
        _, _, kind, name = left.pop().split("/")
        if name not in kept.setdefault(kind, {}):
            kept[kind][name] = described["components"][kind][name]
            left += _references(kept[kind][name])
    return {
        "openapi": described["openapi"],
        "info": {"title": described["info"]["title"], "version": described["info"]["version"]},
        "servers": [{"url": one["url"]} for one in described.get("servers", ())],
        "paths": without_prose(paths),
        "components": without_prose(kept),
    }


def without_prose(value: Any, *, names: bool = False) -> Any:
    """A value without descriptions and samples. `names`: its keys are names, not words of the
    specification, and all of them stay."""
    if isinstance(value, list):
        return [without_prose(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        word: without_prose(one, names=word == "properties" and not names)
        for word, one in value.items()
        if names or (word not in _PROSE and not word.startswith("x-"))
    }


def _references(value: Any) -> list[str]:
    """What a value refers to, the kinds that a discriminator tells apart included."""
    if isinstance(value, list):
        return [found for one in value for found in _references(one)]
    if not isinstance(value, Mapping):
        return []
    found = [found for one in value.values() for found in _references(one)]
    kinds = value.get("mapping") if "propertyName" in value else None
    if isinstance(kinds, Mapping):
        found += kinds.values()
    reference = value.get("$ref")
    return [*found, reference] if isinstance(reference, str) else found
