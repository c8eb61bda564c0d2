"""The networks where the city talks, in a browser: connect through their own page, hear a comment,
answer it in public and in private, hide, like; and what cannot be done is explained."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.tree import Tree
from tests.servers.facebook import Facebook
from tests.servers.graph import GraphStandIn

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
    """Have the network call us with what happened there."""
    url = f"{tree.url}/hooks/{tree.ask(AGENCY)}/{network}/"
    for body in town.taken():
        signed = town.signed(body, url)
        answer = httpx.post(url, content=body, headers=dict(signed.headers))
        assert answer.status_code == 200, answer.text


def connect(page: Page, network: str, name: str, **typed: str) -> None:
    """Through "before you begin" and the form, as far as the network's own page."""
    page.goto("/staff/accounts/")
    page.get_by_role("link", name="Connect an account").click()
    page.get_by_role("link", name=re.compile(rf"^{name}\b")).click()
    expect(page.get_by_role("heading", name="What Callbox will do there")).to_be_visible()
    page.get_by_role("link", name="Go on to log in").click()
    for field, value in typed.items():
        page.fill(f'[name="{field}"]', value)
    page.get_by_role("button", name=f"Go on to {name}").click()
    page.locator("#away").click()


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


def test_facebook(page: Page, tree: Tree, facebook: Facebook) -> None:
    connect(
        page,
        "facebook",
        "Facebook",
        client_id=facebook.app_id,
        client_secret=facebook.app_secret,
        server=facebook.url,
    )
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
