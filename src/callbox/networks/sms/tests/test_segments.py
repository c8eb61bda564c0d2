"""How many texts a text becomes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.networks.sms.segments import segments, thrifty


@pytest.mark.parametrize(
    ("text", "count", "encoding", "used"),
    [
        ("", 0, "GSM-7", 0),
        ("a" * 160, 1, "GSM-7", 160),
        ("a" * 161, 2, "GSM-7", 8),
        ("a" * 306, 2, "GSM-7", 153),
        ("a" * 307, 3, "GSM-7", 1),
        ("€" * 80, 1, "GSM-7", 160),
        ("a" * 159 + "€", 2, "GSM-7", 8),
        ("a" * 152 + "€" + "b" * 152, 3, "GSM-7", 1),  # the € does not stand on both sides
        ("ж" * 70, 1, "UCS-2", 70),
        ("ж" * 71, 2, "UCS-2", 4),
        ("🙏" * 35, 1, "UCS-2", 70),
        ("ж" * 66 + "🙏" + "ж" * 60, 2, "UCS-2", 62),
        ("a" * 69 + "’", 1, "UCS-2", 70),
    ],
)
def test_what_a_text_becomes(text: str, count: int, encoding: str, used: int) -> None:
    found = segments(text)
    assert (found.count, found.encoding, found.used) == (count, encoding, used)


def test_the_characters_that_make_it_long_are_named() -> None:
    assert segments("It’s open – see you’").odd == "’–"


@given(st.text(max_size=400))
def test_everything_has_a_place(text: str) -> None:
    found = segments(text)
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert found.used <= found.room
    if found.encoding == "UCS-2":
        assert found.count * found.room >= units
    assert (found.count == 0) == (text == "")


def test_the_dash_of_a_signature_costs_no_second_message() -> None:
    text = "It’s open again. “Thank you…”\n— Ofc. Diaz, 11th District"
    assert thrifty(text) == 'It\'s open again. "Thank you..."\n- Ofc. Diaz, 11th District'
    assert segments(text).encoding == "UCS-2"
    assert segments(thrifty(text)).encoding == "GSM-7"
    assert thrifty("مرحبا — Ofc. Diaz") == "مرحبا — Ofc. Diaz", "no gain, so nothing is changed"
