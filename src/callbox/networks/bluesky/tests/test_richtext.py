import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.networks.bluesky.richtext import facets, graphemes

KNOWN = {"harbor.test": "did:plc:harbor", "pd.example.gov": "did:plc:pd"}


def marked(text: str) -> list[tuple[str, str]]:
    """Each facet as the text that it covers and what it leads to."""
    body, found = text.encode(), []
    for facet in facets(text, lambda handle: KNOWN.get(handle, "")):
        index, [feature] = facet["index"], facet["features"]
        covered = body[index["byteStart"] : index["byteEnd"]].decode()
        found.append((covered, feature.get("uri") or feature.get("did") or feature["tag"]))
    return found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("e\u0301", 1),
        ("👨‍👩‍👧‍👦", 1),
        ("👮🏽‍♀️🇺🇸", 2),
        ("한국", 2),
        ("\r\n", 1),
    ],
)
def test_length_is_what_readers_see(text: str, count: int) -> None:
    assert graphemes(text) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.example/x.", [("https://a.example/x", "https://a.example/x")]),
        ("(https://a.example/x_(y))", [("https://a.example/x_(y)",) * 2]),
        ("“https://a.example/?q=1&r=ü”", [("https://a.example/?q=1&r=ü",) * 2]),
        ("go to pd.gov/help, now", [("pd.gov/help", "https://pd.gov/help")]),
        ("PD.GOV!", [("PD.GOV", "https://PD.GOV")]),
        ("write to desk@pd.gov", []),
        ("at 5 a.m.to the e.g.us road", [("e.g.us", "https://e.g.us")]),
        ("file.py and pd.government", []),
        ("https://", []),
        ("هنا https://a.example/x، شكرا", [("https://a.example/x",) * 2]),
        ("\u2067https://a.example/x\u2069 ok", [("https://a.example/x",) * 2]),
    ],
)
def test_links(text: str, found: list[tuple[str, str]]) -> None:
    assert marked(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@harbor.test hello", [("@harbor.test", "did:plc:harbor")]),
        ("👋🏽 @Harbor.Test!", [("@Harbor.Test", "did:plc:harbor")]),
        ("(@pd.example.gov)", [("@pd.example.gov", "did:plc:pd")]),
        ("\u200f@harbor.test\u200f", [("@harbor.test", "did:plc:harbor")]),
        ("@nobody.test @harbor", []),
        ("me@harbor.test", []),
        ("https://a.example/@harbor.test", [("https://a.example/@harbor.test",) * 2]),
    ],
)
def test_mentions(text: str, found: list[tuple[str, str]]) -> None:
    assert marked(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#Traffic now", [("#Traffic", "Traffic")]),
        ("in #Niño_3 and #עיר", [("#Niño_3", "Niño_3"), ("#עיר", "עיר")]),
        ("we are #1, a#b, https://a.example/#top", [("https://a.example/#top",) * 2]),
        (f"#{'x' * 64} #{'y' * 65}", [(f"#{'x' * 64}", "x" * 64)]),
    ],
)
def test_tags(text: str, found: list[tuple[str, str]]) -> None:
    assert marked(text) == found


pieces = st.sampled_from(
    [
        "@harbor.test",
        "https://a.example/ü?x=(1)",
        "pd.gov",
        "#Niño",
        "👮🏽‍♀️",
        "\u2067",
        " ",
        ".",
        "ش",
    ]
)


@given(st.lists(pieces | st.text(max_size=5)).map("".join))
def test_facets_cover_whole_characters_in_order(text: str) -> None:
    text = text.encode(errors="replace").decode()
    body, last = text.encode(), 0
    for facet in facets(text, lambda handle: KNOWN.get(handle, "")):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert last <= start < end <= len(body)
        assert not set(body[start:end].decode()) & set(" \n\t\u2067\u2069")
        last = end
