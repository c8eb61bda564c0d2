"""Checks calls and answers against Telegram's own description of its Bot API (`telegram.json`).

Values are held against the types that a field may have: a field that the description does not have,
one that lacks, or one of another type is a `Violation`. Types that the extract leaves out hold
anything.
"""

import json
from collections.abc import Mapping, Sequence
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from tests.servers.standin import Call, Violation

_PLAIN: Mapping[str, type | tuple[type, ...]] = {
    "Integer": int,
    "Float": (int, float),
    "String": str,
    "Boolean": bool,
}
_ARRAY = "Array of "


class BotApi:
    """The description."""

    def __init__(self) -> None:
        found = json.loads((Path(__file__).parent / "telegram.json").read_text())
        self.version: str = found["version"]
        self._methods: Mapping[str, Any] = found["methods"]
        self._types: Mapping[str, Any] = found["types"]

    def request(self, method: str, params: Mapping[str, Any]) -> None:
        """Raise Violation for a method or parameters that the description does not have."""
        about = self._methods.get(method)
        if about is None:
            raise Violation(f"there is no method {method}")
        self._fields(method, about["fields"], params)

    def answer(self, method: str, result: Any) -> None:
        """Raise Violation for a result that the method never gives."""
        self._one_of(f"result of {method}", self._methods[method]["returns"], result)

    def update(self, value: Any) -> None:
        """Raise Violation for an update that Telegram never sends."""
        self._check("update", "Update", value)

    def _fields(self, where: str, fields: Mapping[str, Any], value: Mapping[str, Any]) -> None:
        for name, field in fields.items():
            if field["required"] and name not in value:
                raise Violation(f"{where}: {name} is missing")
        for name, one in value.items():
            if name not in fields:
                raise Violation(f"{where}: there is no {name}")
            self._one_of(f"{where}.{name}", fields[name]["types"], one)

    def _one_of(self, where: str, kinds: Sequence[str], value: Any) -> None:
        faults = []
        for kind in kinds:
            try:
                self._check(where, kind, value)
            except Violation as violation:
                faults.append(str(violation))
            else:
                return
        raise Violation(max(faults, key=len, default=where))

    def _check(self, where: str, kind: str, value: Any) -> None:
        if kind.startswith(_ARRAY):
            if not isinstance(value, list):
                raise Violation(f"{where}: not a list")
            for i, one in enumerate(value):
                self._check(f"{where}[{i}]", kind.removeprefix(_ARRAY), one)
        elif kind in _PLAIN:
            is_bool = isinstance(value, bool)
            if not isinstance(value, _PLAIN[kind]) or (is_bool and kind != "Boolean"):
                raise Violation(f"{where}: {value!r} is no {kind}")
        elif kind == "InputFile":
            if not isinstance(value, bytes):
                raise Violation(f"{where}: not a file")
        else:
            self._object(where, kind, value)

    def _object(self, where: str, kind: str, value: Any) -> None:
        about = self._types.get(kind)
        if about is None:
            return
        if "one_of" in about:
            self._one_of(where, about["one_of"], value)
        elif not isinstance(value, dict):
            raise Violation(f"{where}: no {kind}")
        else:
            self._fields(where, about["fields"], value)


def params_of(call: Call) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The parameters of a call, and the files that came with them. In a multipart body, what looks
    like JSON was written as it."""
    kind = call.headers.get("content-type", "")
    if not call.body:
        return {}, {}
    if kind.startswith("application/json"):
        return dict(call.json()), {}
    if not kind.startswith("multipart/form-data"):
        raise Violation(f"{call.path}: a body of type “{kind}”")
    params: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for name, filename, content in _parts(call, kind):
        if filename:
            files[name] = content
        else:
            params[name] = _decoded(content.decode())
    return params, files


def _parts(call: Call, kind: str) -> list[tuple[str, str, bytes]]:
    head = f"content-type: {kind}\r\n\r\n".encode()
    whole: Message = BytesParser().parsebytes(head + call.body)
    found = []
    for part in whole.get_payload():
        assert isinstance(part, Message)
        content = part.get_payload(decode=True)
        name = str(part.get_param("name", header="content-disposition"))
        found.append(
            (name, part.get_filename() or "", content if isinstance(content, bytes) else b"")
        )
    return found


def _decoded(value: str) -> Any:
    """Numbers and JSON structures as they are meant; everything else is a string."""
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(found, float) else found
