"""One transaction, then the events; in a batch everybody gets their own result."""

import asyncio
import sqlite3
import threading
import time
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from beneficiate.errors import Conflict, Internal, NotFound, Unavailable
from beneficiate.models.base import database, open_database
from beneficiate.models.professionals import Specialty
from beneficiate.protocol.events import UserConnected
from beneficiate.store import READER_THREADS, SEARCH_THREADS, UNIT_TIMEOUT_S, Store
from beneficiate.unit_of_work import SYSTEM, Actor, batched, handle_each
from tests.silent_proxy import SilentProxy

ANA = Actor(31, "member")
POISON = "poison"


@pytest.fixture
def sent():
    """What was published, and whether its row could be seen from elsewhere at that moment."""
    return []


@pytest.fixture
def store(db, io_loop, sent):
    def publish(outgoing):
        if outgoing:
            sent.append([(one.event.user_id, f"s{one.event.user_id}" in stored()) for one in outgoing])

    made = Store(db, publish)
    yield made
    io_loop.run_sync(made.close)


def write_row(uow, number):
    """Write a row and say it."""
    Specialty.create(name=f"s{number}")
    uow.emit(UserConnected(user_id=number), channels=["x"])
    return number


def fail(uow, number):
    write_row(uow, number)
    raise ZeroDivisionError


def refuse(uow, number):
    write_row(uow, number)
    raise Conflict


@batched(limit=10)
def write_all(uow, items):
    """A batched action that trips over a poisoned command, and refuses odd ones."""
    sizes.append(len(items))
    if any(item.command == POISON for item in items):
        write_row(uow, 999)
        raise ZeroDivisionError
    return handle_each(items, lambda item: _even(uow, item.command))


@batched(writes=False)
def read_all(uow, items):
    return [(item.actor, Specialty.select().where(Specialty.name == f"s{item.command}").exists()) for item in items]


def _even(uow, number):
    if number % 2:
        raise NotFound
    return write_row(uow, number)


sizes = []


async def read_in_all_threads(store):
    gathered = asyncio.Barrier(READER_THREADS)
    loop = asyncio.get_running_loop()

    def meet(uow):
        # None of them returns before all of them are inside.
        asyncio.run_coroutine_threadsafe(gathered.wait(), loop).result(10)
        return sorted(stored())

    return await asyncio.gather(*(store.read(meet) for _ in range(READER_THREADS)))


def stored():
    return {row.name for row in Specialty if row.name.startswith("s") and row.name[1:].isdecimal()}


@pytest.mark.gen_test
async def test_events_are_published_after_the_commit_and_before_the_result(store, sent):
    assert await store.run(write_row, 1) == 1
    assert sent == [[(1, True)]]


@pytest.mark.parametrize(("action", "problem"), [(fail, Internal), (refuse, Conflict)])
@pytest.mark.gen_test
async def test_failed_unit_writes_and_publishes_nothing(store, sent, action, problem):
    with pytest.raises(problem):
        await store.run(action, 1)
    assert (stored(), sent) == (set(), [])
    assert await store.run(write_row, 2) == 2


@pytest.mark.gen_test
async def test_results_come_when_events_cannot_be_published_and_that_is_logged_once(store, monkeypatch):
    def fail(outgoing):
        raise ZeroDivisionError

    monkeypatch.setattr(store, "_publish", fail)
    with capture_logs() as logs:
        assert [await store.run(write_row, number) for number in (1, 2)] == [1, 2]
    assert [one["event"] for one in logs] == ["publish_failed"]


@pytest.mark.gen_test
async def test_units_run_and_publish_in_order_of_arrival(store, sent):
    await asyncio.gather(*(store.run(write_row, number) for number in range(30)))
    assert [number for batch in sent for number, _ in batch] == list(range(30))
    assert all(is_seen for batch in sent for _, is_seen in batch)


@pytest.mark.gen_test
async def test_waiting_commands_become_one_batch_with_a_result_each(store, sent):
    sizes.clear()
    results = await asyncio.gather(*(store.run(write_all, number) for number in range(8)), return_exceptions=True)
    assert [type(result) if number % 2 else result for number, result in enumerate(results)] == [
        number if number % 2 == 0 else NotFound for number in range(8)
    ]
    assert sum(sizes) == 8
    assert len(sizes) < 8
    assert [number for batch in sent for number, _ in batch] == [0, 2, 4, 6]


