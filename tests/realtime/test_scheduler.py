"""The scheduler of the running loop."""

import asyncio

import pytest

from beneficiate.realtime.scheduler import LoopScheduler


@pytest.mark.gen_test
async def test_calls_come_in_order_of_their_time():
    scheduler, calls, done = LoopScheduler(), [], asyncio.Event()
    began = scheduler.time()
    scheduler.call_later(0.02, done.set)
    scheduler.call_later(0.01, lambda: calls.append("later"))
    scheduler.call_later(0, lambda: calls.append("first"))
    await done.wait()
    assert calls == ["first", "later"]
    assert scheduler.time() - began >= 0.015
