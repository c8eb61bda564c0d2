"""How X counts: known lengths, among them those of X's own page on counting characters."""

import pytest

from callbox.networks.x.counting import links, weight


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Elm Street is open.", 19),
        ("a" * 280, 280),
        ("café", 4),
        ("cafe\N{COMBINING ACUTE ACCENT}", 4),  # NFC first
        ("街", 2),
        ("道路封鎖中", 10),
        ("도로", 4),
        ("شارع", 4),  # Arabic weighs 1
        ("улица", 5),
        ("“Hello” – it’s…", 16),
        ("👍", 2),
        ("👩\N{ZERO WIDTH JOINER}👩\N{ZERO WIDTH JOINER}👧\N{ZERO WIDTH JOINER}👦", 2),
        ("👋🏽", 2),
        ("🇺🇸", 2),
        ("5\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}", 2),
        ("☀\N{VARIATION SELECTOR-16}", 2),
        ("☀", 2),
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", 2),
        ("👍👍", 4),
        ("https://example.org", 23),
        ("https://example.org/a/very/long/path?with=a&query=that#goes-on-and-on", 23),
        ("See https://example.org/elm.", 4 + 23 + 1),
        ("(https://example.org/elm)", 1 + 23 + 1),
        ("See example.org/elm today", 4 + 23 + 6),
        ("See chicago.gov", 4 + 23),
        ("https://a.example https://b.example", 23 + 1 + 23),
        ("Mail lee@example.org", 20),
        ("No.Space after a dot", 20),
        ("Room 4.5 at 10.30 p.m.", 22),
        ("line\nline", 9),
    ],
)
def test_weights(text: str, length: int) -> None:
    assert weight(text) == length


def test_what_would_cost_the_price_of_a_link() -> None:
    assert links("Look at https://example.org/a, or at example.gov.") == [
        "https://example.org/a",
        "example.gov",
    ]
    assert links("Come to 5th and Main. No.Link here, lee@example.org neither.") == []
