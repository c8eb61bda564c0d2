"""The checker itself: what it lets through, and what it does not."""

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.contracts.openapi import Contract
from tests.servers.standin import Call, Violation

DESCRIBED: dict[str, Any] = {
    "openapi": "3.0.0",
    "servers": [{"url": "https://api.town.example/v1"}],
    "paths": {
        "/people/me": {"get": {"responses": {"200": {"content": {"application/json": {}}}}}},
        "/people/{id}": {
            "parameters": [
                {
                    "in": "path",
                    "name": "id",
                    "required": True,
                    "schema": {"$ref": "#/components/schemas/Id"},
                }
            ],
            "get": {
                "parameters": [
                    {"$ref": "#/components/parameters/Fields"},
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 100}},
                    {"in": "query", "name": "all", "schema": {"type": "boolean"}},
                    {
                        "in": "query",
                        "name": "tag",
                        "schema": {"type": "array", "items": {"type": "string"}},
                    },
                    {"in": "query", "name": "must", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Person"}}
                        }
                    },
                    "default": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"error": {"type": "string"}},
                                }
                            }
                        }
                    },
                },
            },
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
        "/people/{id}.json": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Person"}},
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "required": ["Body"],
                                "properties": {
                                    "Body": {"type": "string"},
                                    "Count": {"type": "integer"},
                                    "Url": {"type": "array", "items": {"type": "string"}},
                                },
                            }
                        },
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "required": ["file"],
                                "properties": {
                                    "file": {"type": "string", "format": "binary"},
                                    "kind": {"type": "string", "enum": ["image"]},
                                },
                            }
                        },
                    },
                },
                "responses": {"200": {"content": {"application/json": {}}}},
            }
        },
    },
    "components": {
        "parameters": {
            "Fields": {
                "in": "query",
                "name": "fields",
                "explode": False,
                "style": "form",
                "schema": {"type": "array", "items": {"type": "string", "enum": ["name", "age"]}},
            }
        },
        "schemas": {
            "Id": {"type": "string", "pattern": "^[0-9]{1,19}$"},
            "Named": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}},
            },
            "Person": {
                "allOf": [
                    {"$ref": "#/components/schemas/Named"},
                    {
                        "type": "object",
                        "properties": {
                            "age": {"type": "integer", "nullable": True},
                            "born": {"type": "string", "format": "date-time"},
                            "friend": {"$ref": "#/components/schemas/Person"},
                            "pet": {
                                "oneOf": [
                                    {"type": "object", "properties": {"dog": {"type": "string"}}},
                                    {"type": "object", "properties": {"cat": {"type": "string"}}},
                                ]
                            },
                            "anything": {"type": "object"},
                            "open": {
                                "type": "object",
                                "additionalProperties": True,
                                "properties": {"a": {"type": "string"}},
                            },
                        },
                    },
                ]
            },
        },
    },
}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(DESCRIBED)


def call(method: str, path: str, body: bytes = b"", kind: str = "") -> Call:
    path, _, query = path.partition("?")
    headers = {"content-type": kind} if kind else {}
    return Call(method, "/v1" + path, dict(parse_qsl(query)), headers, body, raw_query=query)


def posted(value: Any) -> Call:
    return call(
        "POST", "/people/7.json", json.dumps(value).encode(), "application/json; charset=utf-8"
    )


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "good",
    [
        call("GET", "/people/me"),
        call("GET", "/people/7?must=1"),
        call("GET", "/people/7?must=1&fields=name,age&limit=5&all=true&tag=a&tag=b"),
        call("DELETE", "/people/7"),
        posted({"name": "Ana"}),
        posted(
            {"name": "Ana", "age": None, "friend": {"name": "Bo", "age": 3}, "pet": {"cat": "Z"}}
        ),
        posted({"name": "Ana", "anything": {"x": 1}, "open": {"b": 2}}),
        posted({"name": "Ana", "born": "2026-11-23T10:00:00.000Z"}),
        call("POST", "/people/7.json", b"Body=hi&Count=3&Url=a&Url=b", FORM),
    ],
)
def test_what_is_described_passes(contract: Contract, good: Call) -> None:
    contract.request(good)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (call("GET", "/persons/7"), "there is no GET"),
        (call("PUT", "/people/7"), "takes"),
        (call("GET", "/people/seven?must=1"), "parameter id"),
        (call("GET", "/people/7"), "must is missing"),
        (call("GET", "/people/7?must=1&filds=name"), "no query parameter filds"),
        (call("GET", "/people/7?must=1&fields=name,shoe"), "parameter fields"),
        (call("GET", "/people/7?must=1&limit=500"), "parameter limit"),
        (call("GET", "/people/7?must=1&limit=ten"), "parameter limit"),
        (call("GET", "/people/7?must=1&limit=1&limit=2"), "twice"),
        (call("GET", "/people/7?must=1&all=yes"), "parameter all"),
        (call("DELETE", "/people/7", b"{}", "application/json"), "takes no body"),
        (call("POST", "/people/7.json"), "needs a body"),
        (call("POST", "/people/7.json", b"{}", "text/plain"), "not “text/plain”"),
        (call("POST", "/people/7.json", b"{", "application/json"), "not JSON"),
        (posted({"name": "Ana", "nmae": "x"}), "nmae"),
        (posted({"age": 3}), "name"),
        (posted({"name": "Ana", "age": "3"}), "age"),
        (posted({"name": "Ana", "friend": {"name": "Bo", "shoe": 3}}), "shoe"),
        (posted({"name": "Ana", "pet": {"bird": "Z"}}), "bird"),
        (posted({"name": "Ana", "born": "yesterday"}), "born"),
        (posted({"name": None}), "name"),
        (call("POST", "/people/7.json", b"Count=3", FORM), "Body"),
        (call("POST", "/people/7.json", b"Body=a&Body=b", FORM), "twice"),
        (call("POST", "/people/7.json", b"Body=a&Count=x", FORM), "Count"),
        (call("POST", "/people/7.json", b"Body=a&Bdy=x", FORM), "Bdy"),
    ],
)
def test_what_is_not_described_does_not(contract: Contract, bad: Call, words: str) -> None:
    with pytest.raises(Violation, match=words):
        contract.request(bad)


