"""Tasks that continue after their request are held until they end, and cancelled at the end."""

import asyncio

import pytest

from beneficiate.sandbox.background_tasks import BackgroundTasks


@pytest.mark.gen_test
async def test_task_runs_without_being_waited_for():
    tasks, done = BackgroundTasks(), asyncio.Event()

    async def work():
        done.set()

    task = tasks.spawn(work())
    assert not done.is_set()
    await task
    assert done.is_set()


@pytest.mark.gen_test
async def test_ended_tasks_are_not_held():
    tasks = BackgroundTasks()
    spawned = [tasks.spawn(asyncio.sleep(0)) for _ in range(3)]
    assert len(tasks._tasks) == 3
    await asyncio.wait(spawned)
    await asyncio.sleep(0)
    assert tasks._tasks == set()


@pytest.mark.gen_test
async def test_end_cancels_what_waits_and_leaves_nothing_even_when_one_fails():
    tasks, never, cleaned = BackgroundTasks(), asyncio.Event(), []

    async def wait():
        try:
            await never.wait()
        finally:
            cleaned.append("waited")

    async def fail():
        raise RuntimeError

    waiting, failed = tasks.spawn(wait()), tasks.spawn(fail())
    await asyncio.sleep(0)
    await tasks.cancel_all()
    assert (waiting.cancelled(), failed.done(), cleaned) == (True, True, ["waited"])
    assert isinstance(failed.exception(), RuntimeError)
    await asyncio.sleep(0)
    assert tasks._tasks == set()
    await tasks.cancel_all()
