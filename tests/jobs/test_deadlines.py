"""What is due is carried out once and its events reach the users concerned, however often the job runs."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import (
    appointments,
    assignment,
    deadline_moves,
    quotas,
    reminders,
    sign_in_throttles,
    sign_ins,
    unanswered,
    waiting_list,
)
from beneficiate.errors import Internal
from beneficiate.jobs.deadlines import (
    clean_up_sign_ins,
    notify_plan_ends,
    process_due_appointments,
    process_unanswered_chats,
    watch_deadlines,
)
from beneficiate.models.appointments import Appointment, Reminder, WaitingListEntry
from beneficiate.models.chats import Chat
from beneficiate.models.facts import Fact
from beneficiate.models.service_levels import DeadlineMove, ServiceLevel
from tests.factories import (
    add_hours_soon,
    add_plan,
    agent,
    connect_socket,
    member,
    member_with_plan,
    professional,
    supervisor,
    support_chat,
)
from tests.flows.payment_steps import ON_SQLITE
from tests.http_client import call_api
from tests.jobs.due_steps import create_appointment

EVENTS = ("appointment_updated", "appointment_reminder", "slot_offered", "plan_ending", "plan_ended", "plan_activated")


@pytest.fixture
def german(server):
    return add_hours_soon(professional(hours=()))


def ending(who, days):
    now = datetime.now(UTC)
    return add_plan(who, ends_at=now + timedelta(days=days), created_at=now - timedelta(days=365))


async def received(client):
    return [frame for frame in await client.receive_until_pong() if frame["event"] in EVENTS]


@pytest.mark.gen_test
async def test_reminder_is_sent_once_and_to_the_member_only(server, context, german):
    ana, yuliana = member_with_plan(), agent()
    appointment = await create_appointment(server, ana, yuliana, german)
    member_client, agent_client = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana)
    await process_due_appointments(context)
    assert await received(member_client) == []
    Reminder.update(due_at=datetime.now(UTC) - timedelta(seconds=5)).where(Reminder.hours_before == 24).execute()
    await asyncio.gather(*(process_due_appointments(context) for _ in range(5)))
    assert await received(member_client) == [
        {"event": "appointment_reminder", "hours_before": 24, "appointment": appointment}
    ]
    assert await received(agent_client) == []


@pytest.mark.gen_test
async def test_due_appointments_and_offers_expire(server, context, german):
    ana, beto, yuliana = member_with_plan(), member_with_plan("Beto"), agent()
    pending = await create_appointment(server, ana, ana)
    early, late = (
        await create_appointment(server, beto, yuliana, german),
        await create_appointment(server, ana, yuliana, german, 3),
    )
    await call_api(server.port, f"medical-appointment/{late['id']}/wait", ana, "", method="POST")
    await call_api(server.port, f"medical-appointment/cancel/{early['id']}", beto, {}, method="PUT")
    member_client = await connect_socket(server.port, ana)
    now = datetime.now(UTC)
    Appointment.update(expires_at=now).where(Appointment.id == pending["id"]).execute()
    WaitingListEntry.update(offer_expires_at=now).execute()
    await asyncio.gather(*(process_due_appointments(context) for _ in range(3)))
    (frame,) = await received(member_client)
    assert (frame["appointment"]["id"], frame["appointment"]["status"]) == (pending["id"], "EXPIRED")
    assert [wait.status for wait in WaitingListEntry.select()] == ["WAITING"]


@pytest.mark.gen_test
async def test_end_of_a_plan_is_notified_once(server, context):
    ana, beto, marta, yuliana = member(), member("Beto"), supervisor(), agent()
    ending(ana, 6)
    ending(beto, -1)
    member_client, other_client = await connect_socket(server.port, ana), await connect_socket(server.port, beto)
    agent_client, supervisor_client = (
        await connect_socket(server.port, yuliana),
        await connect_socket(server.port, marta, "/ws/supervisor"),
    )
    await asyncio.gather(*(notify_plan_ends(context) for _ in range(5)))
    (frame,) = await received(member_client)
    assert (frame["event"], frame["days_left"], frame["plan"]["code"]) == ("plan_ending", 6, "de-prueba")
    (frame,) = await received(other_client)
    assert (frame["event"], frame["user_id"]) == ("plan_ended", beto.id)
    assert await received(supervisor_client) == [frame]
    assert await received(agent_client) == []


STEPS = {
    process_due_appointments: (
        (appointments, "expire_appointments"),
        (waiting_list, "expire_offers"),
        (reminders, "emit_due_reminders"),
    ),
    process_unanswered_chats: (
        (unanswered, "return_unanswered_chats"),
        (unanswered, "return_chats_of_absent_agents"),
        (assignment, "assign_next_chats"),
    ),
    clean_up_sign_ins: (
        (sign_ins, "delete_expired_challenges"),
        (sign_in_throttles, "delete_expired_throttles"),
        (quotas, "delete_old_quota_uses"),
    ),
}


@ON_SQLITE
@pytest.mark.gen_test
@pytest.mark.parametrize("job", STEPS, ids=lambda job: job.__name__)
async def test_step_that_fails_stops_no_other_and_is_reported(context, monkeypatch, job):
    ran = []

    def step(name):
        def run(uow):
            ran.append(name)
            if len(ran) < len(STEPS[job]):
                raise ZeroDivisionError

        return run

    for module, name in STEPS[job]:
        monkeypatch.setattr(module, name, step(name))
    with pytest.raises(Internal):
        await job(context)
    assert ran == [name for _, name in STEPS[job]]


@pytest.mark.gen_test
async def test_broken_promise_is_told_to_the_agent_and_recorded_once_though_two_jobs_run(server, context):
    yuliana = agent()
    past = datetime.now(UTC) - timedelta(seconds=5)
    level = ServiceLevel.create(version=1, first_response_s=60, saved_at=past)
    columns = {"service_level": level, "awaiting_since": past, "response_due_at": past, "alarm_at": past}
    chat = support_chat(member(), yuliana, **columns)
    client = await connect_socket(server.port, yuliana)
    await asyncio.gather(watch_deadlines(context), watch_deadlines(context))
    told = [frame for frame in await client.receive_until_pong() if frame["event"] == "deadline"]
    assert [(frame["chat_id"], frame["promise"], frame["state"]) for frame in told] == [(chat.id, "first", "late")]
    recorded = Fact.select(Fact.detail, Fact.agent_id).where(Fact.kind == "service_level")
    assert list(recorded.tuples()) == [("first.late", yuliana.agent_id)]


@pytest.mark.gen_test
async def test_deadlines_that_are_still_to_be_moved_are_moved_before_any_is_noticed(context, monkeypatch):
    monkeypatch.setattr(deadline_moves, "CHATS_PER_MOVE", 1)
    past, level = datetime.now(UTC) - timedelta(seconds=5), ServiceLevel.create(version=1, saved_at=datetime.now(UTC))
    columns = {"service_level": level, "awaiting_since": past, "response_due_at": past, "alarm_at": past}
    chats = [support_chat(member(), None, **columns) for _ in range(3)]
    DeadlineMove.create(until_chat_id=chats[-1].id)
    await asyncio.gather(watch_deadlines(context), watch_deadlines(context))
    assert {due_at for (due_at,) in Chat.select(Chat.response_due_at).tuples()} == {None}
    assert not Fact.select().where(Fact.kind == "service_level").exists()
