"""What goes wrong, one thing after another: each function does it and returns when the cause is gone."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks.chaos.plan import ChaosPlan
from tests.benchmarks.chaos.stack import ChaosStack

SLOW_S = 0.2
TOO_SLOW_S = 3.0
SPELL_S = 6.0
"""How long the database takes no writes, or is slow."""
NO_ROOM = """
CREATE FUNCTION refuse_for_the_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file "base/5/1247": No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER full_for_the_test BEFORE INSERT ON chat_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_for_the_test()
"""
ROOM = "DROP FUNCTION refuse_for_the_test() CASCADE"


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault. After one of the `database` the first write is measured."""

    name: str
    cause: Callable[[ChaosStack, ChaosPlan, random.Random], Awaitable[None]]
    is_of_database: bool = False


async def kill_worker(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """Kill the oldest worker with SIGKILL: each of them in its turn."""
    os.kill(stack.service.worker_pids[0], signal.SIGKILL)


async def stop_worker(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """Let a worker stand still, as a paused machine does, and go on."""
    pid = chance.choice(stack.service.worker_pids)
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(plan.stop_s)
    finally:
        os.kill(pid, signal.SIGCONT)


async def restart_redis(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """Kill Redis, which forgets everything, and start it."""
    await asyncio.to_thread(stack.redis.kill)
    await asyncio.sleep(plan.away_s)
    await asyncio.to_thread(stack.redis.start)


async def silence_redis(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """Let all connections to Redis be half open; new ones pass."""
    stack.to_redis.silence()


async def restart_postgresql(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """End PostgreSQL in the middle of everything, and start it."""
    await asyncio.to_thread(stack.postgresql.crash)
    await asyncio.sleep(plan.away_s)
    await asyncio.to_thread(stack.postgresql.start)


async def silence_postgresql(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """Let all connections to PostgreSQL be half open; new ones pass."""
    stack.to_postgresql.silence()


async def refuse_writes(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """Let PostgreSQL take no writes, as after a switch-over to a standby."""
    await asyncio.to_thread(stack.postgresql.set_read_only, is_read_only=True)
    await asyncio.sleep(SPELL_S)
    await asyncio.to_thread(stack.postgresql.set_read_only, is_read_only=False)


async def slow_postgresql(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """Let everything to and from PostgreSQL take long."""
    stack.to_postgresql.delay_s = SLOW_S
    await asyncio.sleep(SPELL_S)
    stack.to_postgresql.delay_s = 0.0


async def slow_redis(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """Let everything to and from Redis take longer than the service waits for it."""
    stack.to_redis.delay_s = TOO_SLOW_S
    await asyncio.sleep(SPELL_S)
    stack.to_redis.delay_s = 0.0


async def fill_disk(stack: ChaosStack, plan: ChaosPlan, chance: random.Random) -> None:
    """Let PostgreSQL say that there is no room for a message (53100); what fits into pages that it has goes on."""
    await asyncio.to_thread(stack.postgresql.execute, NO_ROOM)
    await asyncio.sleep(SPELL_S)
    await asyncio.to_thread(stack.postgresql.execute, ROOM)


SHORT_FAULTS = (
    Fault("worker killed", kill_worker),
    Fault("PostgreSQL restarted", restart_postgresql, is_of_database=True),
    Fault("Redis restarted", restart_redis),
    Fault("worker stopped", stop_worker),
    Fault("Redis half open", silence_redis),
    Fault("PostgreSQL half open", silence_postgresql, is_of_database=True),
)
ALL_FAULTS = (
    Fault("worker killed", kill_worker),
    Fault("PostgreSQL restarted", restart_postgresql, is_of_database=True),
    Fault("worker killed", kill_worker),
    Fault("Redis restarted", restart_redis),
    Fault("worker stopped", stop_worker),
    Fault("PostgreSQL read-only", refuse_writes, is_of_database=True),
    Fault("worker killed", kill_worker),
    Fault("Redis half open", silence_redis),
    Fault("PostgreSQL slow", slow_postgresql, is_of_database=True),
    Fault("Redis slow", slow_redis),
    Fault("PostgreSQL full", fill_disk, is_of_database=True),
    Fault("worker killed", kill_worker),
    Fault("PostgreSQL half open", silence_postgresql, is_of_database=True),
)


def list_faults(plan: ChaosPlan) -> tuple[Fault, ...]:
    """Return the faults of a run; those of the short form take few seconds. Raises ValueError when there is none."""
    faults = SHORT_FAULTS if plan.is_short else ALL_FAULTS
    chosen = tuple(fault for fault in faults if plan.only.lower() in fault.name.lower())
    if not chosen:
        raise ValueError(f"no fault is called {plan.only}, but: {', '.join({fault.name for fault in faults})}")
    return chosen


def order_faults(plan: ChaosPlan, chance: random.Random) -> Iterator[Fault]:
    """Yield all faults in their order, then again in orders of chance."""
    faults = list(list_faults(plan))
    while True:
        yield from faults
        chance.shuffle(faults)
