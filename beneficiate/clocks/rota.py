"""Which clock ticks how often, in one table."""

from collections.abc import Awaitable, Callable

import structlog
from tornado.ioloop import PeriodicCallback

from beneficiate.clocks import accounts, presence, pulse
from beneficiate.errors import Problem
from beneficiate.house import House

log = structlog.get_logger(__name__)

Clock = Callable[[House], Awaitable[None]]

ROTA: list[tuple[Clock, float]] = [
    (pulse.pulse, pulse.EVERY_S),
    (presence.beat, presence.BEAT_S),
    (presence.sweep, presence.SWEEP_S),
    (accounts.forget, accounts.FORGET_S),
]


def start_clocks(house: House) -> list[PeriodicCallback]:
    """Start them all, a little apart, so that several processes do not tick together."""
    clocks = [PeriodicCallback(_tick(house, clock), every_s * 1000, jitter=0.1) for clock, every_s in ROTA]
    for clock in clocks:
        clock.start()
    return clocks


def _tick(house: House, clock: Clock) -> Callable[[], Awaitable[None]]:
    async def tick() -> None:
        try:
            await clock(house)
        except Problem as problem:
            log.warning("clock_missed", clock=clock.__name__, code=problem.code)

    return tick
