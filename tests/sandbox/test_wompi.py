"""What the handlers share: a pause that the end of the server cuts short, and counters of their own."""

import asyncio

import pytest

from beneficiate.sandbox.wompi import LocalWompi


def create_wompi():
    return LocalWompi(account=None, events=None, payments=None, templates=None, url="http://127.0.0.1")


@pytest.mark.gen_test
async def test_pause_ends_by_itself():
    wompi = create_wompi()
    await wompi.pause(0.001)
    assert not wompi.stopping.is_set()


@pytest.mark.gen_test
async def test_end_of_the_server_cuts_every_pause_short():
    wompi = create_wompi()
    pauses = [asyncio.create_task(wompi.pause(3600)) for _ in range(2)]
    await asyncio.sleep(0)
    assert not any(pause.done() for pause in pauses)
    wompi.stopping.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*pauses)
        await wompi.pause(3600)


def test_gateways_do_not_share_their_counters():
    first, second = create_wompi(), create_wompi()
    first.requests["GET /"] += 1
    first.stopping.set()
    assert (second.requests, second.stopping.is_set()) == ({}, False)
