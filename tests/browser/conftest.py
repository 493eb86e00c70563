"""Fixtures of the browser tests: a browser, a server, and a browser profile for each person.

The tests of this folder are synchronous: playwright runs its own event loop, so none of them may use `io_loop`, and
the browser is closed before the tests of another folder start.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, WebError, expect, sync_playwright

from tests.browser import chromium
from tests.browser.page_objects import DeskPageObject, WidgetPageObject, set_session_cookie, widget_storage
from tests.browser.site import ChatPair, Site, create_template_database

BROWSER_TESTS_DIR = Path(__file__).parent
TIMEOUT_MS = 10_000
_missing_browser: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if BROWSER_TESTS_DIR in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for why in _missing_browser:
        terminalreporter.section("NO BROWSER TEST HAS RUN", sep="!", red=True, bold=True)
        terminalreporter.line(why)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return a browser. Without one the tests are skipped, or fail where CI=true."""
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        try:
            running = chromium.launch(playwright)
        except chromium.NoBrowser as problem:
            if os.environ.get("CI") == "true":
                pytest.fail(str(problem), pytrace=False)
            _missing_browser[:] = [str(problem)]
            pytest.skip(str(problem))
        yield running
        running.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_template_database(tmp_path_factory.mktemp("demo") / "demo.db")


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    """Return the environment of the server of a module beside the defaults; a module overrides it."""
    return {}


@pytest.fixture(scope="module")
def site(template: Path, settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the server of a module, running; the models are bound to its database."""
    running = Site(tmp_path_factory.mktemp("site"), template, **settings)
    running.start()
    with running.database():
        yield running
    running.kill()


class BrowserProfiles:
    """The browser profiles of a test, and the errors that their pages wrote to the console."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self._site = site
        self._contexts: list[BrowserContext] = []
        self._console_errors: list[str] = []
        self._expected: list[str] = []

    def new_context(self, **options: Any) -> BrowserContext:
        """Open a new profile."""
        context = chromium.new_context(self._browser, **options)
        context.set_default_timeout(TIMEOUT_MS)
        context.on("console", self._on_console)
        context.on("weberror", self._on_page_error)
        self._contexts.append(context)
        return context

    def expect_console_errors(self, pattern: str) -> None:
        """Allow console errors that match: a browser reports a failed request there, and this test makes some fail."""
        self._expected.append(pattern)

    def desk(self, pair: ChatPair, *, picked: bool = True, **options: Any) -> DeskPageObject:
        """Open the desk as the agent of a pair, in a new profile."""
        context = self.new_context(**options)
        set_session_cookie(context, self._site, pair.agent)
        return DeskPageObject(context.new_page(), self._site).open(pair.chat_id if picked else None)

    def member(self, pair: ChatPair, **options: Any) -> WidgetPageObject:
        """Open the demo page as the member of a pair, in a new profile."""
        context = self.new_context(storage_state=widget_storage(pair.member, self._site), **options)
        return WidgetPageObject(context.new_page(), self._site).open()

    def close_all(self) -> list[str]:
        """Close all profiles and return the unexpected console errors."""
        for context in self._contexts:
            context.close()
        return [
            text for text in self._console_errors if not any(re.search(pattern, text) for pattern in self._expected)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._console_errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_page_error(self, error: WebError) -> None:
        self._console_errors.append(f"uncaught: {error.error}")


@pytest.fixture
def profiles(browser: Browser, site: Site) -> Iterator[BrowserProfiles]:
    """Return the profiles of a test, which fails when a page wrote an unexpected error to its console."""
    made = BrowserProfiles(browser, site)
    yield made
    assert made.close_all() == []


@pytest.fixture
def new_tab() -> Callable[[DeskPageObject | WidgetPageObject], DeskPageObject | WidgetPageObject]:
    """Return a function that opens another tab of the same person in the same browser, at the same page."""

    def open_tab(side: DeskPageObject | WidgetPageObject) -> DeskPageObject | WidgetPageObject:
        page = side.page.context.new_page()
        page.goto(side.page.url)
        other = type(side)(page, side.site)
        other.wait_connected()
        return other

    return open_tab
