"""Load time of the widget: `python -m tests.benchmarks.widget`. Medians of page loads with an empty cache."""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium
from tests.browser.site import Site, create_template_database

PAGE_LOADS = 20
# From the click to the frame in which the panel has been painted.
MEASURE_CLICK_JS = """async () => {
  const root = document.getElementById("beneficiate").shadowRoot;
  const [launcher, panel] = ["launcher", "panel"].map((id) => root.getElementById(id));
  const began = performance.now();
  launcher.click();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return panel.hidden ? Infinity : performance.now() - began;
}"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="beneficiate-widget-") as name, sync_playwright() as playwright:
        folder = Path(name)
        site = Site(folder, create_template_database(folder / "demo.db"))
        site.start()
        browser = chromium.launch(playwright)
        figures = [_measure_page_load(browser, site) for _ in range(PAGE_LOADS)]
        site.kill()
    ready, opened = ([figure[at] for figure in figures] for at in (0, 1))
    print(f"page begun until the button is there: median {statistics.median(ready):.0f} ms, most {max(ready):.0f} ms")
    print(f"click until the panel is painted:     median {statistics.median(opened):.1f} ms, most {max(opened):.1f} ms")


def _measure_page_load(browser: Browser, site: Site) -> tuple[float, float]:
    context = chromium.new_context(browser)
    page = context.new_page()
    page.goto(f"{site.origin}/demo")
    page.locator("#launcher").wait_for()
    ready = page.evaluate("performance.now()")
    opened = page.evaluate(MEASURE_CLICK_JS)
    context.close()
    return ready, opened


if __name__ == "__main__":
    main()