def multipart(*parts: tuple[str, str, bytes]) -> Call:
    body = b"".join(
        b"--cut\r\ncontent-disposition: form-data; "
        + f"{name}{rest}\r\n\r\n".encode()
        + value
        + b"\r\n"
        for name, rest, value in parts
    )
    return call(
        "POST", "/people/7.json", body + b"--cut--\r\n", "multipart/form-data; boundary=cut"
    )


def test_multipart(contract: Contract) -> None:
    file = ('name="file"', '; filename="a.png"', b"\x89PNG\xff")
    contract.request(multipart(file, ('name="kind"', "", b"image")))
    with pytest.raises(Violation, match="file"):
        contract.request(multipart(('name="kind"', "", b"image")))
    with pytest.raises(Violation, match="kind"):
        contract.request(multipart(file, ('name="kind"', "", b"sound")))
    with pytest.raises(Violation, match="knd"):
        contract.request(multipart(file, ('name="knd"', "", b"image")))
    with pytest.raises(Violation, match="multipart"):
        contract.request(call("POST", "/people/7.json", b"x", "multipart/form-data"))


def test_answers(contract: Contract) -> None:
    asked = call("GET", "/people/7?must=1")
    contract.answer(asked, 200, {"name": "Ana"})
    contract.answer(asked, 404, {"error": "nobody"})
    contract.answer(call("DELETE", "/people/7"), 204, None)
    contract.answer(call("GET", "/people/me"), 200, {"whatever": 1})
    for status, body, words in [
        (200, {"name": "Ana", "shoe": 3}, "shoe"),
        (200, None, "no body"),
        (404, {"eror": "nobody"}, "eror"),
    ]:
        with pytest.raises(Violation, match=words):
            contract.answer(asked, status, body)
    with pytest.raises(Violation, match="a body"):
        contract.answer(call("DELETE", "/people/7"), 204, {})
    with pytest.raises(Violation, match="never answers 200"):
        contract.answer(call("DELETE", "/people/7"), 200, None)


def test_a_31_type_list_and_a_numeric_bound() -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": ["integer", "null"], "exclusiveMinimum": 0}},
    }
    described = {"paths": {}, "components": {"schemas": {"N": schema}}}
    schemas = Contract(described).schemas
    reference = {"$ref": "#/components/schemas/N"}
    assert schemas.fault({"n": None}, reference) == schemas.fault({"n": 1}, reference) == ""
    assert schemas.fault({"n": 0}, reference)
    assert schemas.fault({"m": 0}, reference)


def test_a_base_that_tells_kinds_apart_takes_what_each_of_them_has() -> None:
    kinds = {"dog": "#/components/schemas/Dog"}
    base = {"$ref": "#/components/schemas/Pet"}
    barks = {"type": "object", "required": ["barks"], "properties": {"barks": {"type": "boolean"}}}
    named = {
        "Pet": {
            "type": "object",
            "properties": {"kind": {"type": "string"}},
            "discriminator": {"propertyName": "kind", "mapping": kinds},
        },
        "Dog": {"allOf": [base, barks]},
        "Home": {"type": "object", "properties": {"pet": base}},
    }
    schemas = Contract({"paths": {}, "components": {"schemas": named}}).schemas
    home = {"$ref": "#/components/schemas/Home"}
    assert not schemas.fault({"pet": {"kind": "dog", "barks": True}}, home)
    assert not schemas.fault({"pet": {"kind": "cat"}}, home)
    assert "purrs" in schemas.fault({"pet": {"kind": "cat", "purrs": True}}, home)
