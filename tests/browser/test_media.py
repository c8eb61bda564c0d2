"""A picture that a resident sent, in a browser: it arrives with its words, and opens larger."""

import pytest
from playwright.sync_api import Page, expect

from callbox.networks.practice.posts import Picture
from callbox.networks.practice.street import Street
from tests.browser.tree import Tree
from tests.illustrated import jpeg

pytestmark = pytest.mark.browser
PATIENCE = 45_000  # milliseconds: polling and fetching
FIND = """
from callbox.models.inbox import Conversation, Message, Version
with acting_for(agency.id):
    found = Version.objects.filter(text__contains=text).values_list("message__conversation_id")
    answer = str(found[0][0]) if found else ""
"""


def test_a_picture_arrives_and_opens(page: Page, tree: Tree) -> None:
    with Street(tree.home / "practice.sqlite3") as street:
        handle = next(one.handle for one in street.people.agencies() if one.handle.endswith("11"))
        lena = street.join("lena", "Lena Example")
        alt = "A corner with one lamp, and it is dark"
        sent = Picture("image/jpeg", alt, jpeg((1600, 1000)))
        street.say(lena, f"@{handle} This is what I mean: lamp 4711", pictures=[sent])
    pk = ""
    for _ in range(60):
        pk = tree.ask(FIND, text="lamp 4711")
        if pk:
            break
        page.wait_for_timeout(500)
    page.goto(f"/staff/c/{pk}/")
    shown = page.locator(f'#msgs img[alt="{alt}"]')
    expect(shown).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("() => document.querySelector('#msgs .shot img').naturalWidth > 0")
    assert shown.evaluate("one => one.naturalWidth") == 640
    with page.expect_popup() as opened:
        shown.click()
    large = opened.value.locator("img")
    expect(large).to_be_visible()
    assert large.evaluate("one => one.naturalWidth") == 1600
