"""What any page is measured by: accessibility, width, weight, and that a keyboard is enough."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import BROWSER_TESTS_DIR

AXE_PATH = BROWSER_TESTS_DIR / "vendor" / "axe-core" / "axe.min.js"
MAX_FIRST_LOAD_BYTES = 150 * 1024
BOTH_THEMES = ("light", "dark")
SCREEN_SIZES = {1440: 900, 1024: 768, 390: 844}


def find_page_problems(page: Page, themes: dict[int, tuple[str, ...]] | None = None) -> list[str]:
    """What is too wide, and what axe finds that is serious or critical, in these themes at each width.

    The page's context needs `bypass_csp` and `reduced_motion`. It is left as it was found.
    """
    themes = {1440: BOTH_THEMES, 390: BOTH_THEMES} if themes is None else themes
    before, found = page.viewport_size, []
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE_PATH)
    for width, height in SCREEN_SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if too_wide > 0:
            found.append(f"{width}: {too_wide} px too wide")
        for theme in themes.get(width, ()):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += [f"{width} {theme}: {problem}" for problem in _find_axe_problems(page)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if before is not None:
        page.set_viewport_size(before)
    return found


def press_until_focused(page: Page, selector: str, key: str = "Tab", most: int = 12) -> None:
    """Go on with the keyboard until this has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.locator(selector).evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not reach {selector}")


class TransferMeter:
    """Counts the bytes that a page takes over the wire, from now on."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._sizes: list[int] = []
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: self._sizes.append(event["encodedDataLength"]))

    def expect_light(self, least_answers: int) -> None:
        """Once all is there: it is light, and so many answers at least were weighed."""
        self._page.wait_for_load_state("networkidle")
        assert len(self._sizes) >= least_answers
        assert sum(self._sizes) <= MAX_FIRST_LOAD_BYTES, f"{sum(self._sizes)} bytes in {len(self._sizes)} answers"


class Requests:
    """Counts what reaches the network, from now on: an answer from the cache of the browser does not."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._addresses: dict[str, str] = {}
        self._sent: list[str] = []
        self._took: dict[str, int] = {}
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", self._note)
        network.on("Network.requestWillBeSentExtraInfo", lambda event: self._sent.append(event["requestId"]))
        network.on("Network.loadingFinished", self._weigh)

    def settle(self) -> tuple[list[str], int]:
        """Wait until nothing is on its way. The addresses that were asked for, and the bytes that came."""
        self._page.wait_for_load_state("networkidle")
        addresses = [self._addresses[number] for number in self._sent if number in self._addresses]
        return addresses, sum(self._took.get(number, 0) for number in self._sent)

    def _note(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _weigh(self, event: dict[str, Any]) -> None:
        self._took[event["requestId"]] = event["encodedDataLength"]


def _find_axe_problems(page: Page) -> list[str]:
    return page.evaluate("""async () => {
        const { violations } = await axe.run(document, { resultTypes: ["violations"] });
        return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
          .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target} ${any[0]?.message ?? ""}`));
    }""")
