"""What needs a supervisor."""

from datetime import timedelta

import pytest

from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.payments import open_review
from beneficiate.domain.billing.outcome import ReviewKind
from beneficiate.models.accounts import Agent
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import Chat
from beneficiate.models.payments import PaymentReview
from beneficiate.models.rollups import RollupState
from beneficiate.queries.board import load_board
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.appointment_steps import request_command
from tests.actions.payment_steps import payment_with_link
from tests.actions.queue_steps import QueueActions, promise, seconds_after_now
from tests.domain.booking.moments import at
from tests.factories import agent, member, member_with_plan, supervisor


@pytest.fixture
def desk(act):
    return QueueActions(act)


def alerts_at(second=0):
    board = load_board(UnitOfWork(supervisor().actor, seconds_after_now(second)))
    return [(one.level, one.title, one.address) for one in board.alerts]


def test_waits_of_three_minutes_without_a_promise_are_an_alert(desk):
    first, _ = desk.join(second=0), desk.join(second=100)
    assert alerts_at(179) == []
    address = f"/agente?chat={first.id}"
    assert alerts_at(180) == [("warn", "Una persona lleva más de 3 minutos en espera.", address)]
    assert alerts_at(280) == [("warn", "2 personas llevan más de 3 minutos en espera.", address)]


def test_wait_within_its_promise_is_no_alert_however_long_it_is(desk):
    promise(first_response_s=1200, warn_s=60, resolution_s=None)
    desk.join()
    assert alerts_at(600) == []


def test_nothing_is_alarmed_while_we_are_closed_and_no_promise_runs(desk):
    night = at("2026-11-25 23:00")
    chat = desk.join()
    Chat.update(awaiting_since=night).where(Chat.id == chat.id).execute()
    assert alerts_at((night - seconds_after_now(0)).total_seconds() + 3600) == []


def test_words_of_an_emergency_are_an_alert_until_somebody_answers(desk):
    ana, yuliana = member(), agent()
    luis = member()
    first, second = desk.join(ana), desk.join(luis)
    desk.send(first, ana, 1, "no puedo respirar")
    address = f"/agente?chat={first.id}"
    assert alerts_at(2) == [("danger", "Un afiliado que espera escribió palabras de urgencia.", address)]
    desk.send(second, luis, 3, "auxilio")
    assert alerts_at(4) == [("danger", "2 afiliados que esperan escribieron palabras de urgencia.", address)]
    for chat in (first, second):
        desk.take(chat, yuliana, 5)
        desk.send(chat, yuliana, 6)
    assert alerts_at(7) == []


def test_deadlines_that_come_soon_or_have_passed_are_alerts(desk):
    promise()
    first, second = desk.join(member("Ana"), second=0), desk.join(member("Eva"), second=20)
    assert alerts_at(29) == []
    assert alerts_at(31) == [("warn", "Un chat está por vencer.", f"/agente?chat={first.id}")]
    assert alerts_at(61) == [
        ("danger", "Un chat está vencido.", f"/agente?chat={first.id}"),
        ("warn", "Un chat está por vencer.", f"/agente?chat={second.id}"),
    ]
    assert alerts_at(90) == [("danger", "2 chats están vencidos.", f"/agente?chat={first.id}")]


def test_agent_whom_the_system_set_away_is_an_alert_for_the_rest_of_the_day(db):
    yuliana = agent("Yuliana", online_status=True)
    changes = {"is_automatic": True, "reason": "No respondió un chat a tiempo", "availability_at": seconds_after_now(0)}
    Agent.update(changes).where(Agent.id == yuliana.agent_id).execute()
    assert alerts_at(60) == [("danger", f"{yuliana.user.name} quedó ausente.", "")]
    assert alerts_at(86_400) == []


def test_open_reviews_of_payments_are_an_alert(act):
    payment_id = payment_with_link(act, member(), now=seconds_after_now(0))
    uow = UnitOfWork(SYSTEM, seconds_after_now(0))
    open_review(uow, payment_id, ReviewKind.DOUBLE_CHARGE, "1")
    assert alerts_at(5) == [("warn", "Un pago espera revisión.", "/supervisor/pagos")]
    open_review(uow, payment_id, ReviewKind.DOUBLE_CHARGE, "2")
    assert alerts_at(5) == [("warn", "2 pagos esperan revisión.", "/supervisor/pagos")]
    PaymentReview.update(resolved_at=seconds_after_now(6)).execute()
    assert alerts_at(7) == []


def test_requests_that_expire_today_are_an_alert(act):
    ana = member_with_plan("Ana")
    act(request_appointment, request_command(ana), ana.actor, seconds_after_now(0))
    assert alerts_at() == []
    Appointment.update(expires_at=seconds_after_now(0) + timedelta(hours=3)).execute()
    assert alerts_at() == [("warn", "Una solicitud de cita vence hoy.", "/agente/citas")]
    Appointment.update(status="CANCELLED").execute()
    assert alerts_at() == []


def test_roll_ups_that_differ_are_an_alert(desk):
    RollupState.create(id=1, differing_day="2026-11-24")
    assert ("danger", "Los reportes no cuadran.", "") in alerts_at()
