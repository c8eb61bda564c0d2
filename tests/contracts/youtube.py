"""Checks requests and answers against Google's discovery document for the YouTube Data API.

`youtube.json` beside this file is an extract of it, made by `scripts/contracts`. Bodies are closed:
a field that the document does not name is a fault. Uploads are checked where a session is opened;
what goes to the session's own address is described in prose only (see the stand-in).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.contracts.schemas import Schemas
from tests.servers.standin import Call, Violation

_UPLOAD_WORDS = ("uploadType", "upload_id")
_PREFIX = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the API, as its document has it."""

    name: str
    about: Mapping[str, Any]


class Discovery:
    """The API's description."""

    def __init__(self) -> None:
        text = (Path(__file__).parent / "youtube.json").read_text()
        self._about: Mapping[str, Any] = json.loads(text)
        self.schemas = Schemas(_with_paths(self._about["schemas"]))

    @property
    def scopes(self) -> frozenset[str]:
        """Every permission that the API knows."""
        return frozenset(self._about["scopes"])

    def method(self, call: Call) -> Method:
        """What a call is. Raises Violation when there is no such method."""
        for name, about in self._about["methods"].items():
            if about["verb"] == call.method and call.path in (about["path"], *about["uploads"]):
                return Method(name, about)
        raise Violation("YouTube has no such method")

    def request(self, call: Call) -> Method:
        """Raise Violation when YouTube does not describe this request."""
        method = self.method(call)
        self._query(method, call)
        wanted = method.about["request"]
        if wanted:
            self._is(call.json(), wanted, "the body")
            self._has_parts(call)
        elif call.body:
            raise Violation(f"{method.name} takes no body")
        return method

    def answer(self, call: Call, body: Any) -> None:
        """Raise Violation when YouTube would never answer this."""
        method = self.method(call)
        wanted = method.about["response"]
        if wanted:
            self._is(body, wanted, "the answer")
        elif body is not None:
            raise Violation(f"{method.name} answers nothing")

    # --- inside -------------------------------------------------------------------------------

    def _query(self, method: Method, call: Call) -> None:
        known = {**self._about["parameters"], **method.about["parameters"]}
        pairs = parse_qsl(call.raw_query, keep_blank_values=True)
        given = {name for name, _ in pairs}
        for name, value in pairs:
            if name in known:
                _fits(name, value, known[name])
            elif not (name in _UPLOAD_WORDS and method.about["uploads"]):
                raise Violation(f"{method.name} has no parameter {name}")
        for name, about in method.about["parameters"].items():
            if about.get("required") and name not in given:
                raise Violation(f"{method.name} needs {name}")

    def _has_parts(self, call: Call) -> None:
        """What is written must stand in `part`, else YouTube would ignore it."""
        asked = call.query.get("part", "").split(",")
        ignored = sorted(set(call.json()) - {"id", "kind", "etag", *asked})
        if ignored:
            raise Violation(f"part does not name {', '.join(ignored)}")

    def _is(self, value: Any, schema: str, what: str) -> None:
        fault = self.schemas.fault(value, {"$ref": _PREFIX + schema})
        if fault:
            raise Violation(f"{what} is no {schema}: {fault}")


def _fits(name: str, value: str, about: Mapping[str, Any]) -> None:
    values = value.split(",") if about.get("repeated") else [value]
    for one in values:
        if "enum" in about and one not in about["enum"]:
            raise Violation(f"{name} may not be {one}")
        if about["type"] == "boolean" and one not in ("true", "false"):
            raise Violation(f"{name} is true or false, not {one}")
        if about["type"] == "integer" and not _in_range(one, about):
            raise Violation(f"{name} may not be {one}")


def _in_range(value: str, about: Mapping[str, Any]) -> bool:
    if not value.isdigit():
        return False
    return int(about.get("minimum", 0)) <= int(value) <= int(about.get("maximum", 2**32))


def _with_paths(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas with references as OpenAPI writes them, which is what `Schemas` reads."""

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: _PREFIX + one if name == "$ref" and isinstance(one, str) else read(one)
                for name, one in value.items()
            }
        return value

    found: dict[str, Any] = read(schemas)
    return found
