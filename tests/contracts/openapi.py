"""Checks requests and answers against a network's own OpenAPI description (3.0 or 3.1).

`Contract.load("x")` reads `x.json` beside this file, an extract made by `scripts/contracts`. A
stand-in calls `request` from `check_request` and `answer` from `check_answer`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.contracts.schemas import Schema, Schemas
from tests.servers.standin import Call, Violation

_METHODS = ("get", "post", "put", "patch", "delete")
_FORM = "application/x-www-form-urlencoded"
_BRACES = re.compile(r"\{([^{}]+)\}")

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Operation:
    """One method of one path: `path` with braces, and `pattern` to know it by."""

    method: str
    path: str
    pattern: re.Pattern[str]
    about: Mapping[str, Any]
    parameters: Sequence[Mapping[str, Any]]


class Contract:
    """One network's description of its API."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        components = described.get("components") or {}
        self._components = components
        self.schemas = Schemas(components.get("schemas") or {})
        self._prefix = _prefix(described)
        self._operations = sorted(self._read(described["paths"]), key=_literal_first)

    @classmethod
    def load(cls, name: str) -> "Contract":
        """The contract in `<name>.json` beside this file."""
        return cls(json.loads((Path(__file__).parent / f"{name}.json").read_text()))

    # --- requests -----------------------------------------------------------------------------

    def request(self, call: Call) -> None:
        """Raise Violation when the network does not describe this request."""
        operation, parts = self._find(call)
        query = _grouped(parse_qsl(call.raw_query, keep_blank_values=True))
        if not call.raw_query:
            query = {name: [value] for name, value in call.query.items()}
        headers = {name: [value] for name, value in call.headers.items()}
        known = set()
        for parameter in operation.parameters:
            place, name = parameter["in"], parameter["name"]
            if place == "query":
                known.add(name)
                self._parameter(parameter, query.get(name))
            elif place == "path":
                self._parameter(parameter, [parts[name]])
            elif place == "header":
                self._parameter(parameter, headers.get(name.lower()))
        unknown = sorted(query.keys() - known)
        if unknown:
            raise Violation(f"{operation.path} has no query parameter {', '.join(unknown)}")
        self._body(operation, call)

    def _parameter(self, parameter: Mapping[str, Any], values: Sequence[str] | None) -> None:
        name = parameter["name"]
        if values is None:
            if parameter.get("required"):
                raise Violation(f"the {parameter['in']} parameter {name} is missing")
            return
        if "schema" in parameter:
            self._check(
                f"parameter {name}", self._read_value(parameter, values), parameter["schema"]
            )

    def _read_value(self, parameter: Mapping[str, Any], values: Sequence[str]) -> Any:
        schema = self.schemas.resolved(parameter["schema"])
        if schema.get("type") != "array":
            if len(values) > 1:
                raise Violation(f"parameter {parameter['name']} is there twice")
            return self._typed(values[0], schema)
        style = parameter.get("style", "form" if parameter["in"] == "query" else "simple")
        if not parameter.get("explode", style == "form"):
            values = [one for value in values for one in value.split(",")]
        return [self._typed(value, schema.get("items", {})) for value in values]

    def _typed(self, value: str, schema: Schema) -> Any:
        """The value that a string stands for: itself where a string may stand, else a number or a
        truth value."""
        if self.schemas.fault(value, schema):
            try:
                typed = json.loads(value)
            except ValueError:
                return value
            if isinstance(typed, bool | int | float):
                return typed
        return value

    def _body(self, operation: _Operation, call: Call) -> None:
        described = self._followed(operation.about.get("requestBody") or {})
        content = described.get("content") or {}
        if not call.body:
            if described.get("required"):
                raise Violation(f"{operation.path} needs a body")
            return
        if not content:
            raise Violation(f"{operation.path} takes no body")
        kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in content:
            raise Violation(f"{operation.path} takes {', '.join(content)}, not “{kind}”")
        schema = content[kind].get("schema")
        if schema is not None:
            self._check("body", self._read_body(call, kind, schema), schema)

    def _read_body(self, call: Call, kind: str, schema: Schema) -> Any:
        if kind == _FORM:
            pairs = parse_qsl(call.body.decode(), keep_blank_values=True)
            return self._form(_grouped(pairs), schema)
        if kind == "multipart/form-data":
            return self._form(_multipart(call), schema)
        return call.json()

    def _form(self, values: Values, schema: Schema) -> dict[str, Any]:
        properties = self.schemas.properties(schema)
        made: dict[str, Any] = {}
        for name, given in values.items():
            one = self.schemas.resolved(properties.get(name, {}))
            if one.get("type") == "array":
                made[name] = [self._typed(value, one.get("items", {})) for value in given]
            elif len(given) > 1:
                raise Violation(f"the form has {name} twice")
            else:
                made[name] = self._typed(given[0], one)
        return made

    # --- answers ------------------------------------------------------------------------------

    def answer(self, call: Call, status: int, body: Any) -> None:
        """Raise Violation when the network does not describe this answer to this request. `body`
        is as in `standin.Answer`: None for none, bytes or text as they are, else JSON."""
        operation, _ = self._find(call)
        responses = operation.about.get("responses") or {}
        described = next(
            (
                responses[one]
                for one in (str(status), f"{status // 100}XX", "default")
                if one in responses
            ),
            None,
        )
        if described is None:
            raise Violation(f"{operation.method} {operation.path} never answers {status}")
        content = self._followed(described).get("content") or {}
        if body is None or not content:
            if (body is None) == bool(content):
                raise Violation(f"{status} has {'no' if content else 'a'} body here")
            return
        schemas = [one["schema"] for one in content.values() if "schema" in one]
        if isinstance(body, bytes | str) or len(schemas) < len(content):
            return
        faults = [self.schemas.fault(body, schema) for schema in schemas]
        if all(faults):
            raise Violation(f"{status} {faults[0]}")

    # --- reading the description ----------------------------------------------------------------

    def _check(self, what: str, value: Any, schema: Schema) -> None:
        fault = self.schemas.fault(value, schema)
        if fault:
            raise Violation(f"{what}: {fault}")

    def _find(self, call: Call) -> tuple[_Operation, dict[str, str]]:
        path = call.path.removeprefix(self._prefix)
        methods = []
        for operation in self._operations:
            match = operation.pattern.fullmatch(path)
            if match is None:
                continue
            if operation.method == call.method:
                names = _BRACES.findall(operation.path)
                values = (unquote(value) for value in match.groups())
                return operation, dict(zip(names, values, strict=True))
            methods.append(operation.method)
        if methods:
            raise Violation(f"{call.path} takes {', '.join(methods)}, not {call.method}")
        raise Violation(f"there is no {call.method} {call.path}")

    def _followed(self, about: Mapping[str, Any]) -> Mapping[str, Any]:
        """A parameter, body or response; a reference to one is followed."""
        while "$ref" in about:
            _, _, kind, name = about["$ref"].split("/")
            about = self._components[kind][name]
        return about

    def _read(self, paths: Mapping[str, Any]) -> list[_Operation]:
        found = []
        for path, about in paths.items():
            shared = {_place(one): one for one in map(self._followed, about.get("parameters", ()))}
            for method in _METHODS:
                if method not in about:
                    continue
                own = map(self._followed, about[method].get("parameters", ()))
                parameters = shared | {_place(one): one for one in own}
                operation = _Operation(
                    method.upper(), path, _pattern(path), about[method], list(parameters.values())
                )
                found.append(operation)
        return found


