"""Checks of any page: accessibility, width, size of the first load, use with the keyboard."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import BROWSER_TESTS_DIR

AXE_PATH = BROWSER_TESTS_DIR / "vendor" / "axe-core" / "axe.min.js"
MAX_FIRST_LOAD_BYTES = 173 * 1024
SCREEN_SIZES = {1440: 900, 1024: 768, 390: 844}
THEMES = {1440: "light", 390: "dark"}
"""At which width each theme is examined: colours do not depend on the width, and contrasts take most of a run."""
FIGURE_WIDTHS = (1920, 1600, 1440, 1366, 1280, 1100, 1024, 900, 768, 600, 390, 360)
WITHOUT_COLOURS = ("color-contrast", "link-in-text-block")
SERIOUS_IMPACTS = ("serious", "critical")
ALL_IMPACTS = ("minor", "moderate", *SERIOUS_IMPACTS)


def find_page_problems(page: Page, impacts: tuple[str, ...] = SERIOUS_IMPACTS) -> list[str]:
    """Return overflows and violations of these impacts that axe finds, at each width; those of colours in each theme.

    The page's context needs `bypass_csp` and `reduced_motion`. The viewport is restored.
    """
    before, found = page.viewport_size, []
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE_PATH)
    for width, height in SCREEN_SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if too_wide > 0:
            found.append(f"{width}: {too_wide} px too wide")
        theme = THEMES.get(width)
        if theme is not None:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        # What is being loaded is pale until it is there; the widget's button has no name until it knows for whom.
        expect(page.locator("[aria-busy=true], #launcher:not([aria-label])")).to_have_count(0)
        problems = _find_axe_problems(page, impacts, () if theme else WITHOUT_COLOURS)
        found += [f"{width} {theme or 'light'}: {problem}" for problem in problems]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if before is not None:
        page.set_viewport_size(before)
    return found


def find_crowded_figures(page: Page, widths: tuple[int, ...], texts: list[str]) -> list[str]:
    """Write texts into the main figures; return those that leave their cell or meet another, at each width."""
    before, found = page.viewport_size, []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: {problem}" for problem in page.evaluate(_FIND_CROWDED_FIGURES, texts)]
    if before is not None:
        page.set_viewport_size(before)
    return found


_FIND_CROWDED_FIGURES = """texts => {
  const numbers = [...document.querySelectorAll(".figure-n")];
  if (numbers.length !== texts.length) return [`${numbers.length} figures`];
  numbers.forEach((number, at) => { (number.querySelector("a") ?? number).textContent = texts[at]; });
  const boxes = numbers.map((number) => {
    const range = document.createRange();
    range.selectNodeContents(number);
    return range.getBoundingClientRect();
  });
  const meet = (one, other) => one.left < other.right && other.left < one.right
    && one.top < other.bottom && other.top < one.bottom;
  const found = [];
  numbers.forEach((number, at) => {
    const cell = number.closest(".figure");
    const end = cell.getBoundingClientRect().right - parseFloat(getComputedStyle(cell).paddingInlineEnd);
    const isWider = number.scrollWidth > number.clientWidth || boxes[at].right > end + 0.5;
    if (isWider) found.push(`${texts[at]} leaves its cell`);
    for (let next = at + 1; next < boxes.length; next += 1)
      if (meet(boxes[at], boxes[next])) found.push(`${texts[at]} meets ${texts[next]}`);
  });
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page is too wide");
  return found;
}"""


def press_until_focused(page: Page, selector: str, key: str = "Tab", most: int = 12) -> None:
    """Press a key until an element has the focus. Raises AssertionError after `most` times."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.locator(selector).evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not reach {selector}")


class TransferMeter:
    """Counts the bytes that a page downloads, from now on."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._sizes: list[int] = []
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: self._sizes.append(event["encodedDataLength"]))

    def expect_light(self, min_responses: int) -> None:
        """Wait until the network is idle; check that so many responses came and that they fit in the limit."""
        self._page.wait_for_load_state("networkidle")
        assert len(self._sizes) >= min_responses
        assert sum(self._sizes) <= MAX_FIRST_LOAD_BYTES, f"{sum(self._sizes)} bytes in {len(self._sizes)} responses"


class Requests:
    """Counts the requests that reach the network, until they settle; those answered by the browser's cache do not."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._urls: dict[str, str] = {}
        self._sent: list[str] = []
        self._sizes: dict[str, int] = {}
        self._network = network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", self._on_request)
        network.on("Network.requestWillBeSentExtraInfo", lambda event: self._sent.append(event["requestId"]))
        network.on("Network.loadingFinished", self._on_finished)

    def settle(self) -> tuple[list[str], int]:
        """Wait until the network is idle; return the URLs that were requested and the bytes that were received."""
        self._page.wait_for_load_state("networkidle")
        self._network.detach()
        urls = [self._urls[number] for number in self._sent if number in self._urls]
        return urls, sum(self._sizes.get(number, 0) for number in self._sent)

    def _on_request(self, event: dict[str, Any]) -> None:
        self._urls[event["requestId"]] = event["request"]["url"]

    def _on_finished(self, event: dict[str, Any]) -> None:
        self._sizes[event["requestId"]] = event["encodedDataLength"]


def _find_axe_problems(page: Page, impacts: tuple[str, ...], left_out: tuple[str, ...]) -> list[str]:
    """Run the rules of these impacts alone, without those left out: those of less take a quarter of the time."""
    return page.evaluate(
        """async ([impacts, leftOut]) => {
        const counts = ({ impact }) => impacts.includes(impact);
        const isOut = (rule) => !counts(rule) || leftOut.includes(rule.id);
        const without = axe._audit.rules.filter(isOut).map(({ id }) => [id, { enabled: false }]);
        const options = { resultTypes: ["violations"], rules: Object.fromEntries(without) };
        const { violations } = await axe.run(document, options);
        return violations.filter(counts)
          .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target} ${any[0]?.message ?? ""}`));
    }""",
        [impacts, left_out],
    )
