"""What needs a supervisor."""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from beneficiate.actions import data_request_handling as handling
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.payments import open_review
from beneficiate.domain.billing.outcome import ReviewKind
from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import Chat
from beneficiate.models.payments import PaymentReview
from beneficiate.models.rollups import RollupState
from beneficiate.queries.board import load_board
from beneficiate.queries.board_alerts import MAX_ADDRESS_ROWS, AlertListQuery, load_alert_list
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.board_alerts import AlertRow
from tests.actions.appointment_steps import request_command
from tests.actions.payment_steps import payment_with_link
from tests.actions.queue_steps import QueueActions, create_topic, promise, seconds_after_now
from tests.actions.request_steps import TEXT, file, handle, on_day
from tests.domain.booking.moments import at
from tests.factories import agent, member, member_with_plan, supervisor


@pytest.fixture
def desk(act):
    return QueueActions(act)


def alerts_at(second=0):
    board = load_board(UnitOfWork(supervisor().actor, seconds_after_now(second)))
    return [(one.level, one.title, one.address) for one in board.alerts]


def open_list(address, second=3600, **more):
    """Return the rows behind an address of the board, opened so many seconds after NOW."""
    typed = dict(parse_qsl(urlsplit(address).query))
    query = AlertListQuery(
        kind=typed["clase"],
        at=datetime.fromisoformat(typed["hasta"]),
        row_ids=tuple(map(int, typed["filas"].split(","))) if "filas" in typed else (),
        topic=typed.get("tema", ""),
    )
    return load_alert_list(UnitOfWork(supervisor().actor, seconds_after_now(second)), replace(query, **more))


def listed(address, second=3600):
    """Return which rows an address has: their numbers."""
    return [row.row_id for row in open_list(address, second).rows]


def test_waits_of_three_minutes_without_a_promise_are_an_alert(desk):
    first, second = desk.join(second=0), desk.join(second=100)
    assert alerts_at(179) == []
    address = f"/agente?chat={first.id}"
    assert alerts_at(180) == [("warn", "Una persona lleva más de 3 minutos en espera.", address)]
    ((_, title, address),) = alerts_at(280)
    assert (title, listed(address)) == ("2 personas llevan más de 3 minutos en espera.", [first.id, second.id])


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
    ((_, title, address),) = alerts_at(4)
    assert (title, listed(address)) == (
        "2 afiliados que esperan escribieron palabras de urgencia.",
        [first.id, second.id],
    )
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
    ((_, title, address),) = alerts_at(90)
    assert (title, listed(address)) == ("2 chats están vencidos.", [first.id, second.id])


def test_list_of_an_alert_is_that_of_its_instant_and_says_how_its_rows_are_now(desk):
    promise()
    yuliana = agent("Yuliana", online_status=True)
    first, second = desk.join(member("Ana")), desk.join(member("Eva"), second=1)
    ((_, _, address),) = alerts_at(90)
    desk.take(first, yuliana, 100)
    desk.send(first, yuliana, 110)
    desk.join(member("Iris"), second=120)
    page = open_list(address)
    assert (page.title, page.total, page.is_of_now) == ("2 chats están vencidos.", 2, False)
    assert [(row.row_id, row.state, row.about) for row in page.rows] == [
        (first.id, f"Con {yuliana.user.name}", "Sin tema"),
        (second.id, "En la fila", "Sin tema"),
    ]
    assert [row.at for row in page.rows] == [None, seconds_after_now(61)]
    Chat.delete().where(Chat.id == first.id).execute()
    assert open_list(address).rows[0] == AlertRow(first.id)