def _place(parameter: Mapping[str, Any]) -> tuple[str, str]:
    return parameter["in"], parameter["name"]


def _pattern(path: str) -> re.Pattern[str]:
    parts = _BRACES.split(path)
    return re.compile(
        "".join("([^/]+)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    )


def _literal_first(operation: _Operation) -> list[int]:
    """Whole words before parts with braces, and those before braces alone."""
    return [
        0 if "{" not in part else 2 if _BRACES.fullmatch(part) else 1
        for part in operation.path.split("/")
    ]


def _prefix(described: Mapping[str, Any]) -> str:
    servers = described.get("servers") or [{"url": ""}]
    path = urlsplit(servers[0]["url"]).path.rstrip("/")
    return "" if "{" in path else path


def _grouped(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _multipart(call: Call) -> dict[str, list[str]]:
    """Names and values of a multipart form; a file's bytes stand as "", they are not looked at."""
    head = f"content-type: {call.headers['content-type']}\r\n\r\n".encode()
    parsed = BytesParser().parsebytes(head + call.body)
    if not parsed.is_multipart():
        raise Violation("the body is not multipart")
    found: dict[str, list[str]] = {}
    for part in parsed.get_payload():
        assert isinstance(part, Message)
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise Violation("a part of the body has no name")
        content = part.get_payload(decode=True)
        text = "" if part.get_filename() else bytes(content or b"").decode(errors="replace")
        found.setdefault(name, []).append(text)
    return found
