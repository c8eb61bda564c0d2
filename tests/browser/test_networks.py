"""The networks where the city talks, in a browser: connect through their own page, hear a comment,
answer it in public and in private, hide, like; and what cannot be done is explained."""

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.tree import Tree
from tests.servers.facebook import Facebook
from tests.servers.graph import GraphStandIn
from tests.servers.instagram_login import InstagramWithLogin
from tests.servers.x import ANA, BEN, US, XStandIn

pytestmark = pytest.mark.browser
PATIENCE = 45_000  # milliseconds: polling, the ten seconds of grace, reading back

AGENCY = "answer = str(agency.id)"


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Platz of News Affairs, who runs accounts, answers and hides."""
    opened = context.new_page()
    sign_in(opened, "platz@callbox.example")
    return opened


@pytest.fixture
def facebook() -> Iterator[Facebook]:
    with Facebook() as network:
        yield network


def push(tree: Tree, network: str, town: GraphStandIn) -> None:
    """Have a network of Meta's call us with what happened there."""
    for body in town.taken():
        call(tree, network, body, town.signed(body).headers)


def call(tree: Tree, network: str, body: bytes, headers: Mapping[str, str]) -> None:
    """One webhook call to the address that all accounts of a network share."""
    url = f"{tree.url}/hooks/{tree.ask(AGENCY)}/{network}/"
    answer = httpx.post(url, content=body, headers=dict(headers))
    assert answer.status_code == 200, answer.text


