"""A thousand simultaneous requests for one slot: exactly one gets it, all others are refused with `slot_taken`."""

import asyncio
import multiprocessing
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.appointments import ChangeAppointment, change_appointment
from beneficiate.domain.booking.lifecycle import CONFIRMED, RESCHEDULED
from beneficiate.errors import Problem
from beneficiate.models.appointments import Appointment, Tick
from beneficiate.models.base import database, is_postgresql, open_database, write_transaction
from beneficiate.queries.slots import SlotQuery, list_professional_slots
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import request_command, timed_request_command
from tests.factories import add_hours_soon, agent, member_with_plan, professional, specialty, township
from tests.http_client import call_api
from tests.server_process import AppProcess
from tests.unit_of_work import UNLIMITED

pytestmark = pytest.mark.slow
THREADS, TRIES, OVER_HTTP = 12, 1000, 200
FEWER = 100


@pytest.fixture
def german(db):
    return add_hours_soon(professional(hours=()))


@pytest.fixture
def when(german):
    """Return the first free slot."""
    return free(german)[0]


def free(german):
    return [
        slot["starts_at"]
        for slot in list_professional_slots(
            UnitOfWork(member_with_plan().actor, datetime.now(UTC)), SlotQuery(german.id)
        )
    ]


def attempt(action, command, actor):
    """Run an action in a transaction; return `won` or the code of the problem."""
    try:
        with write_transaction():
            action(UnitOfWork(actor, datetime.now(UTC), UNLIMITED), command)
    except Problem as problem:
        return problem.code
    return "won"


