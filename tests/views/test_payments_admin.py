"""The supervisors' list of payments when it is empty."""

from datetime import date

import pytest

from beneficiate.views.payments_admin import PaymentList, PaymentListQuery


def empty_title(**query):
    return PaymentList(PaymentListQuery(**query), "todos", {}, [], False, 0).empty_text.title


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ({}, "Todavía no hay pagos"),
        ({"text": "ana"}, "No encontramos pagos"),
        ({"since": date(2026, 1, 1)}, "No hay pagos en esos días"),
        ({"text": "ana", "page": 2}, "En esta página ya no hay pagos"),
    ],
)
def test_empty_list_says_why(query, title):
    assert empty_title(**query) == title