def connect(page: Page, network: str, name: str, **typed: str) -> None:
    """Through "before you begin" and the form, as far as the network's own page."""
    page.goto("/staff/accounts/")
    page.get_by_role("link", name="Connect an account").click()
    page.get_by_role("link", name=re.compile(rf"^{name}\b")).click()
    expect(page.get_by_role("heading", name="What Callbox will do there")).to_be_visible()
    page.get_by_role("link", name="Go on to log in").click()
    for field, value in typed.items():
        box = page.locator(f'[name="{field}"]')
        if box.evaluate("one => one.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    page.get_by_role("button", name=f"Go on to {name}").click()
    expect(page.locator("#away")).to_be_visible()


def pick(page: Page, account: str) -> None:
    """One of the accounts that the login opens."""
    row = page.locator(".pickrow", has_text=account)
    row.locator('input[name="account"]').check()
    row.locator("select").select_option(label="011th District, Harrison")
    page.get_by_role("button", name="Connect what I picked").click()


def open_conversation(page: Page, network: str, words: str) -> None:
    page.goto(f"/staff/inbox/needs/?network={network}")
    row = page.locator(".conv", has_text=words)
    for _ in range(20):
        if row.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    row.first.click()
    expect(page.locator("#msgs")).to_contain_text(words)


def answer(page: Page, words: str, lane: str) -> Locator:
    """Send an answer; its bubble, once the network has it."""
    page.check(f'#composer input[name="lane"][value="{lane}"]', force=True)
    page.fill("#text", words)
    page.keyboard.press("Control+Enter")
    bubble = page.locator("#msgs article.bub", has_text=words)
    confirmed = re.compile("Public at|Delivered|Sent|On their device|Read")
    expect(bubble.locator(".stand").first).to_contain_text(confirmed, timeout=PATIENCE)
    return bubble


def hide(page: Page, message: Locator) -> None:
    """With a reason from the published list, and no other."""
    message.get_by_role("link", name="Hide…").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Criticism, bad manners and being off topic are no reasons")
    dialog.get_by_role("button", name="Hide it").click()
    expect(dialog).to_contain_text("Say which rule it breaks first.")
    dialog.get_by_text("It shows somebody’s private data").click()
    dialog.locator('[name="words"]').fill("A plate number.")
    dialog.get_by_role("button", name="Hide it").click()
    expect(message).to_contain_text("Hidden by", timeout=PATIENCE)


def test_facebook(page: Page, tree: Tree, facebook: Facebook) -> None:
    connect(
        page,
        "facebook",
        "Facebook",
        client_id=facebook.app_id,
        client_secret=facebook.app_secret,
        server=facebook.url,
    )
    page.locator("#away").click()
    expect(page.locator("body")).to_contain_text("This login may not")
    pick(page, facebook.name)
    expect(page.locator("body")).to_contain_text("What people say to it comes to 011th District")
    page.get_by_role("button", name="Try it without publishing").click()
    expect(page.locator("body")).to_contain_text("The login works.")

    post = facebook.post("Walk with us on Madison this Thursday at 6 PM. What do we look at first?")
    asked = facebook.comment(post, "Cars fly past the school on W Monroe at dismissal.")
    push(tree, "facebook", facebook)
    open_conversation(page, "facebook", "Cars fly past the school")
    expect(page.locator("#msgs")).to_contain_text("Walk with us on Madison", timeout=PATIENCE)

    answer(page, "You are right. We asked for a speed study there today.", "public")
    assert any("speed study" in text for text in facebook.texts())
    answer(page, "May we call you about it? Write us a good time.", "private")
    expect(page.locator("#composer .cmp__under")).to_contain_text("private", timeout=PATIENCE)

    message = page.locator("#msgs article.cm", has_text="Cars fly past the school")
    message.get_by_role("button", name="Like").click()
    expect(message).to_contain_text("Liked by", timeout=PATIENCE)

    message.get_by_role("link", name="Hide…").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Criticism, bad manners and being off topic are no reasons")
    dialog.get_by_role("button", name="Hide it").click()
    expect(dialog).to_contain_text("Say which rule it breaks first.")
    dialog.get_by_text("It shows somebody’s private data").click()
    dialog.locator('[name="words"]').fill("A plate number.")
    dialog.get_by_role("button", name="Hide it").click()
    expect(message).to_contain_text("Hidden by", timeout=PATIENCE)
    assert facebook.objects[asked]["is_hidden"] is True
    message.get_by_role("button", name="Show it again").click()
    expect(message).to_contain_text("Shown again by", timeout=PATIENCE)
    assert facebook.objects[asked]["is_hidden"] is False


def test_instagram(page: Page, tree: Tree) -> None:
    with InstagramWithLogin() as instagram:
        connect(
            page,
            "instagram",
            "Instagram",
            app_id=instagram.app_id,
            app_secret=instagram.app_secret,
            server=instagram.url,
        )
        back = instagram.approve(page.locator("#away").get_attribute("href") or "")
        page.goto(f"/staff/accounts/connect/back/?{urlencode(back)}")
        expect(page.locator("body")).to_contain_text("What people say to it comes to")

        media = instagram.post("The new bike lane on Kinzie opens today.")
        asked = instagram.comment(media, "Who clears the snow from the bike lane?")
        push(tree, "instagram", instagram)
        open_conversation(page, "instagram", "Who clears the snow")
        answer(page, "The street department, within a day. We told them.", "public")
        assert any("within a day" in text for text in instagram.ours())
        answer(page, "Write us here if the snow stays.", "private")
        assert any("if the snow stays" in text for text in instagram.ours())
        message = page.locator("#msgs article.cm", has_text="Who clears the snow")
        message.get_by_text("What can’t be done here?").click()
        expect(message).to_contain_text("Instagram lets no other software like a comment.")
        page.keyboard.press("Escape")
        message.get_by_text("What can’t be done here?").click()
        hide(page, message)
        assert instagram.comments[asked]["hidden"] is True


def test_x(page: Page, tree: Tree) -> None:
    with XStandIn() as town:
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
        page.get_by_role("link", name="Open the account’s page").click()
        expect(page.locator("body")).to_contain_text(
            "Answering people who write to the department."
        )
        expect(page.locator("body")).to_contain_text("this month")

        town.say(ANA, "@district5 who fixes the street light at Adams and Keeler?")
        for event in town.to_push:
            body = json.dumps(event).encode()
            call(tree, "x", body, {"x-twitter-webhooks-signature": town.signed(body)})
        open_conversation(page, "x", "who fixes the street light")
        answer(page, "The city does. I reported it as 311 case 22.", "public")
        assert any("311 case 22" in text for text in town.said_by_us())
        message = page.locator("#msgs article.cm", has_text="who fixes the street light")
        message.get_by_text("What can’t be done here?").click()
        expect(message).to_contain_text("X has taken likes through its API out")

        post = town.say(US, "Our open house is on Saturday at noon.")
        town.to_push.clear()
        town.say(BEN, "Is there parking for the open house?", parent=post.id)
        for event in town.to_push:
            body = json.dumps(event).encode()
            call(tree, "x", body, {"x-twitter-webhooks-signature": town.signed(body)})
        open_conversation(page, "x", "Is there parking")
        way = page.locator("#composer .elsewhere")
        expect(way).to_contain_text("answer only posts that mention or quote the account")
        link = way.get_by_role("link", name="Open on X").get_attribute("href") or ""
        assert link.startswith("https://x.com/")
        way.get_by_role("link", name="I answered it there").click()
        page.locator("dialog textarea").fill("Yes, behind the station.")
        page.get_by_role("button", name="Yes, I answered it there").click()
        expect(page.locator("#thread-head")).to_contain_text("Waiting", timeout=PATIENCE)
        expect(page.locator("#msgs .note")).to_contain_text("behind the station")


def test_a_no_on_the_networks_page_is_explained(page: Page, facebook: Facebook) -> None:
    connect(
        page,
        "facebook",
        "Facebook",
        client_id=facebook.app_id,
        client_secret=facebook.app_secret,
        server=facebook.url,
    )
    query = parse_qs(urlsplit(page.locator("#away").get_attribute("href") or "").query)
    no = urlencode({"state": query["state"][0], "error": "access_denied"})
    page.goto(f"/staff/accounts/connect/back/?{no}")
    expect(page.get_by_role("alert")).to_contain_text("You did not let Callbox in on Facebook")
    assert page.input_value('[name="server"]') == facebook.url
    assert page.input_value('[name="client_secret"]') == ""
    page.get_by_role("button", name="Go on to Facebook").click()
    page.locator("#away").click()
    expect(page.locator("body")).to_contain_text("This login opens 2 accounts.")
