"""Whoever needs a row that somebody holds is refused; the others of the batch are served."""

import psycopg2
import pytest
from structlog.testing import capture_logs

from beneficiate.command_runner import MAX_LOCKED_PER_BATCH, CommandRunner
from beneficiate.errors import Internal, Unavailable
from beneficiate.models.professionals import Specialty
from beneficiate.protocol.events import UserConnected
from beneficiate.telemetry import Telemetry
from beneficiate.unit_of_work import SYSTEM, BatchItem, batched
from beneficiate.unit_runner import CAUTIOUS_LOCK_TIMEOUT_MS, UnitRunner


class Touch:
    def __init__(self, row, number=0):
        self.row = row
        self.number = number


def touch_rows(uow, items):
    for item in items:
        calls.append((len(items), item.command.row, item.command.number))
        Specialty.update(name=Specialty.name).where(Specialty.name == item.command.row).execute()
        uow.emit(UserConnected(user_id=item.command.number), channels=["x"])
    return [item.command.number for item in items]


touch_by_row = batched(lock_key="row")(touch_rows)
touch_all = batched()(touch_rows)
calls = []


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


@pytest.fixture
def hold(db, database_url):
    """Hold rows in another session, and let our own wait for them very briefly."""
    calls.clear()
    for name in ("a", "b", "c"):
        Specialty.create(name=name)
    db.execute_sql("SET lock_timeout = 20")
    holder = psycopg2.connect(database_url)

    def hold_row(name):
        holder.cursor().execute("SELECT * FROM specialties WHERE name = %s FOR UPDATE", (name,))

    yield hold_row
    holder.close()


@pytest.fixture
def runner(db):
    return CommandRunner(UnitRunner(db), Telemetry())


def run(runner, action, *commands):
    results, outgoing = runner.run_batch(action, [BatchItem(SYSTEM, command) for command in commands])
    return [type(one) if isinstance(one, Exception) else one for one in results], [
        one.event.user_id for one in outgoing
    ]


def test_commands_for_a_held_row_fail_and_the_others_do_not_wait_for_each(runner, hold):
    hold("b")
    commands = [Touch("a", 1), Touch("b", 2), Touch("c", 3), Touch("b", 4), Touch("a", 5)]
    assert run(runner, touch_by_row, *commands) == ([1, Unavailable, 3, Unavailable, 5], [1, 3, 5])
    assert [call for call in calls if call[0] == 1] == [(1, "a", 1), (1, "b", 2), (1, "c", 3), (1, "a", 5)]


def test_without_a_key_some_wait_and_the_rest_is_refused(runner, hold):
    hold("b")
    commands = [Touch("b", number) for number in range(2 * MAX_LOCKED_PER_BATCH)] + [Touch("a", 99)]
    assert run(runner, touch_all, *commands)[0] == [Unavailable] * len(commands)
    assert sum(1 for size, *_ in calls if size == 1) == MAX_LOCKED_PER_BATCH


def test_after_a_held_row_units_wait_less(runner, hold, db):
    def show(uow):
        return db.execute_sql("SHOW lock_timeout").fetchone()[0]

    db.execute_sql("SET lock_timeout = '9s'")
    assert runner.run_command(show, SYSTEM, writes=True, name="show")[0] == "9s"
    db.execute_sql("SET lock_timeout = 20")
    hold("b")
    run(runner, touch_by_row, Touch("b"))
    assert runner.run_command(show, SYSTEM, writes=True, name="show")[0] == f"{CAUTIOUS_LOCK_TIMEOUT_MS}ms"
    assert db.execute_sql("SHOW lock_timeout").fetchone()[0] == "20ms"


def test_failures_are_logged_once_per_kind_and_interval_without_rows(runner, hold, db):
    hold("b")
    with capture_logs() as logs:
        for _ in range(3):
            run(runner, touch_by_row, Touch("b"))
        db.execute_sql("SET statement_timeout = 10")
        slow = runner.run_command(lambda uow: db.execute_sql("SELECT pg_sleep(9)"), SYSTEM, writes=False, name="slow")
    assert isinstance(slow[0], Unavailable)
    assert [(one["kind"], one["action"], one["sqlstate"], one["text"]) for one in logs] == [
        ("locked", "touch_rows", "55P03", "canceling statement due to lock timeout"),
        ("timed_out", "slow", "57014", "canceling statement due to statement timeout"),
    ]


def test_a_bug_is_internal_and_keeps_the_connection(runner, db):
    before = db.connection()
    result, _ = runner.run_command(lambda uow: db.execute_sql("SELECT 1/0"), SYSTEM, writes=True, name="bug")
    assert isinstance(result, Internal)
    assert db.connection() is before


def test_a_bug_is_logged_once_per_action_and_interval(runner):
    def fail(uow):
        raise ZeroDivisionError

    with capture_logs() as logs:
        for name in ("one", "two", "one", "one"):
            runner.run_command(fail, SYSTEM, writes=True, name=name)
    assert [(one["event"], one["action"], one["left_out"]) for one in logs] == [
        ("action_failed", "one", 0),
        ("action_failed", "two", 0),
    ]
