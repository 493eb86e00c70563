"""Quotas: so much in a period for each person, and then the time to wait."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import quotas
from beneficiate.errors import RateLimited
from beneficiate.limits import Quota
from beneficiate.models.quotas import QuotaUse
from beneficiate.unit_of_work import SYSTEM
from tests.factories import agent, member

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUOTA = Quota("bookings", 3, 6, 60 * MINUTE, "Ha pedido muchas citas seguidas.")


@pytest.fixture
def consume(act):
    """Use the quota as a person at a time; return the seconds to wait, 0 when it was allowed."""

    def use(actor, at=NOW, amount=1):
        try:
            act(lambda uow, quota: quotas.consume_quota(uow, quota, amount), QUOTA, actor, at)
        except RateLimited as problem:
            return problem.retry_after_s
        return 0

    return use


def test_so_much_in_a_period_and_then_anew(consume):
    ana, beto = member().actor, member().actor
    assert [consume(ana, NOW + number * MINUTE) for number in range(3)] == [0, 0, 0]
    assert consume(ana, NOW + 10 * MINUTE) == 50 * 60
    assert consume(beto, NOW + 10 * MINUTE) == 0
    assert consume(ana, NOW + 59 * MINUTE) == 60
    assert consume(ana, NOW + 60 * MINUTE) == 0


def test_sentence_says_what_was_too_much_and_until_when(act, consume):
    ana = member().actor
    consume(ana, amount=3)
    with pytest.raises(RateLimited, match=r"^Ha pedido muchas citas seguidas\. Intente de nuevo en 60 minutos\.$"):
        act(quotas.consume_quota, QUOTA, ana, NOW)


def test_amounts_add_up_and_what_is_refused_is_not_counted(consume):
    ana = member().actor
    assert consume(ana, amount=2) == 0
    assert consume(ana, amount=2) == 3600
    assert consume(ana, amount=1) == 0
    assert consume(member().actor, amount=4) == 3600


def test_staff_have_an_amount_of_their_own(consume):
    yuliana = agent().actor
    assert [consume(yuliana) for _ in range(7)] == [0] * 6 + [3600]


def test_system_has_no_quota(consume):
    assert [consume(SYSTEM) for _ in range(10)] == [0] * 10
    assert not QuotaUse.select().exists()


def test_old_uses_are_deleted(act, consume):
    consume(member().actor)
    for at, left in ((NOW + quotas.KEPT, 1), (NOW + quotas.KEPT + MINUTE, 0)):
        act(quotas.delete_old_quota_uses, None, SYSTEM, at)
        assert QuotaUse.select().count() == left
