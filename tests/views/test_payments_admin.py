"""The supervisors' list of payments when it is empty."""

from datetime import date

import pytest

from beneficiate.views.payments_admin import EMPTY_TABS, PAYMENT_TABS, PaymentList, PaymentListQuery


def empty_title(**query):
    return PaymentList(PaymentListQuery(**query), "todos", PAYMENT_TABS, {}, [], False, 0).empty_text.title


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


def test_each_tab_has_a_text_for_no_payments():
    assert EMPTY_TABS.keys() == PAYMENT_TABS.keys()
