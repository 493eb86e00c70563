"""The filters of the lists of the administration, in their addresses."""

from beneficiate.views.administration import ListFilters


def test_filters_are_a_query_string_without_those_that_are_empty():
    filters = ListFilters("activas", "Ana & Beto", 7)
    assert ListFilters().query == ""
    assert filters.query == "?estado=activas&q=Ana+%26+Beto&despues=7"
    assert filters.query_with(state="") == "?q=Ana+%26+Beto"
    assert filters.query_with(after=9) == "?estado=activas&q=Ana+%26+Beto&despues=9"
