"""The filters of the supervisors' list, and the labels of its forms."""

from beneficiate.views.data_request_list import ANSWER_LABELS, RequestFilters, assignee_labels


def test_filters_are_written_into_addresses_without_what_is_empty():
    filters = RequestFilters(tab="cerradas", kind="claim", person="Ana María")
    assert filters.query == "?estado=cerradas&tipo=claim&persona=Ana+Mar%C3%ADa"
    assert filters.query_with(after="20260828-5") == f"{filters.query}&despues=20260828-5"
    assert filters.query_with(tab="") == "?tipo=claim&persona=Ana+Mar%C3%ADa"
    assert not filters.is_empty
    assert (RequestFilters().query, RequestFilters(after="1").is_empty) == ("", True)


def test_choices_are_shown_by_their_names():
    assert assignee_labels({7: "Marta Rojas"}).describe("quien", "7") == "Marta Rojas"
    assert ANSWER_LABELS.describe("decision", "partly") == "Se acepta en parte"