@pytest.mark.gen_test
async def test_batch_is_no_larger_than_its_limit_and_keeps_the_order(store, sent):
    sizes.clear()
    await asyncio.gather(*(store.run(write_all, 2 * number) for number in range(55)))
    assert max(sizes) == 10
    assert [number for batch in sent for number, _ in batch] == [2 * number for number in range(55)]


@pytest.mark.gen_test
async def test_command_that_breaks_its_batch_fails_alone(store, sent):
    items = [2, 4, POISON, 6, 7, POISON, 8]
    results = await asyncio.gather(*(store.run(write_all, item) for item in items), return_exceptions=True)
    assert [result if isinstance(result, int) else type(result) for result in results] == [
        2,
        4,
        Internal,
        6,
        NotFound,
        Internal,
        8,
    ]
    assert stored() == {"s2", "s4", "s6", "s8"}
    assert [number for batch in sent for number, _ in batch] == [2, 4, 6, 8]


@pytest.mark.gen_test
async def test_batched_query_knows_the_actor_of_each_command(store):
    await store.run(write_row, 1)
    assert await asyncio.gather(store.run(read_all, 1, ANA), store.run(read_all, 2)) == [(ANA, True), (SYSTEM, False)]


@pytest.mark.gen_test
async def test_readers_see_committed_rows_and_run_in_parallel(store):
    await store.run(write_row, 1)
    assert await read_in_all_threads(store) == [["s1"]] * READER_THREADS


@pytest.mark.gen_test
async def test_readers_do_not_wait_for_searches(store):
    go_on = threading.Event()

    def search(uow, name):
        return go_on.wait(10) and name

    searches = [store.search(search, number) for number in range(SEARCH_THREADS + READER_THREADS)]
    assert await store.read(lambda uow: sorted(stored())) == []
    go_on.set()
    assert await asyncio.gather(*searches) == [*range(SEARCH_THREADS + READER_THREADS)]


@pytest.mark.gen_test
async def test_cancelled_future_disturbs_no_other_command(store):
    store.run(write_row, 1).cancel()
    assert await store.run(write_row, 2) == 2
    assert stored() == {"s1", "s2"}


@pytest.mark.gen_test
async def test_close_commits_what_is_queued_and_refuses_new_commands(db, sent):
    store = Store(db, sent.append)
    waiting = [store.run(write_all, 2 * number) for number in range(25)] + [store.run(write_row, 101)]
    await store.close()
    assert [await future for future in waiting] == [*range(0, 50, 2), 101]
    assert len(stored()) == 26
    for ask in (store.run, store.read):
        with pytest.raises(Unavailable):
            await ask(write_row, 1)


@pytest.fixture
def proxied(database_url, backend, io_loop):
    """The models bound to PostgreSQL behind a proxy that can fall silent."""
    if backend == "sqlite":
        pytest.skip("SQLite has no network")
    proxy = io_loop.run_sync(SilentProxy(database_url).start)
    database.initialize(open_database(proxy.url))
    yield proxy
    io_loop.run_sync(proxy.stop)


@pytest.mark.gen_test
async def test_a_silent_database_is_told_and_replaced(proxied):
    # By a clock of the test: nothing that is healthy and slow, as everything is on a busy machine, takes too long.
    later, has_begun = [0.0], threading.Event()
    store = Store(database.obj, lambda outgoing: None, monotonic=lambda: time.monotonic() + later[0])

    def begin_and_write(uow, number):
        has_begun.set()
        return write_row(uow, number)

    await store.run(write_row, 1)
    await read_in_all_threads(store)
    accepted = proxied.accepted

    proxied.silence()
    asked = [store.run(begin_and_write, 3), store.run(write_all, 4), store.run(write_row, 5), store.read(read_all, 6)]
    await asyncio.to_thread(has_begun.wait, 10)
    later[0] = UNIT_TIMEOUT_S + 1
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 4
    assert await store.run(write_row, 7) == 7
    assert store.last_outage_at > 0
    assert await store.run(lambda uow: stored()) == {"s1", "s7"}
    assert proxied.accepted > accepted
    await store.close(0)


