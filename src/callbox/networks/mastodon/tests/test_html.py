import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.networks.mastodon.html import MOST, plain
from callbox.networks.mastodon.tests.make import status_of


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one<br>two<br />three</p>", "one\ntwo\nthree"),
        ("<p>a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&#39;&nbsp;f</p>", "a & b <c> \"d\" 'e' f"),
        ("<ul><li>one</li><li>two</li></ul><p>end</p>", "- one\n- two\n\nend"),
        ("<p>said</p><blockquote><p>quoted</p></blockquote>", "said\n\n> quoted"),
        ("<ul><li><p>one</p></li><li><img alt=x></li></ul>", "- one\n\nx"),
        ("<p>much   space \n here</p>", "much space here"),
        ("<p>in<strong>side</strong> <em>words</em></p>", "inside words"),
        (":blobcat: <img src=x alt=':lamp:'>", ":blobcat: :lamp:"),
        ("نور الشارع &amp; 街灯 🚨", "نور الشارع & 街灯 🚨"),
    ],
)
def test_reads_like_a_page(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('<a href="https://a.example/x">https://a.example/x</a>', "https://a.example/x"),
        ('<a href="https://a.example/x/">a.example/x</a>', "https://a.example/x/"),
        ('<a href="https://www.a.example/long">a.example/lo…</a>', "https://www.a.example/long"),
        ('<a href="https://a.example/x">map</a>', "map (https://a.example/x)"),
        (
            '<a href="https://evil.example">https://police.example</a>',
            "https://police.example (https://evil.example)",
        ),
        ('<a href="https://a.example/x"></a>', "https://a.example/x"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<a>nowhere</a>", "nowhere"),
        ('<a href="https://a.example/tags/x">#<span>x</span></a>', "#x"),
        (
            '<a href="https://a.example/one">one<a href="https://a.example/two">two',
            "one (https://a.example/one)two (https://a.example/two)",
        ),
    ],
)
def test_a_link_shows_where_it_leads(link: str, text: str) -> None:
    assert plain(f"<p>{link}</p>") == text


def test_hidden_parts_of_an_address_are_shown() -> None:
    text = plain(status_of("mastodon_mention")["content"])
    assert "https://www.city.example/streets/lights/report?at=5th-and-main" in text


def test_a_mention_is_written_with_its_host() -> None:
    markup = '<span><a href="https://far.example/@ben" class="u-url mention">@<span>ben</span></a>'
    assert plain(markup, {"https://far.example/@ben": "@ben@far.example"}) == "@ben@far.example"
    assert plain(markup) == "@ben"


def test_hostile_markup_does_not_survive() -> None:
    text = plain(status_of("mastodon_hostile")["content"])
    for word in ("alert", "color", "onclick", "iframe", "javascript"):
        assert word not in text
    assert "1 < 2a lamp" in text
    assert "end <b unfinished" in text


def test_what_is_not_a_tag_is_text() -> None:
    assert (
        plain("a < b > c <3 <- <!-- x --> <![CDATA[ <? y")
        == "a < b > c <3 <- <!-- x --> <![CDATA[ <? y"
    )


def test_an_unclosed_script_hides_the_rest_only_within_itself() -> None:
    assert plain("<p>one</p><script>two") == "one"
    assert plain("<p>one</p><script>two</script><p>three</p>") == "one\n\nthree"


def test_too_much_is_cut_visibly() -> None:
    text = plain("x" * (MOST + 10))
    assert text.endswith("x […]")
    assert len(text) == MOST + 4


@given(st.text(alphabet="<>/ap!-?&;=\"' \n#scriptblk\u202e\ud800é", max_size=400))
def test_takes_anything(markup: str) -> None:
    text = plain(markup)
    assert text == text.strip()
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<!--",
        "<a ",
        "<a href='",
        "</",
        "&",
        "&#",
        "<p>",
        "<a href=x>",
        "<script>",
        "<![",
        "<?",
        "</a",
        " ",
        "\n",
        "<br>",
        "<a a='a=\"",
        "<p a=" + "'" * 50 + ">",
        "<b " + "a='" * 900 + ">",
    ],
)
def test_time_grows_with_length_only(unit: str) -> None:
    """Twice the length may take about twice as long, and the longest input not many seconds."""
    markup = unit * (MOST // len(unit))
    started = time.process_time()
    plain(markup)
    assert time.process_time() - started < 3
