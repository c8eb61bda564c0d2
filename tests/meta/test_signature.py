"""Webhooks: failure mode 14, signatures over the raw bytes; the handshake; one Raw per entry."""

import json

import pytest

from callbox.connector import Refused, Signed
from callbox.meta.signature import HEADER, answered, signed, split

SECRET = "app-secret"
WORD = "our-word"
BODY = '{"object":"page","entry":[{"id":"1","text":"é"},{"id":2}]}'.encode()


def call(body: bytes = BODY, **headers: str) -> Signed:
    given = {HEADER: signed(body, SECRET)} | {k.replace("_", "-"): v for k, v in headers.items()}
    return Signed("POST", "https://callbox.example/hooks", given, body)


def test_a_good_signature() -> None:
    raws = answered(call(), secret=SECRET, verify_token=WORD).raws
    assert [raw.to for raw in raws] == ["1", "2"]
    assert [raw.json()["entry"][0] for raw in raws] == [{"id": "1", "text": "é"}, {"id": 2}]


@pytest.mark.parametrize("header", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "é"])
def test_a_bad_signature(header: str) -> None:
    with pytest.raises(Refused):
        answered(call(x_hub_signature_256=header), secret=SECRET, verify_token=WORD)
    with pytest.raises(Refused, match="not stored"):
        answered(call(), secret="", verify_token=WORD)


def test_bytes_that_mean_the_same_are_not_the_same() -> None:
    escaped = json.dumps(json.loads(BODY)).encode()
    forged = Signed("POST", "", {HEADER: signed(BODY, SECRET)}, escaped)
    with pytest.raises(Refused):
        answered(forged, secret=SECRET, verify_token=WORD)


def test_the_handshake() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1 & 2"}
    shake = Signed("GET", "", {}, b"", query)
    assert answered(shake, secret=SECRET, verify_token=WORD).body == b"1 & 2"
    with pytest.raises(Refused):
        answered(shake, secret=SECRET, verify_token="other")
    with pytest.raises(Refused):
        answered(Signed("GET", "", {}, b"", {}), secret=SECRET, verify_token="")


def test_one_entry_keeps_its_bytes() -> None:
    """What is kept as evidence is what came, wherever it was one entry's."""
    one = b'{ "object" : "page", "entry":[ {"id":"1"} ] }'
    assert [raw.body for raw in split(one)] == [one]


@pytest.mark.parametrize(
    "body", [b"", b"[", b"[]", b"{}", b'{"entry": 7}', b'{"entry": []}', b"\xff"]
)
def test_whatever_makes_no_sense_is_kept_as_it_came(body: bytes) -> None:
    assert [raw.body for raw in split(body)] == [body]


def test_an_envelope_without_entries() -> None:
    body = b'{"app_id": "1", "values": {"value": {"owner": "9"}}}'
    (raw,) = split(body, "push", lambda whole: str(whole["values"]["value"]["owner"]))
    assert (raw.kind, raw.to, raw.body) == ("push", "9", body)
