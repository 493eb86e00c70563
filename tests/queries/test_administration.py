"""Lists of the administration: search, numbers of the tabs, pages."""

from dataclasses import replace

from beneficiate.queries.administration import ROWS_PER_PAGE, page_rows
from beneficiate.views.administration import ListFilters, ListRow

STATES = {"": "Todos", "activos": "Activos", "inactivos": "Inactivos"}


def row(row_id, name, state="activos"):
    return ListRow(row_id, name, state, f"{name} N-{row_id}")


def names(rows, **filters):
    return [one.name for one in page_rows(rows, ListFilters(**filters), STATES).rows]


def test_rows_are_sorted_as_spanish_is_and_found_without_accents():
    rows = [row(1, "Zulma"), row(2, "Álvaro"), row(3, "ana"), row(4, "Beto", "inactivos")]
    assert names(rows) == ["Álvaro", "ana", "Beto", "Zulma"]
    assert names(rows, text="alvaro") == ["Álvaro"]
    assert names(rows, text="n-3") == ["ana"]
    assert names(rows, state="inactivos") == ["Beto"]
    assert names(rows, state="nadie") == []


def test_tabs_count_what_matches_the_text():
    rows = [row(1, "Ana"), row(2, "Beto", "inactivos"), row(3, "Anabel", "inactivos")]
    found = page_rows(rows, ListFilters(state="activos", text="ana"), STATES)
    assert found.tabs == [("", "Todos", 2), ("activos", "Activos", 1), ("inactivos", "Inactivos", 1)]
    assert found.total == 2


def test_pages_follow_each_other_also_among_equal_names():
    rows = [row(number, "Ana") for number in range(1, 2 * ROWS_PER_PAGE + 2)]
    seen, filters = [], ListFilters()
    while True:
        page = page_rows(rows, filters, STATES)
        seen += [one.row_id for one in page.rows]
        if not page.next_id:
            break
        filters = replace(filters, after=page.next_id)
    assert seen == [one.row_id for one in rows]
    assert names(rows, after=999) == ["Ana"] * ROWS_PER_PAGE
