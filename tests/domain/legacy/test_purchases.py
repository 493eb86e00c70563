"""Periods that overlapped follow each other: what has passed is not given again, what is to come is kept."""

from datetime import UTC, datetime

import pytest

from beneficiate.domain.legacy.purchases import parse_payment_status, place_period

NOW = datetime(2026, 5, 15, tzinfo=UTC)


def day(month, number):
    return datetime(2026, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "covered_until", "placed"),
    [
        (day(1, 1), day(1, 31), None, (day(1, 1), day(1, 31))),
        (day(1, 16), day(2, 15), day(1, 31), (day(1, 31), day(2, 15))),
        (day(1, 10), day(1, 20), day(1, 31), (day(1, 31), day(1, 31))),
        (day(5, 1), day(5, 31), day(5, 10), (day(5, 10), day(5, 31))),
        (day(5, 1), day(5, 31), day(6, 10), (day(6, 10), day(6, 26))),
        (day(6, 1), day(6, 11), day(6, 5), (day(6, 5), day(6, 15))),
        (day(6, 1), day(6, 11), day(5, 20), (day(6, 1), day(6, 11))),
        (day(1, 1), day(2, 1), day(6, 10), (day(6, 10), day(6, 10))),
    ],
)
def test_where_a_period_goes(begins, ends, covered_until, placed):
    assert place_period(begins, ends, covered_until, NOW) == placed


def test_status_in_free_text():
    texts = (
        "Aprobado",
        " PAGADA",
        "success",
        "Rechazado",
        "ANULADA",
        "error",
        "in_process",
        "cancelled",
        "",
        None,
        "x",
    )
    assert [parse_payment_status(one) for one in texts] == [
        "APPROVED",
        "APPROVED",
        "APPROVED",
        "DECLINED",
        "VOIDED",
        "ERROR",
        "PENDING",
        "EXPIRED",
        None,
        None,
        None,
    ]
