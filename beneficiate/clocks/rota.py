"""Which clock ticks how often, in one table."""

from collections.abc import Awaitable, Callable

import structlog
from tornado.ioloop import PeriodicCallback

from beneficiate.clocks import accounts, appointments, files, finding, payments, plans, presence, pulse, routing
from beneficiate.errors import Problem
from beneficiate.house import House
from beneficiate.settings import Settings

log = structlog.get_logger(__name__)

Clock = Callable[[House], Awaitable[None]]


def rota(settings: Settings) -> list[tuple[Clock, float]]:
    """Each clock and the seconds between two of its ticks."""
    return [
        (pulse.pulse, pulse.EVERY_S),
        (presence.beat, settings.process_expiry_s / presence.BEATS),
        (presence.sweep, presence.SWEEP_S),
        (routing.look, routing.EVERY_S),
        (accounts.forget, accounts.FORGET_S),
        (files.sweep, files.SWEEP_S),
        (finding.index, finding.EVERY_S),
        (appointments.look, appointments.EVERY_S),
        (appointments.post, appointments.EVERY_S),
        (plans.announce, plans.ANNOUNCE_S),
        (plans.post, plans.POST_S),
        (payments.retry, payments.RETRY_S),
        (payments.reconcile, settings.reconcile_s),
    ]


def start_clocks(house: House) -> list[PeriodicCallback]:
    """Start them all, a little apart, so that several processes do not tick together."""
    clocks = [
        PeriodicCallback(_tick(house, clock), every_s * 1000, jitter=0.1) for clock, every_s in rota(house.settings)
    ]
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
