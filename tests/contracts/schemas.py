"""Schemas of an OpenAPI description as JSON Schema 2020-12, closed against unknown properties.

A description leaves most of its objects open, which would let a misspelled field through. Here an
object that names its properties takes no others, unless the description says in so many words that
it does (`additionalProperties`). `allOf`, `anyOf` and `oneOf` are closed as a whole, not branch by
branch. `oneOf` is read as `anyOf`: descriptions are careless about what excludes what.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match

Schema = Mapping[str, Any]

_PREFIX = "#/components/schemas/"
_ONE = ("not", "if", "then", "else")
_MANY = ("allOf", "anyOf", "oneOf")
_POSITIONS = ("items", "additionalProperties", "contains")
_KEPT = frozenset(
    "type enum const required minimum maximum minLength maxLength minItems maxItems uniqueItems "
    "minProperties maxProperties multipleOf format".split()
)

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return datetime.fromisoformat(value).tzinfo is not None and "T" in value.upper()


class Schemas:
    """The named schemas of one description, and what a value lacks to be one of them."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._named = named
        self._defs = {name: self._open(schema) for name, schema in named.items()}

    def fault(self, value: Any, schema: Schema) -> str:
        """What is wrong with a value, and where; "" when it is as the schema says."""
        checked = {"$defs": self._defs, **self._closed(schema)}
        validator = Draft202012Validator(checked, format_checker=FORMATS)
        errors = list(validator.iter_errors(value))
        if not errors:
            return ""
        error = best_match([max(errors, key=_depth)])
        return f"{error.json_path}: {error.message}"[:600]

    def resolved(self, schema: Schema) -> Schema:
        """A schema with its own reference followed. Raises KeyError for an unknown name."""
        while "$ref" in schema:
            schema = self._named[_name(schema["$ref"])]
        return schema

    def properties(self, schema: Schema) -> dict[str, Schema]:
        """Every property that a schema names, its branches' too."""
        return self._properties(schema, frozenset())

    def _properties(self, schema: Schema, met: frozenset[str]) -> dict[str, Schema]:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in met:
                return {}
            return self._properties(self._named[_name(reference)], met | {reference})
        found: dict[str, Schema] = dict(schema.get("properties") or {})
        for word in _MANY:
            for branch in schema.get(word, ()):
                found |= self._properties(branch, met)
        return found

    def _closed(self, schema: Schema) -> dict[str, Any]:
        """A schema where a value stands: what it does not name, a value may not have."""
        made = self._open(schema)
        kinds = self._kinds(schema)
        if kinds:
            made = {"anyOf": [made, *kinds]}
        if kinds or self.properties(schema):
            made["unevaluatedProperties"] = False
        return made

    def _kinds(self, schema: Schema) -> list[dict[str, str]]:
        """The kinds of a thing that a base schema tells apart by one of its properties, where it
        does not list them itself: they refer to it, not it to them."""
        base = self.resolved(schema)
        if any(word in base for word in _MANY):
            return []
        kinds = (base.get("discriminator") or {}).get("mapping") or {}
        return [{"$ref": f"#/$defs/{_name(one)}"} for one in sorted(set(kinds.values()))]

    def _open(self, schema: Schema) -> dict[str, Any]:
        made = {word: schema[word] for word in _KEPT & schema.keys()}
        if "required" in made and "properties" in schema:
            # A description may demand a name that it does not have: nothing could then be right.
            names = self.properties(schema)
            made["required"] = [name for name in made["required"] if name in names]
        if "$ref" in schema:
            made["$ref"] = f"#/$defs/{_name(schema['$ref'])}"
        if _compiles(schema.get("pattern")):
            made["pattern"] = schema["pattern"]
        self._bounds(schema, made)
        properties = schema.get("properties")
        if properties:
            made["properties"] = {name: self._closed(one) for name, one in properties.items()}
        for word in _POSITIONS:
            inner = schema.get(word)
            if inner is not None:
                made[word] = self._closed(inner) if isinstance(inner, Mapping) else inner
        self._branches(schema, made)
        return _nullable(made) if schema.get("nullable") is True else made

    def _bounds(self, schema: Schema, made: dict[str, Any]) -> None:
        """OpenAPI 3.0 writes an exclusive bound as a mark beside it, 3.1 as a number."""
        for word, beside in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            bound = schema.get(word)
            if bound is True:
                made[word] = made.pop(beside)
            elif isinstance(bound, int | float) and not isinstance(bound, bool):
                made[word] = bound

    def _branches(self, schema: Schema, made: dict[str, Any]) -> None:
        for word in _ONE:
            if isinstance(schema.get(word), Mapping):
                made[word] = self._open(schema[word])
        groups = [
            (word, [self._open(one) for one in schema[word]]) for word in _MANY if schema.get(word)
        ]
        if groups:
            all_of = [{"anyOf" if word == "oneOf" else word: branches} for word, branches in groups]
            made["allOf"] = all_of


def _depth(error: ValidationError) -> tuple[int, bool]:
    """The deepest fault is the cause; that its surroundings are then not as described follows."""
    return len(error.absolute_path), error.validator != "unevaluatedProperties"


def _nullable(made: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [made, {"type": "null"}]}


def _compiles(pattern: Any) -> bool:
    """Whether Python reads a pattern; the few that it does not are let go."""
    try:
        return isinstance(pattern, str) and bool(re.compile(pattern))
    except re.error:
        return False


def _name(reference: str) -> str:
    if not reference.startswith(_PREFIX):
        raise ValueError(f"a reference that is not to a schema: {reference}")
    return reference.removeprefix(_PREFIX)
