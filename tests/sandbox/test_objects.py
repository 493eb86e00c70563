"""Links and transactions in their JSON form, and instants as Wompi writes them."""

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from beneficiate.clients.wompi_answers import parse_transaction
from beneficiate.sandbox.objects import FAILED, FINAL, PENDING, PaymentLink, now_iso, parse_instant
from tests.sandbox.parts import create_account, create_link, create_transaction


def test_link_has_every_field_also_those_without_a_value():
    link = create_link(create_account())
    sent = msgspec.to_builtins(link)
    assert set(sent) == set(PaymentLink.__struct_fields__)
    assert (sent["expires_at"], sent["image_url"], sent["taxes"], sent["active"]) == (None, None, [], True)
    assert msgspec.convert(sent, PaymentLink) == link


def test_lists_are_not_shared_between_links():
    account = create_account()
    first, second = create_link(account), create_link(account)
    first.taxes.append({})
    assert second.taxes == []


def test_transaction_begins_as_pending_and_is_read_by_the_client():
    made = create_transaction(create_account())
    assert (made.status, made.finalized_at, made.status_message) == (PENDING, None, None)
    found = parse_transaction(msgspec.to_builtins(made))
    assert (found.id, found.status, found.amount_in_cents, found.method) == (made.id, PENDING, 48_000_000, "CARD")
    assert found.method_detail == "VISA 4242"
    assert found.created_at == parse_instant(made.created_at)


def test_failed_statuses_are_final():
    assert set(FAILED) < set(FINAL)
    assert PENDING not in FINAL


def test_present_is_written_in_utc_with_milliseconds():
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    text = now_iso()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert before <= parse_instant(text) <= datetime.now(UTC)


@pytest.mark.parametrize("text", ["2049-01-15T18:30:00.000Z", "2049-01-15T18:30:00", "2049-01-15T13:30:00-05:00"])
def test_instant_without_a_zone_is_utc(text):
    assert parse_instant(text) == datetime(2049, 1, 15, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "ayer", "2049-13-01T00:00:00Z"])
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(ValueError, match=r"isoformat|month"):
        parse_instant(text)
