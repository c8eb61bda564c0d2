"""Whatever comes, `parse` gives events or says Malformed, soon."""

import json
import time
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbox.connector import Malformed, Raw
from callbox.networks.email import html, quotes
from callbox.networks.email.tests.make import KIND, SAMPLES, reader, sample
from callbox.networks.email.tests.tricky import MAILS
from callbox.rules.events import faults_of
from callbox.vocabulary import Event, Said

SECONDS = 3.0  # on a busy machine; what is quadratic takes minutes


@pytest.mark.parametrize("name", sorted(MAILS))
def test_a_tricky_mail(name: str) -> None:
    began = time.monotonic()
    events: Sequence[Event] = ()
    with suppress(Malformed):
        events = reader().parse(Raw(KIND, MAILS[name]))
    assert time.monotonic() - began < SECONDS
    for event in events:
        assert faults_of(event) == ""
        assert isinstance(event, Said)
        json.dumps(event.refs)
        name_shown = event.author.name if event.author else ""
        assert "\n" not in name_shown + str(event.refs["subject"])
        assert "\r" not in name_shown + str(event.refs["subject"])


PIECES = st.sampled_from(
    [
        b"From: ", b"<a@b>", b"\r\n", b"\r\n\r\n", b"--b", b"=?utf-8?q?", b"?=", b"\xff", b"\x00",
        b"Content-Type: multipart/mixed; boundary=b", b"Message-ID: ", b"References: ", b"<div>",
        b"Content-Type: message/delivery-status", b"Action: failed", b"Auto-Submitted: ", b"> ",
        b" wrote:",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=40))
def test_any_pieces(pieces: list[bytes]) -> None:
    _is_total(b"".join(pieces), KIND)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(path.stem for path in SAMPLES.glob("*.json"))),
    st.integers(0, 1500),
    st.integers(0, 200),
    st.binary(max_size=20),
)
def test_any_damage_to_a_sample(name: str, at: int, length: int, instead: bytes) -> None:
    raw = sample(name)
    _is_total(raw.body[:at] + instead + raw.body[at + length :], raw.kind)


def _is_total(body: bytes, kind: str) -> None:
    try:
        events = reader().parse(Raw(kind, body))
    except Malformed:
        return
    assert events == reader().parse(Raw(kind, body))
    for event in events:
        assert faults_of(event) == ""


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    html.plain(text)
    quotes.new_words(text)
