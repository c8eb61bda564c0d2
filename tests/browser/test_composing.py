"""The composer in a browser: a video with its words, what is too much, and a right count."""

import json

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from callbox.networks.x.counting import weight
from tests.browser.conftest import sign_in
from tests.browser.test_networks import PATIENCE, call, connect, open_conversation
from tests.browser.tree import Tree
from tests.fetcher.test_stripping import film
from tests.illustrated import png
from tests.servers.x import ANA, XStandIn

pytestmark = pytest.mark.browser


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Platz of News Affairs, who runs accounts and answers."""
    opened = context.new_page()
    sign_in(opened, "platz@callbox.example")
    return opened


_PLAYS = """(video, seconds) => {
    Object.defineProperty(video, "duration", { value: seconds });
    video.dispatchEvent(new Event("loadedmetadata"));
}"""


def _file(name: str, mime: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": mime, "buffer": content}


def test_a_video_and_a_long_text(page: Page, tree: Tree) -> None:
    with XStandIn() as town:
        connect_x(page, town)
        hear(page, tree, town, "@district5 which lamp did you mean at Adams?")
        assert "video/mp4" in (page.get_attribute('[name="images"]', "accept") or "")
        video = _file("walk.mp4", "video/mp4", film())
        page.set_input_files('[name="images"]', [video])
        expect(page.locator("#pictures video[controls]")).to_have_count(1)
        expect(page.locator("#pictures")).to_contain_text("What does the video show?")
        page.set_input_files('[name="images"]', [video])
        expect(page.locator("#saved")).to_have_text("One video at most here.")
        expect(page.locator("#pictures video")).to_have_count(1)

        page.locator("#pictures video").evaluate(_PLAYS, 200)  # X takes 140 seconds
        expect(page.locator("#saved")).to_have_text(
            "“walk.mp4” is longer than 2:20 minutes. Cut it first."
        )
        expect(page.locator("#pictures video")).to_have_count(0)
        page.set_input_files('[name="images"]', [video])

        page.fill('#pictures [name="alts"]', "The dark corner at Adams, by night.")
        page.set_input_files('[name="images"]', [_file("a.png", "image/png", png())])
        page.fill('#pictures .pic:last-child [name="alts"]', "The lamp.")
        page.check('#composer input[value="public"]', force=True)
        words = "This one 👩‍🚒 街灯 https://example.org/a/very/long/way?to=it"
        page.fill("#text", words)
        signature = page.locator("#composer").get_attribute("data-signature")
        right = weight(f"{words}\n{signature}")
        expect(page.locator("#count")).to_have_text(f"{right} of 280")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#problem")).to_contain_text("only by itself")
        expect(page.locator("#pictures .pic")).to_have_count(2)
        assert page.input_value("#pictures .pic:first-child input").startswith("The dark corner")

        page.locator("#pictures .pic").last.get_by_role("button", name="Take it out").click()
        page.locator("#text").press("Control+Enter")
        bubble = page.locator("#msgs article.bub", has_text="This one")
        expect(bubble.locator("video")).to_have_count(1)
        expect(bubble.locator(".stand").first).to_contain_text("Public at", timeout=PATIENCE)


def connect_x(page: Page, town: XStandIn) -> None:
    """Connect our account there, by its own page."""
    connect(
        page,
        "x",
        "X",
        plan="self-serve",
        use_case="Answering people who write to the department.",
        approved_on="2026-01-12",
        client_id=town.client[0],
        client_secret=town.client[1],
        consumer_secret=town.consumer_secret,
        server=town.url,
    )
    page.locator("#away").click()
    expect(page.locator("body")).to_contain_text("district5")


def hear(page: Page, tree: Tree, town: XStandIn, words: str) -> None:
    """Ana writes, and it is opened."""
    town.say(ANA, words)
    for event in town.to_push:
        body = json.dumps(event).encode()
        call(tree, "x", body, {"x-twitter-webhooks-signature": town.signed(body)})
    open_conversation(page, "x", words.removeprefix("@district5 "))
