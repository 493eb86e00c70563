"""Transactions in Wompi's responses: what makes one, and what may be missing or odd."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from beneficiate.clients.wompi_answers import MAX_AMOUNT_IN_CENTS, parse_search_row, parse_transaction
from beneficiate.domain.billing.wompi import WompiTransaction
from beneficiate.errors import Unavailable
from tests.clients.wompi_samples import GOOD

REQUIRED = ("id", "status", "amount_in_cents")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)


def parse(**changes):
    return parse_transaction({**GOOD, **changes})


def test_every_field_is_read():
    assert parse() == WompiTransaction(
        id=GOOD["id"],
        status="APPROVED",
        amount_in_cents=8_990_000,
        currency="COP",
        reference=GOOD["reference"],
        link_id="test_Ab3xYz",
        method="CARD",
        method_detail="VISA 4242",
        reason="",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_only_id_status_and_amount_are_required():
    found = parse_transaction({name: GOOD[name] for name in REQUIRED})
    assert (found.currency, found.reference, found.method, found.method_detail, found.reason) == ("",) * 5
    assert (found.link_id, found.created_at, found.possible_link_ids) == (None, None, [])


@pytest.mark.parametrize("name", REQUIRED)
def test_transaction_without_a_required_field_is_unavailable(name):
    with pytest.raises(Unavailable):
        parse_transaction({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("amount_in_cents", value) for value in (None, "8990000", 8_990_000.0, True, -1, MAX_AMOUNT_IN_CENTS + 1)),
        *(("status", value) for value in (None, 7, ["APPROVED"])),
        *(("id", value) for value in (None, 7, "", "a" * 65, "1/2", "1-1-1\n", "١")),
    ],
)
def test_transaction_with_an_invalid_required_field_is_unavailable(name, value):
    with pytest.raises(Unavailable):
        parse(**{name: value})


@pytest.mark.parametrize("amount", [0, 1, MAX_AMOUNT_IN_CENTS])
def test_amount_may_be_nothing_and_the_largest_that_wompi_accepts(amount):
    assert parse(amount_in_cents=amount).amount_in_cents == amount


@pytest.mark.parametrize("value", [None, "", 7, [], {}])
def test_link_id_that_is_no_text_is_none(value):
    assert parse(payment_link_id=value).link_id is None


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (None, ""),
        ("x", ""),
        ({"type": "NEQUI"}, ""),
        ({"extra": ["VISA"]}, ""),
        ({"extra": {"brand": None, "last_four": "4242"}}, "4242"),
        ({"extra": {"brand": "VISA", "last_four": 4242}}, "VISA 4242"),
        ({"extra": {"brand": "V" * 99}}, "V" * 64),
    ],
)
def test_method_detail_is_what_the_response_has_of_a_card(value, detail):
    assert parse(payment_method=value).method_detail == detail


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2026-01-01T00:00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00-05:00", datetime(2026, 1, 1, 5, tzinfo=UTC)),
        ("ayer", None),
        ("", None),
        (7, None),
        (None, None),
    ],
)
def test_instant_without_a_zone_is_utc_and_an_invalid_one_is_none(value, instant):
    assert parse(created_at=value).created_at == instant


def test_text_is_cut_to_its_column_and_has_nothing_that_a_database_refuses():
    found = parse(status_message="x" * 9000, reference="a\0b\ud800c", currency="PESOS COLOMBIANOS", status="A" * 40)
    assert (len(found.reason), found.reference, found.currency, found.status) == (500, "abc", "PESOS CO", "A" * 32)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), JSON))
def test_any_json_is_a_transaction_that_can_be_stored_or_unavailable(changes):
    try:
        found = parse(**changes)
    except Unavailable:
        assert changes.keys() & set(REQUIRED)
        return
    texts = (found.id, found.status, found.currency, found.reference, found.method, found.method_detail, found.reason)
    assert all("\0" not in text and text.encode() is not None for text in texts)
    assert 0 <= found.amount_in_cents <= MAX_AMOUNT_IN_CENTS


@pytest.mark.parametrize("row", [None, 7, "x", [], {}, {**GOOD, "id": None}])
def test_row_of_a_search_that_is_no_transaction_is_logged_without_its_content(row):
    with capture_logs() as entries:
        assert parse_search_row(row) is None
    assert entries == [{"event": "wompi_row_unreadable", "log_level": "warning"}]


def test_row_of_a_search_that_is_one_is_read():
    assert parse_search_row(GOOD) == parse()
