"""Anybody may ask for some e-mails: three an hour for an address, and so many from a network."""

from datetime import timedelta

import pytest

from beneficiate.actions.email_requests import KEPT, count_email_request, delete_old_email_requests
from beneficiate.errors import RateLimited
from beneficiate.limits import EMAILS_PER_ADDRESS, EMAILS_PER_NETWORK, HOUR
from beneficiate.models.account_emails import EmailRequestCount
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW


@pytest.fixture
def uow(db):
    return UnitOfWork(SYSTEM, NOW)


def test_address_has_three_an_hour_from_wherever_they_are_asked_for(uow):
    for number in range(EMAILS_PER_ADDRESS):
        count_email_request(uow, "ana@x.co", f"203.0.{number}.1")
    with pytest.raises(RateLimited) as refused:
        count_email_request(UnitOfWork(SYSTEM, NOW + timedelta(minutes=20)), "ana@x.co", "198.51.100.1")
    assert refused.value.retry_after_s == 40 * 60
    count_email_request(uow, "luis@x.co", "203.0.0.1")
    count_email_request(UnitOfWork(SYSTEM, NOW + HOUR), "ana@x.co", "198.51.100.1")


def test_network_has_a_limit_over_all_addresses(uow):
    for number in range(EMAILS_PER_NETWORK):
        count_email_request(uow, f"persona{number}@x.co", f"203.0.113.{number}")
    with pytest.raises(RateLimited):
        count_email_request(uow, "otra@x.co", "203.0.113.250")
    count_email_request(uow, "otra@x.co", "203.0.114.1")


def test_counts_name_nobody_and_are_deleted(uow):
    count_email_request(uow, "ana@x.co", "203.0.113.7")
    assert not [row.key for row in EmailRequestCount.select() if "ana" in row.key or "203" in row.key]
    delete_old_email_requests(UnitOfWork(SYSTEM, NOW + KEPT + timedelta(seconds=1)))
    assert EmailRequestCount.select().count() == 0
