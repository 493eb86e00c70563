"""How far it scales, by a simulation that reproduces what was measured: `python -m tests.benchmarks.scaling`.

Prints the two tables of docs/scaling.md: measured points beside simulated ones, and what 10,000 to 1,000,000 connected
members need. Exits with 1 when a point is further off than `TOLERANCE`. The parameters come from `CALIBRATION` alone,
of which the points of `MEASURED` are no part. Every run prints the same.
"""

import heapq
import itertools
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

TOLERANCE = 0.4
"""The largest relative error of a reproduced point; docs/scaling.md says it too."""
SECONDS = 4.0
"""Simulated time, as long as the benchmark runs."""
CPU_SHARE = 0.6
"""How busy a process may be on average: above, what comes in bursts waits noticeably."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What one process and its servers were measured to need.

    `*_us` is the time of a processor in µs: of the application for a message that is stored alone and for one of 200
    pairs that write as fast as they can, for opening a connection with its initial state, and for an idle connection in
    a second; of PostgreSQL for a message and for opening and closing a connection; of Redis for a message, and for
    looking up the channels of one more process. `jobs` is the part of a processor that a process without connections
    uses.
    """

    single_us: float
    batched_us: float
    lines_per_s_of_200_pairs: float
    median_at_500_ms: float
    handshake_us: float
    jobs: float
    idle_us: float
    idle_kib: float
    base_mib: float
    postgresql_us: float
    postgresql_handshake_us: float
    redis_us: float
    redis_process_us: float


@dataclass(frozen=True, slots=True)
class MeasuredPoint:
    """A figure of a benchmark, and the simulation of the same."""

    name: str
    value: float
    simulate: Callable[["Process"], float]


@dataclass(frozen=True, slots=True)
class Process:
    """A process with one processor: what its loop does for a message, what a batch takes, and the wait for the disk."""

    loop_us: float
    stored_us: float
    batch_us: float
    commit_us: float
    commit_each_us: float
    handshake_us: float


def calibrate(given: Calibration) -> Process:
    """Return the process that needs what was measured; how long a commit takes is found by simulation.

    It has a part for each batch, which decides how long a message alone takes, and one for each message in it, which
    decides how many messages 200 pairs can send.
    """
    batch_us = given.single_us - given.batched_us
    each_us = given.batched_us - batch_us / 100  # of 200 pairs, about 100 messages are stored together
    process = Process(each_us / 2, each_us / 2, batch_us, 0.0, 0.0, given.handshake_us)
    for _ in range(4):
        process = _fit(
            process,
            lambda one, value: replace(one, commit_us=value),
            lambda one: simulate_messages(one, lines_per_s=500).median_ms < given.median_at_500_ms,
        )
        process = _fit(
            process,
            lambda one, value: replace(one, commit_each_us=value),
            lambda one: simulate_messages(one, pairs=200).lines_per_s > given.lines_per_s_of_200_pairs,
        )
    return process


