"""Wompi is asked at once about a payment that somebody looks at, by one search at a time."""

import asyncio

import pytest

from beneficiate.errors import Unavailable
from beneficiate.services import requested_checks
from beneficiate.services.requested_checks import RequestedChecks
from beneficiate.unit_of_work import Actor

ANA = Actor(1, "member")


class Searches:
    """A store in which a payment is due or not, and searches that last until they are let go."""

    def __init__(self, *, is_due=True, problem=None):
        self.count = 0
        self.has_begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self._is_due, self._problem = is_due, problem

    async def run(self, action, payment_id, actor):
        return self._is_due

    async def search(self):
        self.count += 1
        self.has_begun.set()
        await self.may_end.wait()
        if self._problem is not None:
            raise self._problem


@pytest.fixture
def no_wait(monkeypatch):
    monkeypatch.setattr(requested_checks, "CHECK_WAIT_S", 0)


@pytest.mark.gen_test
async def test_whoever_asks_during_a_search_is_in_the_next_one(no_wait):
    searches = Searches()
    checks = RequestedChecks(searches, searches.search)
    for _ in range(3):
        await checks.check(ANA)
        await asyncio.sleep(0)
    assert searches.count == 1
    searches.may_end.set()
    await asyncio.wait({checks._task})
    assert searches.count == 2


@pytest.mark.gen_test
async def test_answer_waits_for_the_search():
    searches = Searches()
    checks = RequestedChecks(searches, searches.search)
    asking = asyncio.ensure_future(checks.check(ANA))
    await searches.has_begun.wait()
    assert not asking.done()
    searches.may_end.set()
    await asking


@pytest.mark.gen_test
async def test_nothing_is_searched_for_when_nothing_is_due(no_wait):
    searches = Searches(is_due=False)
    checks = RequestedChecks(searches, searches.search)
    await checks.check(ANA)
    await checks.stop()
    assert searches.count == 0


@pytest.mark.gen_test
async def test_search_that_fails_is_no_failure_of_who_asks():
    searches = Searches(problem=Unavailable())
    searches.may_end.set()
    checks = RequestedChecks(searches, searches.search)
    await checks.check(ANA)
    await checks.check(ANA)
    assert searches.count == 2


@pytest.mark.gen_test
async def test_search_ends_with_the_process(no_wait):
    searches = Searches()
    checks = RequestedChecks(searches, searches.search)
    await checks.check(ANA)
    await checks.stop()
    assert checks._task.cancelled()
