"""By how much the event loop is late: whoever waits for the loop waits so long."""

import asyncio

from beneficiate.context import AppContext

SLEEP_S = 0.05


async def measure_loop_lag(context: AppContext) -> None:
    """Sleep for a moment and record by how much later the loop went on."""
    loop = asyncio.get_running_loop()
    due_at = loop.time() + SLEEP_S
    await asyncio.sleep(SLEEP_S)
    context.telemetry.loop_lag.observe(max(0.0, loop.time() - due_at))
