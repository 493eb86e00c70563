"""Who connects takes turns: so many at once, the others in order, and nobody without an end."""

import asyncio

import pytest

from beneficiate.errors import RateLimited
from beneficiate.realtime.admission import ADMITTED_PER_S, Admission


async def hold(admission, number, entered, release):
    async with admission.admit():
        entered.append(number)
        await release.wait()


@pytest.mark.gen_test
async def test_so_many_are_let_in_at_once_and_the_others_in_order():
    admission, entered, release = Admission(at_once=2), [], asyncio.Event()
    tasks = [asyncio.create_task(hold(admission, number, entered, release)) for number in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert entered == [0, 1]
    release.set()
    await asyncio.gather(*tasks)
    assert entered == [0, 1, 2, 3, 4]


@pytest.mark.gen_test
async def test_who_would_wait_too_long_is_told_when_to_return():
    admission, entered, release = Admission(at_once=1, max_waiting=1, longest_wait_s=0.05), [], asyncio.Event()
    first = asyncio.create_task(hold(admission, 0, entered, release))
    await asyncio.sleep(0)
    second = asyncio.create_task(hold(admission, 1, entered, release))
    await asyncio.sleep(0)
    with pytest.raises(RateLimited) as limited:
        async with admission.admit():
            raise AssertionError("too many wait")
    assert limited.value.retry_after_s == max(1, 1 // ADMITTED_PER_S)
    with pytest.raises(RateLimited):
        await second
    release.set()
    await first
    async with admission.admit():
        entered.append(2)
    assert entered == [0, 2]


@pytest.mark.gen_test
async def test_turn_is_given_back_by_who_fails_or_goes_away():
    admission, entered = Admission(at_once=1), []
    with pytest.raises(ZeroDivisionError):
        async with admission.admit():
            raise ZeroDivisionError
    gone = asyncio.create_task(hold(admission, 0, entered, asyncio.Event()))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    async with asyncio.timeout(5), admission.admit():
        entered.append(1)
    assert entered == [0, 1]
