"""The clock of plans: ends are told to whom they concern, letters land in the mail once each."""

import asyncio
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from beneficiate.clients.mail import FolderMailClient
from beneficiate.errors import Unavailable
from beneficiate.jobs.plans import notify_plan_ends, send_due_plan_emails
from beneficiate.jobs.schedule import job_schedule
from beneficiate.models.payments import PlanEmail
from tests.actions.payment_steps import paid_payment, run_committed
from tests.factories import add_plan, agent, connect_socket, member, supervisor

WORDS = ("plan_ending", "plan_ended", "plan_activated")


@pytest.fixture
def context(server, tmp_path):
    """The house, whose letters land in a folder of this test; only the test winds its clocks."""
    for clock in server._jobs:
        clock.stop()
    server.context.mail = FolderMailClient(tmp_path / "outbox")
    return server.context


def outbox(tmp_path):
    files = sorted((tmp_path / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def ending(who, days):
    now = datetime.now(UTC)
    return add_plan(who, ends_at=now + timedelta(days=days), created_at=now - timedelta(days=365))


async def heard(voice):
    return [frame for frame in await voice.receive_all(0.15) if frame["event"] in WORDS]


def test_the_rota_has_both_clocks(settings):
    assert {notify_plan_ends, send_due_plan_emails} <= {clock for clock, _ in job_schedule(settings)}


@pytest.mark.gen_test
async def test_an_end_is_told_once_however_often_the_clock_ticks(server, context):
    ana, beto, marta, yuliana = member(), member("Beto"), supervisor(), agent()
    ending(ana, 6)
    ending(beto, -1)
    at_home, at_his = await connect_socket(server.port, ana), await connect_socket(server.port, beto)
    at_desk, on_duty = (
        await connect_socket(server.port, yuliana),
        await connect_socket(server.port, marta, "/ws/supervisor"),
    )
    await asyncio.gather(*(notify_plan_ends(context) for _ in range(5)))
    (frame,) = await heard(at_home)
    assert (frame["event"], frame["days_left"], frame["plan"]["code"]) == ("plan_ending", 6, "de-prueba")
    (frame,) = await heard(at_his)
    assert (frame["event"], frame["user_id"]) == ("plan_ended", beto.id)
    assert await heard(on_duty) == [frame]
    assert await heard(at_desk) == []


@pytest.mark.gen_test
async def test_letters_about_plans_are_sent_once_each(context, tmp_path):
    ana, beto = member(), member("Beto")
    payment_id = paid_payment(run_committed, ana, now=datetime.now(UTC))
    ending(beto, 20)
    await notify_plan_ends(context)
    await asyncio.gather(*(send_due_plan_emails(context) for _ in range(3)))
    await send_due_plan_emails(context)
    by_address = {letter["To"].addresses[0].addr_spec: letter for letter in outbox(tmp_path)}
    assert len(outbox(tmp_path)) == 2
    assert by_address[ana.user.email]["Subject"] == "Recibimos su pago"
    assert f"/pagos/{payment_id}" in by_address[ana.user.email].get_body(("plain",)).get_content()
    assert by_address[beto.user.email]["Subject"] == "Su plan termina pronto"
    assert not PlanEmail.select().where(PlanEmail.sent_at.is_null()).exists()


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
async def test_a_letter_that_was_not_taken_is_tried_again_in_five_minutes_and_holds_up_no_other(context):
    context.mail = moody = Moody()
    for days in (-1, 6):
        ending(member(), days)
    await notify_plan_ends(context)
    await send_due_plan_emails(context)
    await send_due_plan_emails(context)
    assert (moody.calls, len(moody.taken)) == (2, 1)
    PlanEmail.update(claimed_at=datetime.now(UTC) - timedelta(minutes=6)).execute()
    await send_due_plan_emails(context)
    await send_due_plan_emails(context)
    assert (moody.calls, len(moody.taken)) == (3, 2)
    assert not PlanEmail.select().where(PlanEmail.sent_at.is_null()).exists()
