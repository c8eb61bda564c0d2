"""The main job, in a browser: a resident writes, an open inbox shows it without a reload, a member
answers, and the answer is on the network, in the ledger, and counted."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from callbox.networks.practice.street import Street
from tests.browser.conftest import sign_in
from tests.browser.tree import CONNECT, RECORD, Tree
from tests.servers.atproto import atproto_network
from tests.servers.atproto_resident import until
from tests.servers.mastodon import mastodon_server

pytestmark = pytest.mark.browser
PATIENCE = 45_000  # milliseconds: polling, the ten seconds of grace, reading back


def hear_and_answer(page: Page, words: str, answer: str, *, lane: str = "public") -> None:
    """See a message come into the open inbox, open it, answer it, see it confirmed."""
    fresh = page.locator("#fresh a")
    row = page.locator(".conv", has_text=words)
    for _ in range(10):  # others may come first: the practice city goes on talking
        expect(fresh.or_(row).first).to_be_visible(timeout=PATIENCE)
        if row.count():
            break
        page.keyboard.press(".")
        page.wait_for_timeout(1500)
    row.first.click()
    expect(page.locator("#msgs")).to_contain_text(words)
    page.check(f'#composer input[name="lane"][value="{lane}"]', force=True)
    page.fill("#text", answer)
    page.keyboard.press("Control+Enter")
    reply = page.locator("#msgs article", has_text=answer)
    expect(reply.locator(".stand")).to_contain_text("Goes out in")
    confirmed = re.compile("Public at|Delivered")
    expect(reply.locator(".stand")).to_contain_text(confirmed, timeout=PATIENCE)


def check_record(tree: Tree, answer: str) -> str:
    """What the ledger says of an answer, and the network's id of it."""
    record = tree.ask(RECORD, text=answer)
    assert (record["state"], record["confirmed"]) == ("sent", True)
    order = [one for one in record["history"] if one.startswith(("message_rec", "reply_"))]
    assert order[0] == "message_received"
    assert order[-4:] == ["reply_queued", "reply_sending", "reply_sent", "reply_confirmed"]
    assert record["sent"] >= 1
    return str(record["external_id"])


def _open_inbox(page: Page, narrowed: str = "") -> None:
    page.goto(f"/staff/inbox/needs/{narrowed}")
    expect(page.locator("#rows")).to_be_visible()


def test_practice(page: Page, tree: Tree) -> None:
    _open_inbox(page)
    path = Path(tree.ask(_PRACTICE_PATH))
    with Street(path) as street:
        street.join("newcomer", "Nell Newcomer")
        handle = street_handle(tree)
        said = street.post("newcomer", f"@{handle} Who fixes the bench at the bus stop on Iowa?")
    hear_and_answer(page, "Who fixes the bench", "The park district does. I told them today.")
    external_id = check_record(tree, "I told them today.")
    with Street(path) as street:
        thread = street.thread(said.id)
    assert [post.id for post in thread if "I told them today." in post.text] == [external_id]


_PRACTICE_PATH = """
from callbox.models.accounts import Account
with acting_for(agency.id):
    answer = Account.objects.filter(network="practice").first().config["path"]
"""


def street_handle(tree: Tree) -> str:
    return str(
        tree.ask(
            """
from callbox.models.accounts import Account
with acting_for(agency.id):
    answer = Account.objects.filter(network="practice", unit__code="011").first().handle
"""
        )
    )


@pytest.mark.network
def test_bluesky(page: Page, tree: Tree) -> None:
    with atproto_network() as network, closing(network.resident("ana")) as resident:
        department = network.create_account("dept")
        tree.ask(
            CONNECT,
            network="bluesky",
            config={"service": network.service_url, "identifier": department.handle},
            secrets={"password": department.password},
        )
        _open_inbox(page)
        said = resident.post(
            f"@{department.handle} is the road by the park open?", mention=department
        )
        hear_and_answer(page, "is the road by the park open?", "It is open again since noon. 👍")
        external_id = check_record(tree, "It is open again since noon.")
        seen = until(lambda: resident.sees(external_id))
        assert seen["record"]["reply"]["root"]["uri"] == said["uri"]
        assert seen["record"]["text"].startswith("It is open again since noon. 👍")


@pytest.mark.network
def test_mastodon(page: Page, tree: Tree) -> None:
    with mastodon_server() as server, closing(server.resident("ana")) as resident:
        tree.ask(
            CONNECT,
            network="mastodon",
            config={"server": server.url},
            secrets={"token": server.token("dept")},
        )
        _open_inbox(page)
        said = resident.mention("when does the district office open on Saturday?")
        hear_and_answer(page, "when does the district office open", "At nine. Ring the bell.")
        external_id = check_record(tree, "At nine. Ring the bell.")
        answers = [one for one in resident.thread(said["id"]) if one["id"] == external_id]
        assert [one["in_reply_to_id"] for one in answers] == [said["id"]]


def test_portal(context: BrowserContext, tree: Tree) -> None:
    page = context.new_page()
    sign_in(page, "platz@callbox.example")  # the whole department's desk: a form names no district
    _open_inbox(page, "?network=portal")  # everything else fills more than one page
    public = context.browser.new_context(base_url=tree.url, java_script_enabled=False)
    resident = public.new_page()
    resident.goto("/en/talk/")
    resident.fill('[name="text"]', "The bell at the front desk of the station is broken.")
    resident.click('form:has([name="text"]) button.btn--pri')
    key = resident.locator("p.key").inner_text()
    answer = "Thank you. A new bell comes on Monday."
    hear_and_answer(page, "The bell at the front desk", answer, lane="private")
    check_record(tree, answer)
    resident.goto("/en/key/")
    resident.fill('[name="key"]', " ".join(key.split()))
    resident.click('form:has([name="key"]) button.btn--pri')
    expect(resident.locator("body")).to_contain_text(answer)
    resident.fill('[name="text"]', "It rings. Thank you!")
    resident.click('form:has([name="text"]) button.btn--pri')
    expect(page.locator("#msgs")).to_contain_text("It rings. Thank you!", timeout=PATIENCE)
    public.close()
