"""The count under the composer and the check before sending agree, on every network."""

from collections.abc import Sequence
from dataclasses import replace

from callbox.connector import Connector
from callbox.vocabulary import Outgoing
from tests.contract.harness import Harness
from tests.contract.play import lanes
from tests.contract.test_speaking import ANSWER, asked

SIGNATURE = "\n— Ofc. Diaz, 11th District"
TEXTS = (
    "The lamp at Iowa and Pulaski is on the list.",
    "Thank you!",
    "Café, señora, Łódź, Straße",
    "“Quoted” – and… so on",
    "[brackets] {braces} ~ ^ | \\ €",
    "https://www.example.org/permits/parade?year=2026&form=7b",
    "See https://example.org/a and http://example.com/b.",
    "example.org has the form, so has www.example.net/x",
    "Write to desk@example.org, please.",
    "@ana_example thank you",
    "@ana@far.example thank you",
    "#Riverton #StreetLights",
    "🙏",
    "👍🏽 done",
    "👩‍🚒👨‍👩‍👧‍👦",
    "🇺🇸🇲🇽🇵🇱",
    "1️⃣ call 2️⃣ wait",
    "❤️ and ❤",
    "🏳️‍🌈 flag",
    "街灯坏了,谢谢您告诉我们。",
    "道路が暗いです",
    "가로등이 고장 났어요",
    "شكراً لكم على إخبارنا",
    "תודה רבה",
    "สวัสดีครับ",
    "Cảm ơn bạn đã báo",
    "क्षेत्र में रोशनी",
    "e\u0301 and é",
    "line one\nline two\n\nline four",
    "tab\tand  two spaces",
    "𝒻𝒶𝓃𝒸𝓎 letters",
    "x" * 200,
)


def _at(outgoing: Outgoing, text: str, times: int) -> Outgoing:
    made = " ".join([text] * times) + SIGNATURE
    return replace(outgoing, text=made)


def _used(connector: Connector, outgoing: Outgoing) -> int:
    return connector.measure(connector.as_sent(outgoing), outgoing.lane.value)


def _too_long(connector: Connector, outgoing: Outgoing) -> Sequence[str]:
    return [one.words for one in connector.check(outgoing) if one.code == "too_long"]


def test_the_count_and_the_check_agree(harness: Harness) -> None:
    connector = harness.connector(harness.session())
    for private in lanes(harness):
        outgoing = asked(harness, connector, private=private)
        if outgoing is None:
            continue
        limit = connector.limits(outgoing.lane.value).of_reply().text
        for text in TEXTS if limit else ():
            assert limit is not None
            one = _used(connector, _at(outgoing, text, 1))
            step = _used(connector, _at(outgoing, text, 2)) - one
            most = 1 + (limit - one) // step
            fits = _at(outgoing, text, most)
            over = _at(outgoing, text, most + 1)
            assert _used(connector, fits) <= limit < _used(connector, over), text
            assert _too_long(connector, over), text
            # A second limit, in bytes, can be met first where signs take many.
            assert not _too_long(connector, fits) or len(fits.text.encode()) > 6 * limit, text


def test_what_the_page_counts_itself_is_what_the_network_counts(harness: Harness) -> None:
    """The page counts code points, graphemes or bytes; it asks wherever a method is overridden."""
    connector = harness.connector(harness.session())
    own = type(connector).measure is not Connector.measure
    for private in lanes(harness):
        limits = connector.limits("private" if private else "public")
        if not own:
            assert limits.unit == "characters"
        for text in TEXTS if limits.unit == "bytes" else ():
            assert connector.measure(text, "private" if private else "public") == len(text.encode())


def test_an_answer_holds_no_more_than_a_post(harness: Harness) -> None:
    connector = harness.connector(harness.session())
    for lane in ("public", "private"):
        limits = connector.limits(lane)
        answer = limits.of_reply()
        assert (answer.text or 0) <= (limits.text or answer.text or 0)
        assert answer.images <= limits.images
        assert answer.videos <= limits.videos


def test_a_text_goes_out_in_at_least_one_part(harness: Harness) -> None:
    connector = harness.connector(harness.session())
    assert connector.parts(ANSWER) >= 1
