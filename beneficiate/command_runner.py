"""Carries out commands on the calling thread: each alone, or a batch in one transaction. Every one gets a result."""

from collections.abc import Callable
from typing import Generic, NamedTuple

from beneficiate.errors import Internal, Problem, Unavailable
from beneficiate.logs import log_failure
from beneficiate.models.failures import ROLLED_BACK, Failure, classify_failure, first_line, sqlstate_of
from beneficiate.telemetry import Telemetry
from beneficiate.unit_of_work import SYSTEM, Actor, BatchedAction, BatchItem, C, OutgoingEvent, R, UnitOfWork
from beneficiate.unit_runner import UnitRunner

MAX_LOCKED_PER_BATCH = 8
"""So many commands of a batch may wait for a row that somebody holds; the rest of the batch does not wait as well."""


class BatchOutcome(NamedTuple, Generic[R]):
    """The result of each command of a batch, and the events to publish."""

    results: list[R | Problem]
    outgoing: list[OutgoingEvent]


class CommandRunner:
    """Any thread may use it. Problems are results; what failed on our side is logged here, once."""

    def __init__(self, units: UnitRunner, telemetry: Telemetry) -> None:
        self._units = units
        self._telemetry = telemetry

    def run_command(
        self, run: Callable[[UnitOfWork], R], actor: Actor, *, writes: bool, name: str
    ) -> tuple[R | Problem, list[OutgoingEvent]]:
        """Return the result of one command and the events that it emitted."""
        try:
            with self._telemetry.measure_unit(name):
                return self._units.run(run, actor, writes=writes)
        except Exception as problem:  # noqa: BLE001  raised to the caller by the store
            return self._to_problem(problem, name), []

    def run_batch(self, action: BatchedAction[C, R], items: list[BatchItem[C]]) -> BatchOutcome[R]:
        """Run all in one transaction; if that fails, each in its own, so that a bad command fails alone."""
        try:
            return self._run_items(action, items)
        except Exception as problem:  # noqa: BLE001  whatever it is, the other commands must run
            failure = classify_failure(problem)
            if len(items) == 1 or (failure is not None and failure not in ROLLED_BACK):
                # An interrupted commit may have happened: a retry could store a message twice.
                return BatchOutcome([self._to_problem(problem, action.function.__qualname__)] * len(items), [])
        return self._run_one_by_one(action, items)

    def _run_one_by_one(self, action: BatchedAction[C, R], items: list[BatchItem[C]]) -> BatchOutcome[R]:
        """Run each command in a transaction of its own.

        Whoever needs a row that another command has waited for in vain is refused at once: neighbours do not wait for
        them, and no later message of a chat overtakes an earlier one.
        """
        outcome: BatchOutcome[R] = BatchOutcome([], [])
        locked_keys: set[object] = set()
        locked_count = 0
        for item in items:
            key = getattr(item.command, action.lock_key) if action.lock_key else object()
            if locked_count >= MAX_LOCKED_PER_BATCH or key in locked_keys:
                outcome.results.append(Unavailable())
                continue
            try:
                results, outgoing = self._run_items(action, [item])
            except Exception as problem:  # noqa: BLE001  the other commands must run
                outcome.results.append(self._to_problem(problem, action.function.__qualname__))
                if classify_failure(problem) is Failure.LOCKED:
                    locked_count += 1
                    locked_keys.add(key)
            else:
                outcome.results.extend(results)
                outcome.outgoing.extend(outgoing)
        return outcome

    def _run_items(self, action: BatchedAction[C, R], items: list[BatchItem[C]]) -> BatchOutcome[R]:
        self._telemetry.count_batch(action.function.__qualname__, len(items))
        with self._telemetry.measure_unit(action.function.__qualname__):
            results, outgoing = self._units.run(lambda uow: action.function(uow, items), SYSTEM, writes=action.writes)
        return BatchOutcome(list(results), outgoing)

    def _to_problem(self, problem: Exception, name: str) -> Problem:
        if isinstance(problem, Problem):
            return problem
        failure = classify_failure(problem)
        if failure is None:
            log_failure("action_failed", problem, action=name)
            return Internal()
        # An outage makes every action fail: it is one kind, whatever the action.
        details = {"action": name, "text": first_line(problem), "sqlstate": sqlstate_of(problem)}
        log_failure("database_failed", problem, details, kind=failure.value)
        return Unavailable()