def race(tries, threads=THREADS):
    """Run all of these at once, on many threads with a connection each; return how often each outcome came."""
    ready, outcomes = threading.Barrier(threads), Counter()

    def run(own):
        with database.obj.connection_context():
            if is_postgresql():
                # Here all wait for one row, on a busy machine for longer than a row may be held.
                database.execute_sql("SET lock_timeout = 0")
            ready.wait(30)
            found = Counter(attempt(*one) for one in own)
        with lock:
            outcomes.update(found)

    lock = threading.Lock()
    workers = [threading.Thread(target=run, args=(tries[n::threads],)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert outcomes.total() == len(tries)
    return outcomes


def is_taken_once(german, when):
    """Return whether exactly one appointment has the time, with all of its ticks."""
    (appointment,) = Appointment.select().where(Appointment.starts_at == when)
    ticks = Tick.select().where(Tick.resource == f"p:{german.id}", Tick.appointment == appointment.id).count()
    return ticks == german.duration_minutes // 5


def test_one_of_a_thousand_simultaneous_requests_gets_the_slot(german, when):
    people = [member_with_plan() for _ in range(20)]
    tries = [(request_appointment, timed_request_command(who, german, when), who.actor) for who in people] * (
        TRIES // len(people)
    )
    assert race(tries) == {"won": 1, "slot_taken": TRIES - 1}
    assert is_taken_once(german, when)
    assert Appointment.select().count() == 1


def test_one_of_a_hundred_requests_is_assigned_the_slot(german, when):
    yuliana = agent()
    owners = [member_with_plan() for _ in range(10)]
    pending = []
    with write_transaction():
        for n in range(FEWER):
            who = owners[n % len(owners)]
            pending.append(
                request_appointment(UnitOfWork(who.actor, datetime.now(UTC), UNLIMITED), request_command(who)).id
            )
    tries = [
        (change_appointment, ChangeAppointment(id_, CONFIRMED, "", german.id, when), yuliana.actor) for id_ in pending
    ]
    assert race(tries) == {"won": 1, "slot_taken": FEWER - 1}
    assert is_taken_once(german, when)
    assert Appointment.select().where(Appointment.status == CONFIRMED).count() == 1


def test_appointments_that_cannot_move_keep_their_time(german, when):
    appointments, count = [], 20
    with write_transaction():
        for other in free(german)[10 : 10 + count]:
            who = member_with_plan()
            appointments.append(
                (
                    request_appointment(
                        UnitOfWork(who.actor, datetime.now(UTC), UNLIMITED), timed_request_command(who, german, other)
                    ),
                    who,
                )
            )
    tries = [
        (change_appointment, ChangeAppointment(one.id, RESCHEDULED, "", None, when), who.actor)
        for one, who in appointments
    ] * 3
    outcomes = race(tries)
    # The other two tries of the winner move it to where it already is.
    assert outcomes == {"won": 3, "slot_taken": 3 * (count - 1)}
    assert is_taken_once(german, when)
    stayed = sum(Appointment.get_by_id(one.id).starts_at == one.starts_at for one, _ in appointments)
    assert stayed == count - 1
    assert Tick.select().count() == count * 12


def test_pages_that_show_one_version_move_an_appointment_once(german, when):
    ana = member_with_plan()
    with write_transaction():
        command = timed_request_command(ana, german, when)
        booked = request_appointment(UnitOfWork(ana.actor, datetime.now(UTC), UNLIMITED), command)
    others = free(german)[1:21]
    tries = [
        (change_appointment, ChangeAppointment(booked.id, RESCHEDULED, "", None, other, version=0), ana.actor)
        for other in others
    ]
    assert race(tries) == {"won": 1, "illegal_transition": len(tries) - 1}
    moved = Appointment.get_by_id(booked.id)
    assert (moved.starts_at in others, moved.version) == (True, 1)
    assert is_taken_once(german, moved.starts_at)
    assert Tick.select().count() == 12


def test_patient_is_booked_once_at_a_time(when, german):
    ana = member_with_plan()
    whoms = [german, *(add_hours_soon(professional(hours=())) for _ in range(9))]
    tries = [(request_appointment, timed_request_command(ana, whom, when), ana.actor) for whom in whoms] * 10
    assert race(tries) == {"won": 1, "slot_taken": 99}
    assert Tick.select().where(Tick.resource == f"u:{ana.id}").count() == 6


def test_slots_that_overlap_by_five_minutes_are_exclusive(german, when):
    yuliana, people = agent(), [member_with_plan() for _ in range(10)]
    starts = [when + timedelta(minutes=5 * n) for n in range(6)]
    tries = [
        (request_appointment, timed_request_command(who, german, other), yuliana.actor)
        for n, who in enumerate(people)
        for other in starts[n % 2 :]
    ]
    assert race(tries, 10) == {"won": 1, "slot_taken": len(tries) - 1}


def test_simultaneous_requests_with_one_key_are_one(german, when):
    ana = member_with_plan()
    tries = [(request_appointment, timed_request_command(ana, german, when, request_key="k1"), ana.actor)] * 50
    assert race(tries) == {"won": 50}
    assert Appointment.select().count() == 1


@pytest.mark.gen_test(timeout=60)
async def test_one_of_many_http_requests_gets_the_slot(server, db):
    german = add_hours_soon(professional(hours=()))
    when, people = free(german)[0], [member_with_plan() for _ in range(20)]
    body = {"specialty_id": specialty().id, "city_id": township().id, "first_time": True, "notes": "Dolor de rodilla",
            "professional_id": german.id, "starts_at": when.isoformat()}  # fmt: skip
    answers = await asyncio.gather(
        *(call_api(server.port, "medical-appointment/create-pending", people[n % 20], body) for n in range(OVER_HTTP))
    )
    outcomes = Counter(answer.status if answer.status == 201 else (answer.status, answer.code) for answer in answers)
    assert outcomes == {201: 1, (409, "slot_taken"): OVER_HTTP - 1}
    assert is_taken_once(german, when)


# ---- Two processes -------------------------------------------------------------------------------


def try_in_a_process(url, commands, gate, results):
    """Run the commands in another process, which opens the database itself."""
    database.initialize(open_database(url))
    database.obj.connect()
    gate.wait(60)
    results.put(Counter(attempt(request_appointment, command, actor) for command, actor in commands))
    database.obj.close_all()


def test_two_processes_book_one_slot_once(german, when, database_url):
    people = [member_with_plan() for _ in range(20)]
    commands = [(timed_request_command(who, german, when), who.actor) for who in people] * 10
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # to import it takes longer than the test
    gate, results = context.Barrier(2), context.Queue()
    workers = [context.Process(target=try_in_a_process, args=(database_url, commands, gate, results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    outcomes = results.get(timeout=60) + results.get(timeout=60)
    for worker in workers:
        worker.join()
    assert outcomes == {"won": 1, "slot_taken": 2 * len(commands) - 1}
    assert is_taken_once(german, when)


@pytest.mark.gen_test(timeout=60)
async def test_two_servers_on_one_database_book_one_slot_once(db, german, when, database_url, tmp_path):
    servers = [AppProcess(tmp_path, database_url) for _ in range(2)]
    people = [member_with_plan() for _ in range(20)]
    body = {"specialty_id": specialty().id, "city_id": township().id, "first_time": True, "notes": "Dolor de rodilla",
            "professional_id": german.id, "starts_at": when.isoformat()}  # fmt: skip
    try:
        await asyncio.gather(*(server.start() for server in servers))
        answers = await asyncio.gather(
            *(
                call_api(servers[n % 2].port, "medical-appointment/create-pending", people[n % 20], body)
                for n in range(100)
            )
        )
    finally:
        for server in servers:
            server.kill()
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 99}
    assert is_taken_once(german, when)
