"""Take the pictures of the README from the running product: `python scripts/screenshots.py`.

Starts the practice city in a folder of its own, opens it in Chromium as its people would, and
writes `docs/pictures/*.png`.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
os.chdir(ROOT)

from tests.browser.conftest import ARGUMENTS, sign_in  # noqa: E402  # the path comes first
from tests.browser.tree import Tree  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
MEMBER = "mockridge@callbox.example"
CONVERSATION = "Marisol Ejemplo"


def main() -> None:
    """Start, look, write, stop."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="callbox-pictures-"))
    tree = Tree(home)
    tree.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=ARGUMENTS
            )
            _staff(browser, tree, "inbox", 1440, 900, "light")
            _staff(browser, tree, "inbox-dark", 1440, 900, "dark")
            _staff(browser, tree, "inbox-phone", 390, 844, "light")
            _open(browser, tree, "/staff/accounts/", "accounts", signed_in=True)
            _open(browser, tree, "/en/", "portal")
            _open(browser, tree, "/ar/", "portal-arabic")
            browser.close()
    finally:
        tree.stop()
        shutil.rmtree(home, ignore_errors=True)


def _page(browser: Browser, tree: Tree, width: int, height: int, scheme: str) -> Page:
    context = browser.new_context(
        base_url=tree.url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    return context.new_page()


def _staff(browser: Browser, tree: Tree, name: str, width: int, height: int, scheme: str) -> None:
    page = _page(browser, tree, width, height, scheme)
    sign_in(page, MEMBER)
    page.goto("/staff/inbox/needs/")
    page.locator(".conv", has_text=CONVERSATION).first.click()
    page.locator("#msgs").wait_for()
    page.wait_for_timeout(800)
    page.screenshot(path=str(PICTURES / f"{name}.png"))
    page.context.close()


def _open(browser: Browser, tree: Tree, path: str, name: str, *, signed_in: bool = False) -> None:
    page = _page(browser, tree, 1280, 800, "light")
    if signed_in:
        sign_in(page, MEMBER)
    page.goto(path)
    page.wait_for_timeout(500)
    page.screenshot(path=str(PICTURES / f"{name}.png"))
    page.context.close()


if __name__ == "__main__":
    main()
