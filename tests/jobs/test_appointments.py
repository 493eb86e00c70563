"""The clock of appointments: what is due is carried out and told; letters land in the mail once each."""

import asyncio
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from beneficiate.clients.mail import FolderMailClient
from beneficiate.errors import Unavailable
from beneficiate.jobs.appointments import process_due_appointments, send_due_appointment_emails
from beneficiate.jobs.schedule import job_schedule
from beneficiate.models.appointments import Appointment, AppointmentEmail, Reminder, WaitingListEntry
from tests.factories import add_hours_soon, agent, connect_socket, member_with_plan, professional, specialty, township
from tests.http_client import call_api

WORDS = ("appointment_updated", "appointment_reminder", "slot_offered")


@pytest.fixture
def context(server, tmp_path):
    """The house, whose letters land in a folder of this test; only the test winds its clocks."""
    for clock in server._jobs:
        clock.stop()
    server.context.mail = FolderMailClient(tmp_path / "outbox")
    return server.context


@pytest.fixture
def german(server):
    return add_hours_soon(professional(hours=()))


def outbox(tmp_path):
    files = sorted((tmp_path / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


async def visit_of(server, who, by, whom=None, n=0):
    body = {"specialty_id": specialty().id, "city_id": township().id, "first_time": True, "notes": "Ansiedad",
            "user_id": who.id}  # fmt: skip
    if whom is not None:
        slots = (await call_api(server.port, f"medical-professionals/{whom.id}/slots", by)).data
        body |= {"professional_id": whom.id, "starts_at": slots[n]["starts_at"]}
    answer = await call_api(server.port, "medical-appointment/create-pending", by, body)
    assert answer.status == 201
    return answer.data


async def heard(voice):
    return [frame for frame in await voice.receive_all(0.15) if frame["event"] in WORDS]


def test_the_rota_has_both_clocks(settings):
    assert {process_due_appointments, send_due_appointment_emails} <= {clock for clock, _ in job_schedule(settings)}


@pytest.mark.gen_test
async def test_a_reminder_is_heard_once_by_the_member_alone_however_often_the_clock_ticks(server, context, german):
    ana, yuliana = member_with_plan(), agent()
    visit = await visit_of(server, ana, yuliana, german)
    at_home, at_desk = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana)
    await process_due_appointments(context)
    assert await heard(at_home) == []
    Reminder.update(due_at=datetime.now(UTC)).where(Reminder.hours_before == 24).execute()
    await asyncio.gather(*(process_due_appointments(context) for _ in range(5)))
    assert await heard(at_home) == [{"event": "appointment_reminder", "hours_before": 24, "appointment": visit}]
    assert await heard(at_desk) == []


@pytest.mark.gen_test
async def test_expiry_and_offers_are_told(server, context, german):
    ana, beto, yuliana = member_with_plan(), member_with_plan("Beto"), agent()
    pending = await visit_of(server, ana, ana)
    early, late = await visit_of(server, beto, yuliana, german), await visit_of(server, ana, yuliana, german, 3)
    await call_api(server.port, f"medical-appointment/{late['id']}/wait", ana, "", method="POST")
    await call_api(server.port, f"medical-appointment/cancel/{early['id']}", beto, {}, method="PUT")
    at_home = await connect_socket(server.port, ana)
    now = datetime.now(UTC)
    Appointment.update(expires_at=now).where(Appointment.id == pending["id"]).execute()
    WaitingListEntry.update(offer_expires_at=now).execute()
    await asyncio.gather(*(process_due_appointments(context) for _ in range(3)))
    (frame,) = await heard(at_home)
    assert (frame["appointment"]["id"], frame["appointment"]["status"]) == (pending["id"], "EXPIRED")
    assert [wait.status for wait in WaitingListEntry.select()] == ["DECLINED"]


@pytest.mark.gen_test
async def test_each_step_is_one_letter_with_text_html_and_calendar(server, context, german, tmp_path):
    ana, yuliana = member_with_plan(), agent()
    pending = await visit_of(server, ana, ana)
    visit = await visit_of(server, ana, yuliana, german)
    await asyncio.gather(*(send_due_appointment_emails(context) for _ in range(3)))
    await send_due_appointment_emails(context)
    first, second = outbox(tmp_path)
    assert pending["ticket_number"] in first["Subject"]
    assert [part.get_content_type() for part in first.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert second["To"].addresses[0].addr_spec == ana.user.email
    assert [part.get_content_type() for part in second.walk() if not part.is_multipart()] == [
        "text/plain", "text/html", "text/calendar"]  # fmt: skip
    calendar = next(second.iter_attachments())
    assert (calendar.get_content_type(), calendar.get_param("method")) == ("text/calendar", "REQUEST")
    for part in ("plain", "html"):
        text = second.get_body((part,)).get_content()
        for said in (visit["ticket_number"], "Ana", german.name, "Cardiología"):
            assert said in text

    await call_api(server.port, f"medical-appointment/cancel/{visit['id']}", ana, {}, method="PUT")
    await send_due_appointment_emails(context)
    last = outbox(tmp_path)[-1]
    calendar = next(last.iter_attachments())
    assert calendar.get_param("method") == "CANCEL"
    assert "METHOD:CANCEL" in calendar.get_content()
    assert "cancelada" in last["Subject"]
    assert len(outbox(tmp_path)) == 3


@pytest.mark.gen_test
async def test_nothing_about_health_is_in_a_subject_and_the_reason_is_in_no_letter(server, context, german, tmp_path):
    ana, yuliana = member_with_plan(), agent()
    visit = await visit_of(server, ana, yuliana, german)
    await send_due_appointment_emails(context)
    Reminder.update(due_at=datetime.now(UTC)).execute()
    await process_due_appointments(context)
    await send_due_appointment_emails(context)
    await call_api(
        server.port, f"medical-appointment/cancel/{visit['id']}", yuliana, {"reason": "Crisis"}, method="PUT"
    )
    await send_due_appointment_emails(context)
    letters = outbox(tmp_path)
    assert len(letters) == 3
    for letter in letters:
        for word in ("Cardiología", "Ansiedad", "Crisis", german.name):
            assert word not in letter["Subject"]
        for word in ("Ansiedad", "Crisis"):
            assert word not in "".join(part.get_content() for part in letter.walk() if not part.is_multipart())


class Moody:
    """A mail server that is away the first time."""

    def __init__(self):
        self.taken, self.calls = [], 0

    async def send(self, letter):
        self.calls += 1
        if self.calls == 1:
            raise Unavailable
        self.taken.append(letter)


@pytest.mark.gen_test
async def test_a_letter_that_was_not_taken_is_tried_again_in_five_minutes_and_holds_up_no_other(server, context):
    context.mail = moody = Moody()
    for _ in range(2):
        await visit_of(server, who := member_with_plan(), who)
    await send_due_appointment_emails(context)
    await send_due_appointment_emails(context)
    assert (moody.calls, len(moody.taken)) == (2, 1)
    AppointmentEmail.update(claimed_at=datetime.now(UTC) - timedelta(minutes=6)).execute()
    await send_due_appointment_emails(context)
    await send_due_appointment_emails(context)
    assert (moody.calls, len(moody.taken)) == (3, 2)
    assert not AppointmentEmail.select().where(AppointmentEmail.sent_at.is_null()).exists()
