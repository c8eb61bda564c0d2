"""From an arrival to a member's eyes: a signed webhook request goes out; how long until the open
inbox says so? Chromium, the whole tree, nothing else going on. The network pushes, so the time runs
from before the request is sent."""

import json
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from bench import ground
from callbox.networks.practice.hook import signature
from tests.browser.conftest import ARGUMENTS, sign_in
from tests.browser.tree import Tree

TIMES = 40

ACCOUNT = """
from callbox.models.accounts import Account
from callbox.queries.accounts import connector_for
with acting_for(agency.id):
    account = Account.objects.filter(network="practice", unit__code="011").first()
connector = connector_for(account)
answer = {"path": f"/hooks/{agency.id}/{account.id}/", "id": account.external_id,
          "handle": account.handle, "token": connector.account.secrets["token"]}
"""

# Resolves with the page's clock as soon as the list says something new, or shows the words.
WAIT = """
words => new Promise((resolve, reject) => {
  const said = () => (document.getElementById("fresh")?.innerText || "").trim();
  const before = said();
  const seen = () => said() !== before || document.body.innerText.includes(words);
  const watch = new MutationObserver(() => {
    if (seen()) { watch.disconnect(); resolve(Date.now()); }
  });
  watch.observe(document.body, {childList: true, subtree: true, characterData: true});
  setTimeout(() => reject(new Error("nothing came")), 20000);
})
"""


def main(*_: int) -> None:
    """Print percentiles."""
    folder = Path(tempfile.mkdtemp(prefix="callbox-bench-live-"))
    os.environ["CALLBOX_TRICKLE"] = "off"
    tree = Tree(folder)
    tree.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=ARGUMENTS
            )
            context = browser.new_context(base_url=tree.url)
            page = context.new_page()
            sign_in(page, "mockridge@callbox.example")
            took = [_once(page, tree, tree.ask(ACCOUNT), n) for n in range(TIMES + 3)][3:]
            browser.close()
    finally:
        tree.stop()
        shutil.rmtree(folder, ignore_errors=True)
    ground.table(
        "From a webhook to an open inbox (milliseconds)",
        ("p50", "p95", "longest"),
        [(ground.percentile(took, 0.5), ground.percentile(took, 0.95), max(took))],
    )


def _once(page: Page, tree: Tree, account: dict[str, Any], n: int) -> float:
    page.goto("/staff/inbox/needs/")
    page.wait_for_timeout(700)  # the stream is open, the page is at rest
    words = f"How late is the desk open tonight, number {n}?"
    page.evaluate(f"() => {{ window.seen = ({WAIT})({json.dumps(words)}); }}")  # not awaited
    body = _event(account, words, n)
    now = str(int(time.time()))
    headers = {
        "x-practice-time": now,
        "x-practice-signature": signature(account["token"], now, body),
    }
    began = time.time() * 1000
    httpx.post(tree.url + account["path"], content=body, headers=headers).raise_for_status()
    return float(page.evaluate("window.seen")) - began


def _event(account: dict[str, Any], words: str, n: int) -> bytes:
    at = datetime.now(UTC).isoformat()
    post = {
        "id": f"p{900_000 + n}", "author": {"id": f"u{900_000 + n}", "handle": f"r{n}",
        "name": f"Resident {n}"}, "to": None, "root": None, "parent": None,
        "text": f"@{account['handle']} {words}", "language": "en", "at": at, "edited_at": None,
        "path": "/practice/", "images": [],
    }  # fmt: skip
    event = {"seq": 900_000 + n, "type": "mention", "at": at, "post": post}
    return json.dumps({"events": [event]}).encode()


if __name__ == "__main__":
    main()
