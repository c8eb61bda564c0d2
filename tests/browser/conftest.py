"""A browser, the running product, and somebody signed in."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.tree import PASSWORD, Tree

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """The product, started once."""
    running = Tree(tmp_path_factory.mktemp("tree"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, from the system's packages.

    No longer than this folder's tests: while Playwright runs, so does an event loop in this thread,
    and Django then refuses to ask its database.
    """
    path = shutil.which("chromium")
    assert path, "install the package chromium (make test does)"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser, tree: Tree) -> Iterator[BrowserContext]:
    """A fresh window: no cookies of another test."""
    opened = browser.new_context(base_url=tree.url, viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Sgt. Mockridge, signed in, with nothing open yet. Errors of the page fail the test."""
    opened = context.new_page()
    sign_in(opened, "mockridge@callbox.example")
    return opened


@pytest.fixture(autouse=True)
def _no_page_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    errors: list[Any] = []
    if "page" in request.fixturenames:
        request.getfixturevalue("page").on("pageerror", lambda error: errors.append(error))
    yield
    assert errors == []


def sign_in(page: Page, email: str) -> None:
    """Sign in by hand, as a member does."""
    page.goto("/sign-in/")
    page.fill('input[name="email"]', email)
    page.fill('input[name="password"]', PASSWORD)
    page.press('input[name="password"]', "Enter")
    page.wait_for_url("**/staff/**")
