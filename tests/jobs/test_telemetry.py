"""The lag of the event loop."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from beneficiate.jobs.telemetry import SLEEP_S, measure_loop_lag
from beneficiate.telemetry import Telemetry


@pytest.mark.gen_test
async def test_blocked_loop_is_late():
    telemetry = Telemetry()
    asyncio.get_running_loop().call_later(SLEEP_S / 2, time.sleep, SLEEP_S * 2)
    await measure_loop_lag(SimpleNamespace(telemetry=telemetry))
    assert telemetry.registry.get_sample_value("beneficiate_loop_lag_seconds_sum") >= SLEEP_S
