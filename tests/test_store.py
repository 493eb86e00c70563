"""One transaction, then the events; in a batch everybody gets their own result."""

import asyncio
import threading

import pytest

from beneficiate.errors import Conflict, Internal, NotFound, Unavailable
from beneficiate.models.professionals import Specialty
from beneficiate.protocol.events import UserConnected
from beneficiate.store import READER_THREADS, Store
from beneficiate.unit_of_work import SYSTEM, Actor, batched, handle_each

ANA = Actor(31, "member")
POISON = "poison"


@pytest.fixture
def said():
    """What was published, and whether its row could be seen from elsewhere at that moment."""
    return []


@pytest.fixture
def store(db, io_loop, said):
    def publish(emissions):
        if emissions:
            said.append([(one.event.user_id, f"s{one.event.user_id}" in stored()) for one in emissions])

    made = Store(db, publish)
    yield made
    io_loop.run_sync(made.close)


def note(uow, number):
    """Write a row and say it."""
    Specialty.create(name=f"s{number}")
    uow.emit(UserConnected(user_id=number), channels=["x"])
    return number


def fail(uow, number):
    note(uow, number)
    raise ZeroDivisionError


def refuse(uow, number):
    note(uow, number)
    raise Conflict


@batched(limit=10)
def note_all(uow, orders):
    """A batched action that trips over a poisoned command, and refuses odd ones."""
    sizes.append(len(orders))
    if any(order.command == POISON for order in orders):
        note(uow, 999)
        raise ZeroDivisionError
    return handle_each(orders, lambda order: _even(uow, order.command))


@batched(writes=False)
def look_all(uow, orders):
    return [(order.actor, Specialty.select().where(Specialty.name == f"s{order.command}").exists()) for order in orders]


def _even(uow, number):
    if number % 2:
        raise NotFound
    return note(uow, number)


sizes = []


def stored():
    return {row.name for row in Specialty if row.name.startswith("s") and row.name[1:].isdecimal()}


@pytest.mark.gen_test
async def test_what_is_said_is_true_when_it_is_said_and_before_it_is_answered(store, said):
    assert await store.run(note, 1) == 1
    assert said == [[(1, True)]]


@pytest.mark.parametrize(("action", "problem"), [(fail, Internal), (refuse, Conflict)])
@pytest.mark.gen_test
async def test_a_unit_that_fails_writes_nothing_and_says_nothing(store, said, action, problem):
    with pytest.raises(problem):
        await store.run(action, 1)
    assert (stored(), said) == (set(), [])
    assert await store.run(note, 2) == 2


@pytest.mark.gen_test
async def test_units_are_done_and_said_in_the_order_in_which_they_came(store, said):
    await asyncio.gather(*(store.run(note, number) for number in range(30)))
    assert [number for batch in said for number, _ in batch] == list(range(30))
    assert all(is_seen for batch in said for _, is_seen in batch)


@pytest.mark.gen_test
async def test_what_waits_becomes_one_batch_with_a_result_each(store, said):
    sizes.clear()
    results = await asyncio.gather(*(store.run(note_all, number) for number in range(8)), return_exceptions=True)
    assert [type(result) if number % 2 else result for number, result in enumerate(results)] == [
        number if number % 2 == 0 else NotFound for number in range(8)
    ]
    assert sum(sizes) == 8
    assert len(sizes) < 8
    assert [number for batch in said for number, _ in batch] == [0, 2, 4, 6]


@pytest.mark.gen_test
async def test_a_batch_is_no_larger_than_its_limit_and_keeps_the_order(store, said):
    sizes.clear()
    await asyncio.gather(*(store.run(note_all, 2 * number) for number in range(55)))
    assert max(sizes) == 10
    assert [number for batch in said for number, _ in batch] == [2 * number for number in range(55)]


@pytest.mark.gen_test
async def test_an_order_that_breaks_its_batch_never_harms_its_neighbours(store, said):
    orders = [2, 4, POISON, 6, 7, POISON, 8]
    results = await asyncio.gather(*(store.run(note_all, order) for order in orders), return_exceptions=True)
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
    assert [number for batch in said for number, _ in batch] == [2, 4, 6, 8]


@pytest.mark.gen_test
async def test_a_batched_query_knows_who_asks(store):
    await store.run(note, 1)
    assert await asyncio.gather(store.run(look_all, 1, ANA), store.run(look_all, 2)) == [(ANA, True), (SYSTEM, False)]


@pytest.mark.gen_test
async def test_readers_see_what_is_committed_and_never_wait_for_each_other(store):
    await store.run(note, 1)
    gathered = asyncio.Barrier(READER_THREADS)
    loop = asyncio.get_running_loop()

    def meet(uow):
        # None of them returns before all of them are inside.
        asyncio.run_coroutine_threadsafe(gathered.wait(), loop).result(10)
        return sorted(stored())

    assert await asyncio.gather(*(store.read(meet) for _ in range(READER_THREADS))) == [["s1"]] * READER_THREADS


@pytest.mark.gen_test
async def test_an_answer_that_nobody_waits_for_any_more_harms_nobody(store):
    store.run(note, 1).cancel()
    assert await store.run(note, 2) == 2
    assert stored() == {"s1", "s2"}


@pytest.mark.gen_test
async def test_to_close_commits_what_waits_and_takes_nothing_more(db, said):
    store = Store(db, said.append)
    waiting = [store.run(note_all, 2 * number) for number in range(25)] + [store.run(note, 101)]
    await store.close()
    assert [await future for future in waiting] == [*range(0, 50, 2), 101]
    assert len(stored()) == 26
    for ask in (store.run, store.read):
        with pytest.raises(Unavailable):
            await ask(note, 1)


@pytest.mark.gen_test
async def test_of_two_units_that_wait_for_each_other_the_one_that_is_given_up_is_done_once_more(db, backend, said):
    if backend == "sqlite":
        pytest.skip("SQLite has one writer: two units never hold a row each")
    for number in (901, 902):
        Specialty.create(name=f"s{number}")
    both = threading.Barrier(2)
    tries = []

    def cross(uow, order):
        tries.append(order)
        for number in order:
            Specialty.update(name=Specialty.name).where(Specialty.name == f"s{number}").execute()
            if len(tries) <= 2 and number == order[0]:
                both.wait(5)
        uow.emit(UserConnected(user_id=order[0]), channels=["x"])
        return order

    stores = [Store(db, lambda emissions: said.extend(one.event.user_id for one in emissions)) for _ in range(2)]
    answers = await asyncio.gather(stores[0].run(cross, (901, 902)), stores[1].run(cross, (902, 901)))
    for one in stores:
        await one.close()
    assert (answers, sorted(said), len(tries)) == ([(901, 902), (902, 901)], [901, 902], 3)
