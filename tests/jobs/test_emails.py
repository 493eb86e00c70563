"""E-mails that are due are sent once each, however often the job runs."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from beneficiate.clients.mail import MailRefused
from beneficiate.domain.erasures import ERASED_EMAIL_DOMAIN
from beneficiate.errors import Unavailable
from beneficiate.jobs.deadlines import notify_plan_ends, process_due_appointments
from beneficiate.jobs.emails import (
    send_due_account_emails,
    send_due_appointment_emails,
    send_due_invitations,
    send_due_plan_emails,
)
from beneficiate.jobs.notices import dispatch_notices
from beneficiate.models.account_emails import REQUEST_ALERTS, REQUEST_NOTICES, AccountEmail
from beneficiate.models.accounts import StaffInvitation, User
from beneficiate.models.appointments import AppointmentEmail, Reminder
from beneficiate.models.payments import PlanEmail
from beneficiate.queries.accounts import digest_secret
from beneficiate.queries.undelivered_emails import REFUSED_TRIES
from tests.actions.payment_steps import paid_payment, run_committed
from tests.factories import add_hours_soon, add_plan, agent, member, member_with_plan, professional, supervisor
from tests.http_client import call_api
from tests.jobs.due_steps import create_appointment


@pytest.fixture
def german(server):
    return add_hours_soon(professional(hours=()))


def outbox(tmp_path):
    files = sorted((tmp_path / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def ending(who, days):
    now = datetime.now(UTC)
    return add_plan(who, ends_at=now + timedelta(days=days), created_at=now - timedelta(days=365))


@pytest.mark.gen_test
async def test_each_status_change_is_one_email_with_text_html_and_calendar(server, context, german, tmp_path):
    context.settings = replace(context.settings, mail_from="agenda@otra.co")
    ana, yuliana = member_with_plan(), agent()
    pending = await create_appointment(server, ana, ana)
    appointment = await create_appointment(server, ana, yuliana, german)
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
    assert second["From"].addresses[0].addr_spec == "agenda@otra.co"
    assert "mailto:agenda@otra.co" in calendar.get_content().replace("\n ", "")
    for part in ("plain", "html"):
        text = second.get_body((part,)).get_content()
        for sent in (appointment["ticket_number"], "Ana", german.name, "Cardiología", "hasta 4 horas antes", "/mi"):
            assert sent in " ".join(text.split())

    await call_api(server.port, f"medical-appointment/cancel/{appointment['id']}", ana, {}, method="PUT")
    await send_due_appointment_emails(context)
    last = outbox(tmp_path)[-1]
    calendar = next(last.iter_attachments())
    assert calendar.get_param("method") == "CANCEL"
    assert "METHOD:CANCEL" in calendar.get_content()
    assert "cancelada" in last["Subject"]
    assert len(outbox(tmp_path)) == 3


@pytest.mark.gen_test
async def test_an_email_about_a_time_that_is_not_confirmed_says_so(server, context, german, tmp_path):
    ana, yuliana = member_with_plan(), agent()
    await create_appointment(server, ana, yuliana, german)
    await create_appointment(server, ana, ana, german)
    await send_due_appointment_emails(context)
    for part in ("plain", "html"):
        said = ["todavía no está confirmado" in one.get_body((part,)).get_content() for one in outbox(tmp_path)]
        assert said == [False, True]


@pytest.mark.gen_test
async def test_no_health_data_in_subjects_and_why_one_comes_in_no_email(server, context, german, tmp_path):
    ana, yuliana = member_with_plan(), agent()
    appointment = await create_appointment(server, ana, yuliana, german)
    await send_due_appointment_emails(context)
    Reminder.update(due_at=datetime.now(UTC) - timedelta(seconds=5)).execute()
    await process_due_appointments(context)
    await dispatch_notices(context)
    await send_due_appointment_emails(context)
    await call_api(
        server.port,
        f"medical-appointment/cancel/{appointment['id']}",
        yuliana,
        {"reason": "El médico <b>viaja</b>"},
        method="PUT",
    )
    await send_due_appointment_emails(context)
    emails = outbox(tmp_path)
    assert len(emails) == 3
    for email in emails:
        for command in ("Cardiología", "Ansiedad", "viaja", german.name):
            assert command not in email["Subject"]
        assert "Ansiedad" not in "".join(part.get_content() for part in email.walk() if not part.is_multipart())
    plain, html = (emails[-1].get_body((part,)).get_content() for part in ("plain", "html"))
    assert "Motivo de la cancelación: El médico <b>viaja</b>" in plain
    assert "El médico &lt;b&gt;viaja&lt;/b&gt;" in html


@pytest.mark.gen_test
async def test_nothing_is_sent_to_a_member_who_was_erased(context, tmp_path):
    ana, beto = member(email=f"7@{ERASED_EMAIL_DOMAIN}"), member("Beto")
    for who in (ana, beto):
        ending(who, 20)
    await notify_plan_ends(context)
    await send_due_plan_emails(context)
    assert [email["To"].addresses[0].addr_spec for email in outbox(tmp_path)] == [beto.user.email]
    assert PlanEmail.select().where(PlanEmail.sent_at.is_null(False)).count() == 2


@pytest.mark.gen_test
async def test_plan_emails_are_sent_once_each(context, tmp_path):
    ana, beto = member(), member("Beto")
    payment_id = paid_payment(run_committed, ana, now=datetime.now(UTC))
    ending(beto, 20)
    await notify_plan_ends(context)
    await asyncio.gather(*(send_due_plan_emails(context) for _ in range(3)))
    await send_due_plan_emails(context)
    by_address = {email["To"].addresses[0].addr_spec: email for email in outbox(tmp_path)}
    assert len(outbox(tmp_path)) == 2
    assert by_address[ana.user.email]["Subject"] == "Recibimos su pago"
    assert f"/pagos/{payment_id}" in by_address[ana.user.email].get_body(("plain",)).get_content()
    assert by_address[beto.user.email]["Subject"] == "Su plan termina pronto"
    assert not PlanEmail.select().where(PlanEmail.sent_at.is_null()).exists()


@pytest.mark.gen_test
async def test_invitation_is_sent_once_and_its_token_is_stored_by_nobody(context, tmp_path):
    iris, now = agent("Iris"), datetime.now(UTC)
    StaffInvitation.create(
        user=iris.id, email=iris.user.email, expires_at=now + timedelta(days=7), created_at=now - timedelta(minutes=1)
    )
    await asyncio.gather(*(send_due_invitations(context) for _ in range(3)))
    (email,) = outbox(tmp_path)
    assert email["To"].addresses[0].addr_spec == iris.user.email
    (token,) = re.findall(r"/invitacion/([\w-]{43})", email.get_body(("plain",)).get_content())
    row = StaffInvitation.get()
    assert row.sent_at is not None
    assert (row.token_hash, token in str(row.__data__)) == (digest_secret(token), False)
    assert token in email.get_body(("html",)).get_content()


@pytest.mark.gen_test
async def test_letter_about_a_second_factor_is_sent_once(context, tmp_path):
    yuliana = agent()
    now = datetime.now(UTC)
    about = {"user": yuliana.id, "email": yuliana.user.email, "kind": "reset", "expires_at": now + timedelta(days=2)}
    AccountEmail.create(created_at=now - timedelta(minutes=1), **about)
    await asyncio.gather(*(send_due_account_emails(context) for _ in range(3)))
    (email,) = outbox(tmp_path)
    assert email["To"].addresses[0].addr_spec == yuliana.user.email
    assert AccountEmail.get().sent_at is not None


class FlakyMailServer:
    """A mail server that is away the first time."""

    def __init__(self):
        self.taken, self.calls = [], 0

    async def send(self, email, recipient):
        self.calls += 1
        if self.calls == 1:
            raise Unavailable
        self.taken.append(email)


@pytest.mark.gen_test
async def test_refused_appointment_email_is_retried_in_five_minutes_and_delays_no_other(server, context):
    context.mail = mail_server = FlakyMailServer()
    for _ in range(2):
        await create_appointment(server, who := member_with_plan(), who)
    await send_due_appointment_emails(context)
    await send_due_appointment_emails(context)
    assert (mail_server.calls, len(mail_server.taken)) == (2, 1)
    AppointmentEmail.update(claimed_at=datetime.now(UTC) - timedelta(minutes=6)).execute()
    await send_due_appointment_emails(context)
    await send_due_appointment_emails(context)
    assert (mail_server.calls, len(mail_server.taken)) == (3, 2)
    assert not AppointmentEmail.select().where(AppointmentEmail.sent_at.is_null()).exists()


@pytest.mark.gen_test
async def test_refused_plan_email_is_retried_in_five_minutes_and_delays_no_other(context):
    context.mail = mail_server = FlakyMailServer()
    for days in (-1, 6):
        ending(member(), days)
    await notify_plan_ends(context)
    await send_due_plan_emails(context)
    await send_due_plan_emails(context)
    assert (mail_server.calls, len(mail_server.taken)) == (2, 1)
    PlanEmail.update(claimed_at=datetime.now(UTC) - timedelta(minutes=6)).execute()
    await send_due_plan_emails(context)
    await send_due_plan_emails(context)
    assert (mail_server.calls, len(mail_server.taken)) == (3, 2)
    assert not PlanEmail.select().where(PlanEmail.sent_at.is_null()).exists()


class PickyMailServer:
    """A mail server that refuses one address."""

    def __init__(self, refused):
        self.refused, self.taken = refused, []

    async def send(self, email, recipient):
        if recipient == self.refused:
            raise MailRefused
        self.taken.append(recipient)


@pytest.mark.parametrize("bad", ["ana@x.co\nBcc: todos@x.co", "ana@x.co,beto@x.co", "refused@x.co", "ana"])
@pytest.mark.gen_test
async def test_address_that_cannot_be_used_holds_up_no_other_appointment_email(server, context, german, bad):
    context.mail = mail_server = PickyMailServer("refused@x.co")
    ana, beto = member_with_plan(), member_with_plan()
    yuliana = agent()
    for who in (ana, beto):
        await create_appointment(server, who, yuliana, german)
    User.update(email=bad).where(User.id == ana.id).execute()
    await send_due_appointment_emails(context)
    assert mail_server.taken == [beto.user.email]
    (dead,) = AppointmentEmail.select().where(AppointmentEmail.sent_at.is_null())
    assert dead.tries == REFUSED_TRIES


@pytest.mark.gen_test
async def test_address_that_cannot_be_used_holds_up_no_other_plan_email(context):
    context.mail = mail_server = PickyMailServer("")
    ana, beto = member(), member()
    for who in (ana, beto):
        ending(who, 6)
    User.update(email="ana@x.co\nBcc: todos@x.co").where(User.id == ana.id).execute()
    await notify_plan_ends(context)
    await send_due_plan_emails(context)
    assert mail_server.taken == [beto.user.email]


@pytest.mark.gen_test
async def test_email_that_cannot_be_composed_holds_up_no_other(context):
    context.mail = mail_server = PickyMailServer("")
    ana, beto = member(), member()
    for who in (ana, beto):
        ending(who, 6)
    await notify_plan_ends(context)
    PlanEmail.update(kind="unknown").where(PlanEmail.user == ana.id).execute()
    await send_due_plan_emails(context)
    assert mail_server.taken == [beto.user.email]
    assert PlanEmail.get(PlanEmail.user == ana.id).tries == 1


@pytest.mark.gen_test
async def test_emails_about_requests_say_nothing_of_them_and_where_to_read_them(server, context, tmp_path):
    ana, marta = member("Ana"), supervisor("Marta")
    kinds = dict.fromkeys(REQUEST_NOTICES, ana) | dict.fromkeys(REQUEST_ALERTS, marta)
    now = datetime.now(UTC)
    for kind, who in kinds.items():
        row = {"email": who.user.email, "user": who.id, "expires_at": now + timedelta(days=7), "created_at": now}
        AccountEmail.create(kind=kind, **row)
    await send_due_account_emails(context)
    sent = {message["Subject"]: message for message in outbox(tmp_path)}
    assert len(sent) == len(kinds)
    for subject, (kind, who) in zip(sent, kinds.items(), strict=True):
        text = sent[subject].get_body(("plain",)).get_content()
        html = sent[subject].get_body(("html",)).get_content()
        path = "/mi/solicitudes" if who is ana else "/supervisor/solicitudes"
        assert f"{context.settings.own_url}{path}" in text
        assert f"{context.settings.own_url}{path}" in html
        assert ("/recuperar" in text) == (kind in ("request_asked", "request_extended", "request_answered"))
    assert "Por su privacidad" in sent["Ya hay respuesta a su solicitud"].get_body(("plain",)).get_content()