def test_list_of_an_alert_has_pages(desk, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.board_alerts.ROWS_PER_PAGE", 2)
    chats = [desk.join(second=second).id for second in (0, 1, 2)]
    ((_, _, address),) = alerts_at(280)
    pages = [open_list(address, page=page) for page in (1, 2, 3)]
    assert [[row.row_id for row in page.rows] for page in pages] == [chats[:2], chats[2:], []]
    assert [page.has_more for page in pages] == [True, False, False]


def test_alert_with_too_many_rows_for_an_address_is_counted_again_and_says_so(desk, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.board_alerts.MAX_ADDRESS_ROWS", 1)
    monkeypatch.setattr("beneficiate.queries.board_alerts.ROWS_PER_PAGE", 2)
    create_topic("pagos")
    chats = [desk.join(topic_code="pagos", second=second).id for second in (0, 1, 2)]
    desk.join(second=3)
    board = load_board(UnitOfWork(supervisor().actor, seconds_after_now(280)), "pagos")
    (alert,) = board.alerts
    assert (alert.title, "filas" in alert.address) == ("3 personas llevan más de 3 minutos en espera.", False)
    pages = [open_list(alert.address, second=300, page=page) for page in (1, 2)]
    assert [row.row_id for page in pages for row in page.rows] == chats
    assert (pages[0].total, pages[0].is_of_now, pages[0].at) == (3, True, seconds_after_now(300))


def test_alert_that_does_not_exist_has_no_list(db):
    uow = UnitOfWork(supervisor().actor, seconds_after_now(0))
    for query in (
        AlertListQuery("nada", uow.now),
        AlertListQuery("late", uow.now, topic="nada"),
        AlertListQuery("late", uow.now, tuple(range(1, MAX_ADDRESS_ROWS + 2))),
    ):
        with pytest.raises(NotFound):
            load_alert_list(uow, query)
    assert load_alert_list(uow, AlertListQuery("late", uow.now)).rows == []


def test_requests_about_data_that_are_late_come_before_those_that_will_be(act, db):
    def shown(now):
        board = load_board(UnitOfWork(supervisor().actor, now))
        return [(one.level, one.title, one.address) for one in board.alerts]

    first = file(act, member("Ana"))
    assert shown(on_day(25)) == []
    of_first = f"/supervisor/solicitudes/{first.id}"
    soon = ("warn", "Una solicitud de datos está por vencer.", of_first)
    assert shown(on_day(26)) == shown(on_day(28)) == [soon]
    others = [file(act, member(name), now=on_day(10)).id for name in ("Luis", "Iris")]
    late, (_, title, address) = shown(on_day(31))
    assert late == ("danger", "Una solicitud de datos está vencida.", of_first)
    assert (title, listed(address)) == ("2 solicitudes de datos están por vencer.", others)
    assert {row.at for row in open_list(address).rows} == {None}
    assert all(row.about.startswith("Reclamo: vence el ") for row in open_list(address).rows)


def test_request_about_data_that_waits_for_its_person_or_is_closed_is_no_alert(act, db):
    marta = supervisor()
    asked, answered = file(act, member("Ana")), file(act, member("Luis"), "query")
    handle(act, handling.ask_for_information, asked, marta, pregunta=TEXT)
    handle(act, handling.answer_request, answered, marta, respuesta=TEXT)
    assert load_board(UnitOfWork(marta.actor, on_day(31))).alerts == []


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
    assert alerts_at(5) == [("warn", "Un pago espera revisión.", f"/supervisor/pagos/{payment_id}")]
    open_review(uow, payment_id, ReviewKind.DOUBLE_CHARGE, "2")
    ((level, title, address),) = alerts_at(5)
    assert (level, title) == ("warn", "2 revisiones de pagos esperan.")
    PaymentReview.update(resolved_at=seconds_after_now(6)).where(PaymentReview.transaction_id == "2").execute()
    shown = [(row.about, row.state, row.address) for row in open_list(address).rows]
    assert shown == [
        ("Cobro doble", "Sin resolver", f"/supervisor/pagos/{payment_id}"),
        ("Cobro doble", "Resuelta", f"/supervisor/pagos/{payment_id}"),
    ]
    PaymentReview.update(resolved_at=seconds_after_now(6)).execute()
    assert alerts_at(7) == []


def test_requests_that_expire_today_are_an_alert(act):
    ana = member_with_plan("Ana")
    act(request_appointment, request_command(ana), ana.actor, seconds_after_now(0))
    assert alerts_at() == []
    Appointment.update(expires_at=seconds_after_now(0) + timedelta(hours=3)).execute()
    first = Appointment.get().id
    assert alerts_at() == [("warn", "Una solicitud de cita vence hoy.", f"/agente/citas?cita={first}")]
    eva = member_with_plan("Eva")
    act(request_appointment, request_command(eva), eva.actor, seconds_after_now(1))
    Appointment.update(expires_at=seconds_after_now(0) + timedelta(hours=4)).where(Appointment.id != first).execute()
    ((_, title, address),) = alerts_at()
    Appointment.update(status="CANCELLED").execute()
    page = open_list(address)
    assert (title, page.title, page.total) == ("2 solicitudes de cita vencen hoy.", title, 2)
    assert (page.rows[0].row_id, page.rows[0].state) == (first, "Cancelada")
    assert alerts_at() == []


def test_roll_ups_that_differ_are_an_alert(desk):
    RollupState.create(id=1, differing_day="2026-11-24")
    assert ("danger", "Los reportes no cuadran.", "") in alerts_at()
