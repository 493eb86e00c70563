"""The Chromium that the browser tests and the screenshots run in."""

import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright

EXECUTABLE_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
LAUNCH_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
COLOMBIAN_LOCALE = {"locale": "es-CO", "timezone_id": "America/Bogota"}


class NoBrowser(Exception):
    """No Chromium is installed."""


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium of the system, or else the one that playwright installed. Raises NoBrowser."""
    system = next((path for path in map(shutil.which, EXECUTABLE_NAMES) if path), None)
    path = system or playwright.chromium.executable_path
    if not Path(path).exists():
        raise NoBrowser("No Chromium: install the package chromium, or run `python -m playwright install chromium`.")
    return playwright.chromium.launch(executable_path=path, args=LAUNCH_FLAGS)


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """Open a new profile with the locale and time zone of Colombia."""
    return browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **COLOMBIAN_LOCALE, **options})
