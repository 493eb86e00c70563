"""The pictures of docs/screenshots: `python -m tests.browser.screenshots [FOLDER]`.

Without a folder the chosen ones are made anew where they belong; with one, every page in every width and theme goes
there, to be looked at.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.sides import sign_in_as_a_member, sign_in_at_the_desk
from tests.browser.site import Site, make_template
from tests.processes import ROOT

FOLDER = ROOT / "docs" / "screenshots"
HEIGHTS = {1440: 810, 1024: 768, 390: 844}
THEMES = ("light", "dark")
AGENT = "agente1@demo.beneficiate.co"
ANA = "ana@demo.beneficiate.co"

CHOSEN = [
    ("login", 1440, "light"),
    ("login", 1440, "dark"),
    ("login", 390, "light"),
    ("desk-list", 1440, "light"),
    ("desk-list", 390, "light"),
    ("desk-list", 390, "dark"),
    ("desk-conversation", 1440, "light"),
    ("desk-conversation", 1440, "dark"),
    ("desk-conversation", 1024, "light"),
    ("desk-conversation", 390, "light"),
    ("demo", 1440, "light"),
    ("demo", 1440, "dark"),
    ("demo", 390, "light"),
    ("error", 1440, "light"),
]


def login(page: Page, site: Site) -> None:
    page.goto(f"{site.origin}/login")


def desk_list(page: Page, site: Site) -> None:
    sign_in_at_the_desk(page, site, AGENT)


def desk_conversation(page: Page, site: Site) -> None:
    sign_in_at_the_desk(page, site, AGENT).pick(site.chat_of(ANA))


def demo(page: Page, site: Site) -> None:
    sign_in_as_a_member(page, site, ANA)
    expect(page.locator("[data-line]").first).to_be_visible()


def error(page: Page, site: Site) -> None:
    page.goto(f"{site.origin}/no-existe")


PAGES: dict[str, Callable[[Page, Site], None]] = {
    "login": login,
    "desk-list": desk_list,
    "desk-conversation": desk_conversation,
    "demo": demo,
    "error": error,
}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    shots = list(product(PAGES, HEIGHTS, THEMES)) if len(sys.argv) > 1 else CHOSEN
    folder.mkdir(parents=True, exist_ok=True)
    with _site() as site, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        # Somebody is online.
        demo(chromium.new_context(browser).new_page(), site)
        for name, width, theme in shots:
            path = folder / f"{name}-{width}-{theme}.png"
            _shoot(browser, site, name, width, theme, path)
            print(f"{path}  {path.stat().st_size // 1024} KB")
        browser.close()


def _shoot(browser: Browser, site: Site, name: str, width: int, theme: str, path: Path) -> None:
    is_phone = width < 500
    screen = {"viewport": {"width": width, "height": HEIGHTS[width]}, "is_mobile": is_phone, "has_touch": is_phone}
    context = chromium.new_context(browser, **screen, color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    PAGES[name](page, site)
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, animations="disabled", caret="hide")
    context.close()


@contextmanager
def _site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="beneficiate-screenshots-") as folder:
        running = Site(Path(folder), make_template(Path(folder) / "demo.db"))
        running.start()
        yield running
        running.kill()


if __name__ == "__main__":
    main()