@pytest.mark.gen_test
async def test_connections_that_fell_silent_are_replaced_and_nobody_is_told_anything(proxied):
    store = Store(database.obj, lambda outgoing: None)
    await store.run(write_row, 1)
    await read_in_all_threads(store)
    proxied.silence()
    reading = [store.read(lambda uow: stored()) for _ in range(READER_THREADS)]
    assert await asyncio.gather(store.run(write_row, 2), store.run(write_row, 3)) == [2, 3]
    assert all("s1" in read for read in await asyncio.gather(*reading))
    assert store.last_outage_at == float("-inf")
    assert await store.run(lambda uow: stored()) == {"s1", "s2", "s3"}
    await store.close()


@pytest.mark.gen_test
async def test_a_database_that_does_not_even_accept_is_told_too(proxied):
    proxied.is_silent_for_new = True
    store = Store(database.obj, lambda outgoing: None, unit_timeout_s=0.3)
    answers = await asyncio.gather(*(store.run(write_row, n) for n in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 5
    await store.close(0)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.gen_test
async def test_close_ends_a_long_query_before_its_connection_is_closed(db):
    """A connection of SQLite that is closed while a thread uses it takes the process down."""
    has_begun, connections = threading.Event(), []

    def begin():
        has_begun.set()
        return 1

    def read(uow):
        connections.append(database.connection())
        connections[0].create_function("begin_test", 0, begin)
        numbers = "WITH RECURSIVE n(x) AS (SELECT begin_test() UNION ALL SELECT x + 1 FROM n WHERE x < 20000000)"
        return database.execute_sql(f"{numbers} SELECT max(x) FROM n").fetchone()  # noqa: S608

    store = Store(database.obj, lambda outgoing: None)
    stuck = store.read(read)
    await asyncio.to_thread(has_begun.wait, 10)
    await store.close(0)
    with pytest.raises(Unavailable):
        await stuck
    assert store._units.wait_until_idle(0)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connections[0].execute("SELECT 1")


@pytest.mark.gen_test
async def test_close_does_not_wait_for_a_silent_database(proxied):
    store = Store(database.obj, lambda outgoing: None)
    await store.run(write_row, 1)
    await read_in_all_threads(store)
    proxied.silence()
    stuck = [store.run(write_row, 2), store.run(write_all, 4), store.read(write_row, 3)]
    await store.close(0.2)
    answers = await asyncio.gather(*stuck, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 3
    threads = [*store._writer._threads, *store._readers._threads]
    for thread in threads:
        await asyncio.to_thread(thread.join, 30)
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.gen_test
async def test_units_of_a_process_with_a_wrong_clock_have_the_time_of_the_database(store, db, backend, monkeypatch):
    if backend == "sqlite":
        pytest.skip("processes on one file share the clock of their machine")

    class HourAhead(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=1)

    monkeypatch.setattr("beneficiate.models.clock.datetime", HourAhead)
    now = await store.run(lambda uow: uow.now)
    (later,) = db.execute_sql("SELECT clock_timestamp()").fetchone()
    assert abs(later - now) < timedelta(minutes=1)


@pytest.mark.gen_test
async def test_unit_that_lost_a_deadlock_runs_again(db, backend, sent):
    if backend == "sqlite":
        pytest.skip("SQLite has one writer: two units never hold a row each")
    for number in (901, 902):
        Specialty.create(name=f"s{number}")
    both = threading.Barrier(2)
    tries = []

    def cross(uow, item):
        tries.append(item)
        for number in item:
            Specialty.update(name=Specialty.name).where(Specialty.name == f"s{number}").execute()
            if len(tries) <= 2 and number == item[0]:
                both.wait(5)
        uow.emit(UserConnected(user_id=item[0]), channels=["x"])
        return item

    stores = [Store(db, lambda outgoing: sent.extend(one.event.user_id for one in outgoing)) for _ in range(2)]
    answers = await asyncio.gather(stores[0].run(cross, (901, 902)), stores[1].run(cross, (902, 901)))
    for one in stores:
        await one.close()
    assert (answers, sorted(sent)) == ([(901, 902), (902, 901)], [901, 902])
    assert len(tries) >= 3
