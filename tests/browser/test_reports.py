"""The supervisors' reports: a number opens its list, filters say what is wrong, every state is accessible and fits."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from beneficiate.formatting import bogota_date
from tests.browser.page_checks import FIGURE_WIDTHS, find_crowded_figures, find_page_problems
from tests.browser.page_objects import set_session_cookie

RANGE = "/supervisor/reportes?periodo=rango&desde={}&hasta={}"


def page_of(profiles, site, who, **options):
    context = profiles.new_context(**options)
    set_session_cookie(context, site, who)
    page = context.new_page()
    page.goto(f"{site.origin}/supervisor/horario")
    page.locator("#rail-reports").click()
    expect(page.locator("#rail-reports")).to_have_attribute("aria-current", "page")
    return page


def open_weeks(page, site, weeks=3, more=""):
    """Open a report of some weeks until yesterday."""
    last = bogota_date(datetime.now(UTC)) - timedelta(days=1)
    page.goto(site.origin + RANGE.format(last - timedelta(weeks=weeks), last) + more)


def test_number_opens_its_list_and_filters_keep_what_was_typed(profiles, site):
    site.run_cli("load-history", "--chats", "300", "--days", "40", "--yes")
    page = page_of(profiles, site, site.add_supervisor("Marta"))
    open_weeks(page, site)
    number = page.locator("#main-figures .n-link").first
    shown = number.inner_text()
    number.click()
    expect(page.locator("#figure")).to_have_text(shown)
    expect(page.locator("#count")).to_have_text(shown)
    listed = page.locator("#facts tbody tr").count()
    while page.locator("#next-page").count():
        page.locator("#next-page").click()
        expect(page.locator("#first-page")).to_be_visible()
        listed += page.locator("#facts tbody tr").count()
    assert listed == int(shown)
    open_weeks(page, site)
    page.locator("#filter-desde").fill("31/02/2026")
    page.locator("#report-filters button").click()
    expect(page.locator("#desde-error")).to_be_visible()
    expect(page.locator("#filter-desde")).to_be_focused()
    expect(page.locator("#filter-desde")).to_have_value("31/02/2026")
    page.get_by_role("link", name="Mes", exact=True).click()
    expect(page).to_have_url(re.compile("periodo=mes"))
    page.locator("#earlier").click()
    expect(page.locator("#later")).to_be_visible()
    with page.expect_download() as download:
        page.locator("#workbook").click()
    assert download.value.suggested_filename == "reporte.xlsx"


def test_every_state_is_accessible_in_both_themes_and_fits(profiles, site):
    site.run_cli("load-history", "--chats", "300", "--days", "40", "--yes")
    page = page_of(profiles, site, site.add_supervisor("Marta"), bypass_csp=True, reduced_motion="reduce")
    open_weeks(page, site)
    expect(page.locator(".plot-bar").first).to_be_attached()
    found = find_page_problems(page)
    open_weeks(page, site, more="&por=mes&tema=-&comparar=no")
    found += find_page_problems(page)
    page.locator("#main-figures .n-link").first.click()
    expect(page.locator("#facts")).to_be_visible()
    found += find_page_problems(page)
    page.goto(f"{site.origin}/supervisor/reportes?periodo=rango&desde=ayer&agente=x")
    found += find_page_problems(page)
    assert found == []


def test_figures_keep_to_their_cells_at_every_width(profiles, site):
    site.run_cli("load-history", "--chats", "30", "--days", "40", "--yes")
    page = page_of(profiles, site, site.add_supervisor("Marta"))
    open_weeks(page, site)
    texts = ["1.234.567", "12\u00a0d\u00a023\u00a0h", "1.234.567", "5,00", "123.456"]
    assert find_crowded_figures(page, FIGURE_WIDTHS, texts) == []


@pytest.mark.parametrize(("step", "days"), [("mes", 1065), ("semana", 750), ("dia", 365)])
def test_names_under_charts_do_not_meet(profiles, site, step, days):
    page = page_of(profiles, site, site.add_supervisor("Marta"))
    site.run_cli("load-history", "--chats", "30", "--days", "40", "--yes")
    last = bogota_date(datetime.now(UTC))
    page.goto(f"{site.origin}{RANGE.format(last - timedelta(days=days), last)}&por={step}")
    found = []
    for width in FIGURE_WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        names = page.locator(".chart").evaluate_all(
            """charts => charts.map(chart => [...chart.querySelectorAll(".is-mid:not(.is-off)")]
              .map(name => name.getBoundingClientRect()).filter(box => box.width).map(box => [box.left, box.right]))"""
        )
        assert [len(one) > 1 for one in names] == [True, True]
        found += [(width, one, two) for chart in names for one, two in pairwise(chart) if one[1] >= two[0]]
    assert found == []
