"""One run: everybody writes while one fault follows another; then all is compared."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient

from tests.benchmarks.chaos import audit
from tests.benchmarks.chaos.audit import Reader, Violations
from tests.benchmarks.chaos.clients import ChaosCrowd
from tests.benchmarks.chaos.faults import Fault, list_faults, order_faults
from tests.benchmarks.chaos.plan import ChaosPlan
from tests.benchmarks.chaos.purchases import Bookers, Buyers
from tests.benchmarks.chaos.stack import ChaosStack, open_stack, stop_service
from tests.ws_client import wait_until

RECOVERY_S = 60.0
"""After a fault everybody must have been able to write by then."""
SETTLE_S = 90.0
PRESENCE_S = 30.0
QUEUE_TRIES = 10
CALM_S = 2.0
"""Between the end of one fault and the next one."""
LEAVERS = 5
"""Every so manieth client leaves at the end, so that there is an absence to tell."""


@dataclass(slots=True)
class FaultFigures:
    """A fault that was caused: the seconds from its end until the first write, and until everybody's."""

    name: str
    is_of_database: bool
    first_write_s: float | None
    everybody_s: float | None


@dataclass(slots=True)
class ChaosFigures:
    """What a run counted."""

    on_fault: Callable[[FaultFigures], None]
    faults: list[FaultFigures] = field(default_factory=list)
    violations: Violations = field(default_factory=Violations)
    acked: int = 0
    refused: int = 0
    told_unavailable: int = 0
    repeats: int = 0
    cuts: int = 0
    absences_s: list[float] = field(default_factory=list)
    booked: int = 0
    slots_taken: int = 0
    paid: int = 0
    in_doubt: int = 0
    presence_s: float = 0.0
    settled_s: float = 0.0


async def run_chaos(
    plan: ChaosPlan, folder: Path, on_fault: Callable[[FaultFigures], None] = lambda fault: None
) -> ChaosFigures:
    """Run it in a folder for logs and return what was found; nothing that it started is left.

    `on_fault` is called after each fault.
    """
    figures = ChaosFigures(on_fault=on_fault)
    async with AsyncExitStack() as closing:
        stack = await closing.enter_async_context(open_stack(plan, folder))
        AsyncHTTPClient(max_clients=2 * (plan.bookers + plan.buyers))
        crowd = ChaosCrowd(stack.clients.port, plan.pairs, plan.seed)
        closing.push_async_callback(crowd.stop)
        await _run_traffic(plan, stack, crowd, figures)
        if "Traceback" in stack.service.output:
            figures.violations.add("tracebacks in the log", stack.service.output.split("Traceback", 1)[1][:2000])
        for wrong in await stop_service(stack.service):
            figures.violations.add("how the service ends", wrong)
    return figures


async def _run_traffic(plan: ChaosPlan, stack: ChaosStack, crowd: ChaosCrowd, figures: ChaosFigures) -> None:
    bookers = Bookers(stack.service.port, plan.bookers, plan.seed)
    buyers = Buyers(stack.service.port, stack.sandbox, plan.buyers, plan.seed)
    await crowd.connect()
    until = time.monotonic() + plan.seconds
    is_ending = asyncio.Event()
    crowd.write_until(is_ending.is_set, plan.pause_s)
    async with asyncio.TaskGroup() as purchases:
        purchases.create_task(bookers.book_until(is_ending.is_set, plan.pause_s))
        purchases.create_task(buyers.buy_until(is_ending.is_set, 4 * plan.pause_s))
        try:
            await _cause_faults(plan, stack, crowd, figures, until)
        finally:
            is_ending.set()
    await _settle(stack, crowd, buyers, figures)
    await _compare(stack, crowd, bookers, buyers, figures)
    clients = crowd.clients
    figures.acked, figures.refused = crowd.acked, sum(len(one.refused) for one in clients)
    figures.told_unavailable = sum(one.told_unavailable for one in clients)
    figures.repeats = sum(one.repeats for one in clients)
    figures.absences_s = sorted(absence for one in clients for absence in one.absences_s[1:])
    figures.cuts = stack.clients.cuts
    figures.booked, figures.slots_taken = len(bookers.booked), bookers.refused
    figures.paid, figures.in_doubt = len(buyers.paid), buyers.in_doubt


async def _cause_faults(
    plan: ChaosPlan, stack: ChaosStack, crowd: ChaosCrowd, figures: ChaosFigures, until: float
) -> None:
    """Cause one fault after another until it is time to end; every kind at least once."""
    chance = random.Random(plan.seed)
    missing = {fault.name for fault in list_faults(plan)}
    for fault in order_faults(plan, chance):
        await asyncio.sleep(CALM_S)
        if time.monotonic() > until and not missing:
            return
        await fault.cause(stack, plan, chance)
        figures.faults.append(await _wait_for_recovery(fault, crowd, figures.violations))
        figures.on_fault(figures.faults[-1])
        missing.discard(fault.name)


async def _wait_for_recovery(fault: Fault, crowd: ChaosCrowd, found: Violations) -> FaultFigures:
    """Wait until everybody who has something to send could send it."""
    clock = crowd.start_clock()
    try:
        await wait_until(lambda: clock.last_s is not None, RECOVERY_S)
    except TimeoutError:
        found.add(f"somebody could not write {RECOVERY_S:g} s after a fault", (fault.name, clock.waiting[:5]))
    return FaultFigures(fault.name, fault.is_of_database, clock.first_s, clock.last_s)


async def _settle(stack: ChaosStack, crowd: ChaosCrowd, buyers: Buyers, figures: ChaosFigures) -> None:
    """Wait until everything that is under way has come to its end, or for so long that it never will."""
    began, reader = time.monotonic(), Reader(stack.postgresql.url)
    stack.clients.stop_cutting()
    while time.monotonic() - began < SETTLE_S:
        open_points = Violations()
        if not crowd.unsent and not audit.count_unsettled(reader, buyers.paid):
            audit.check_messages(reader, crowd.clients, open_points)
            if not open_points.counts:
                break
        await asyncio.sleep(1)
    figures.settled_s = time.monotonic() - began


async def _compare(
    stack: ChaosStack, crowd: ChaosCrowd, bookers: Bookers, buyers: Buyers, figures: ChaosFigures
) -> None:
    reader, found = Reader(stack.postgresql.url), figures.violations
    audit.check_messages(reader, crowd.clients, found)
    audit.check_bookings(reader, bookers.booked, found)
    audit.check_plans(reader, buyers.paid, found)
    for odd in (*bookers.odd, *buyers.odd):
        found.add("odd answers", odd)
    began = time.monotonic()
    await asyncio.gather(*(client.stop() for client in crowd.clients[::LEAVERS]))
    for one in await _wait_for_presence(reader, crowd):
        found.add(f"presence wrong after {PRESENCE_S:g} s", one)
    figures.presence_s = time.monotonic() - began
    await _compare_queue(found)


async def _wait_for_presence(reader: Reader, crowd: ChaosCrowd) -> list[str]:
    """Wait until presence is true; return what is not after the time that it may take."""
    until = time.monotonic() + PRESENCE_S
    while True:
        wrong = audit.find_wrong_presence(reader, crowd.clients)
        if not wrong or time.monotonic() > until:
            return wrong
        await asyncio.sleep(0.5)


async def _compare_queue(found: Violations) -> None:
    """Check the queue; what is wrong may be mended by the next run of a job, a second later."""
    for _ in range(QUEUE_TRIES):
        open_points = Violations()
        audit.check_queue(open_points)
        if not open_points.counts:
            return
        await asyncio.sleep(1)
    audit.check_queue(found)