def _fit(
    process: Process, change: Callable[[Process, float], Process], is_too_small: Callable[[Process], bool]
) -> Process:
    """Return the process with the value between 0 and 5 ms at which `is_too_small` changes."""
    low, high = 0.0, 5_000.0
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if is_too_small(change(process, middle)) else (low, middle)
    return change(process, low)


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came out: stored messages a second, and the median from sending to the echo."""

    lines_per_s: float
    median_ms: float


def simulate_messages(process: Process, *, pairs: int = 0, lines_per_s: float = 0.0) -> Simulated:
    """Simulate `pairs` that write as fast as they can, or so many lines a second, evenly spread."""
    return _Simulation(process, is_closed_loop=not lines_per_s).run(
        [0.0] * pairs if not lines_per_s else [1e6 * n / lines_per_s for n in range(int(SECONDS * lines_per_s))]
    )


class _Simulation:
    """One processor that takes what waits in turn, and a writer that stores everything that waits as one batch."""

    def __init__(self, process: Process, *, is_closed_loop: bool) -> None:
        self._process = process
        self._is_closed_loop = is_closed_loop
        self._now = self._free_at = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._queue: deque[float] = deque()
        self._is_writing = False
        self._latencies: list[float] = []

    def run(self, arrivals: list[float]) -> Simulated:
        for arrived_at in arrivals:
            self._at(arrived_at, lambda arrived_at=arrived_at: self._receive(arrived_at))
        while self._events and self._now < 1e6 * SECONDS:
            self._now, _, act = heapq.heappop(self._events)
            act()
        ordered = sorted(self._latencies)
        return Simulated(len(ordered) / SECONDS, ordered[len(ordered) // 2] / 1000)

    def _at(self, when: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._numbers), act))

    def _work(self, duration_us: float, then: Callable[[], None]) -> None:
        """Use the processor when it is free."""
        self._free_at = max(self._free_at, self._now) + duration_us
        self._at(self._free_at, then)

    def _receive(self, arrived_at: float) -> None:
        self._work(self._process.loop_us / 2, lambda: self._enqueue(arrived_at))

    def _enqueue(self, arrived_at: float) -> None:
        self._queue.append(arrived_at)
        if not self._is_writing:
            self._store()

    def _store(self) -> None:
        batch = list(self._queue)
        self._queue.clear()
        self._is_writing = bool(batch)
        if batch:
            process = self._process
            commit_us = process.commit_us + len(batch) * process.commit_each_us
            self._work(
                process.batch_us + len(batch) * process.stored_us,
                lambda: self._at(self._now + commit_us, lambda: self._publish(batch)),
            )

    def _publish(self, batch: list[float]) -> None:
        self._store()
        self._work(len(batch) * self._process.loop_us / 2, lambda: self._finish(batch))

    def _finish(self, batch: list[float]) -> None:
        for arrived_at in batch:
            self._latencies.append(self._now - arrived_at)
            if self._is_closed_loop:
                self._receive(self._now)


def simulate_return(process: Process, members: int, spread_s: float) -> float:
    """Return the seconds until so many members are back who were told to come within a time, evenly spread."""
    free_at = 0.0
    for number in range(members):
        free_at = max(free_at, number * spread_s / members) + process.handshake_us / 1e6
    return free_at


CALIBRATION = Calibration(
    single_us=700, batched_us=133, lines_per_s_of_200_pairs=4046, median_at_500_ms=1.86, handshake_us=810, jobs=0.016,
    idle_us=2.8, idle_kib=10.3, base_mib=120, postgresql_us=1755, postgresql_handshake_us=400, redis_us=130,
    redis_process_us=2,
)  # fmt: skip
"""PostgreSQL 18 and Redis 6.2 on the same two processors. With many processes each has few messages a second, so that
each is stored alone: 1,755 µs of PostgreSQL at 200 a second with all jobs, where many at once take 74. To open a
connection took 200 of 1,000 that came together; to open and close one is counted as twice that. `redis_process_us` is
that of decision 47, fifty at a time."""
MEASURED = (
    MeasuredPoint(
        "50 pairs as fast as they can, messages/s", 3848, lambda one: simulate_messages(one, pairs=50).lines_per_s
    ),
    MeasuredPoint("250 messages/s, median, ms", 2.16, lambda one: simulate_messages(one, lines_per_s=250).median_ms),
    MeasuredPoint("1,000 members connect, s", 0.87, lambda one: simulate_return(one, 1000, 0.0)),
    MeasuredPoint("9,000 members come back after SIGTERM, s", 16.2, lambda one: simulate_return(one, 9000, 9.9)),
)


def render_reproduction(process: Process) -> tuple[str, float]:
    """Return the table of the measured points, and the largest relative error."""
    rows, worst = ["| point | measured | simulated | error |", "| --- | --- | --- | --- |"], 0.0
    for point in MEASURED:
        found = point.simulate(process)
        error = found / point.value - 1
        worst = max(worst, abs(error))
        rows.append(f"| {point.name} | {point.value:g} | {found:.4g} | {100 * error:+.0f} % |")
    return "\n".join(rows), worst


# ---- Many members ---------------------------------------------------------------------------------

IN_CHAT, LINE_EVERY_S = 0.02, 20.0
"""Of the connected members so many have a chat with an agent, in which somebody writes so often."""
CONNECTION_S = 600.0
"""How long a connection lives: telephones change networks and sleep."""
PEAK = 3.0
"""The busiest minute against the average."""
MAX_CONNECTIONS = 10_000
"""The default of `BENEFICIATE_CONNECTIONS`."""
DATABASE_CONNECTIONS = 8
"""Threads of a process that have a connection to PostgreSQL."""
LINE_BYTES = 600
"""A message on the disk with its indexes, words and facts."""
BUSY_SECONDS_A_MONTH = 30 * 10 * 3600


@dataclass(frozen=True, slots=True)
class Needs:
    """What a number of connected members needs at the peak; processors are of the kind that was measured on."""

    members: int
    lines_per_s: float
    handshakes_per_s: float
    processes: int
    memory_gib: float
    redis_processors: float
    postgresql_processors: float
    database_connections: int
    rows_a_month: float

    @property
    def redis_shards(self) -> int:
        return max(1, math.ceil(self.redis_processors / CPU_SHARE))


def compute_needs(given: Calibration, members: int) -> Needs:
    """Return what so many members need."""
    lines, handshakes = PEAK * members * IN_CHAT / LINE_EVERY_S, PEAK * members / CONNECTION_S
    application = (members * given.idle_us + handshakes * given.handshake_us + lines * given.single_us) / 1e6
    processes = max(math.ceil(application / (CPU_SHARE - given.jobs)), math.ceil(members / MAX_CONNECTIONS))
    return Needs(
        members=members,
        lines_per_s=lines,
        handshakes_per_s=handshakes,
        processes=processes,
        memory_gib=(processes * given.base_mib + members * given.idle_kib / 1024) / 1024,
        redis_processors=lines * (given.redis_us + processes * given.redis_process_us) / 1e6,
        postgresql_processors=(lines * given.postgresql_us + handshakes * given.postgresql_handshake_us) / 1e6,
        database_connections=processes * DATABASE_CONNECTIONS,
        rows_a_month=lines / PEAK * BUSY_SECONDS_A_MONTH,
    )


def render_needs(given: Calibration) -> str:
    """Return the table of what 10,000, 100,000 and 1,000,000 members need."""
    columns = [compute_needs(given, members) for members in (10_000, 100_000, 1_000_000)]
    return "\n".join("| " + " | ".join(row) + " |" for row in _rows_of_needs(columns))


def _rows_of_needs(columns: list[Needs]) -> Iterator[list[str]]:
    yield ["at the peak", *(f"{one.members:,} members" for one in columns)]
    yield ["---"] * (len(columns) + 1)
    yield ["messages/s", *(f"{one.lines_per_s:,.0f}" for one in columns)]
    yield ["connections opened/s", *(f"{one.handshakes_per_s:,.0f}" for one in columns)]
    yield ["processes of the application", *(f"{one.processes}" for one in columns)]
    yield ["their memory, GiB", *(f"{one.memory_gib:.1f}" for one in columns)]
    yield ["processors of Redis", *(f"{one.redis_processors:.2f}" for one in columns)]
    yield ["shards of Redis", *(f"{one.redis_shards}" for one in columns)]
    yield ["processors of PostgreSQL", *(f"{one.postgresql_processors:.1f}" for one in columns)]
    yield ["connections to PostgreSQL", *(f"{one.database_connections:,}" for one in columns)]
    yield ["messages a month, millions", *(f"{one.rows_a_month / 1e6:,.0f}" for one in columns)]
    yield ["a month of them, GiB", *(f"{one.rows_a_month * LINE_BYTES / 2**30:,.0f}" for one in columns)]


def main() -> int:
    table, worst = render_reproduction(calibrate(CALIBRATION))
    print(f"{table}\n\nLargest error: {100 * worst:.0f} %\n\n{render_needs(CALIBRATION)}")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    raise SystemExit(main())
