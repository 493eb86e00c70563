"""The account of an erasure that is due is closed: sign-ins, chats, appointments; money is waited for."""

from datetime import timedelta

import pytest

from beneficiate.actions.account_endings import CANCEL_REASON, close_account, end_account
from beneficiate.actions.accounts import set_account_active
from beneficiate.actions.data_requests import file_request
from beneficiate.actions.queue import reopen_chat
from beneficiate.domain.data_requests.lifecycle import GIVEN_UP, RECEIVED, WITHDRAWN
from beneficiate.domain.data_requests.terms import QUERY
from beneficiate.errors import Conflict
from beneficiate.models.accounts import SignIn, User
from beneficiate.models.appointments import Appointment, AppointmentChange, Tick
from beneficiate.models.audit import AuditEntry, AuditText
from beneficiate.models.chats import CLOSED, Chat
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from beneficiate.models.erasures import ERASED, ERASING, REQUESTED, Erasure
from beneficiate.models.payments import Payment, PaymentReview
from beneficiate.protocol.booking import AppointmentChanged
from beneficiate.protocol.close_codes import CLOSE_REVOKED
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.protocol.queue import ReopenChat
from beneficiate.unit_of_work import SYSTEM
from tests.actions.appointment_steps import NOW, book_appointment, change_status
from tests.actions.payment_steps import payment_with_link
from tests.factories import agent, direct_chat, member, member_with_plan, professional, supervisor, support_chat


@pytest.fixture
def due(db):
    def ask(who, due_at=NOW, state=REQUESTED):
        times = {"requested_at": NOW - timedelta(days=7), "due_at": due_at}
        return Erasure.create(user=who.id, state=state, code=f"CE-{who.id}", **times)

    return ask


def close(act, erasure, now=NOW):
    return act(close_account, erasure.id, SYSTEM, now)


def test_sign_ins_end_and_nobody_signs_in_again(act, due):
    ana = member()
    row = {"secret_hash": "x", "created_at": NOW, "expires_at": NOW + timedelta(days=1)}
    SignIn.create(family="a", user=ana.id, kind="page", **row)
    is_closed, outgoing = close(act, due(ana))
    user = User.get_by_id(ana.id)
    assert (is_closed, user.is_active, user.tokens_valid_after, SignIn.get().ended_at) == (True, False, NOW, NOW)
    ended = [one.event for one in outgoing if isinstance(one.event, ConnectionsEnded)]
    assert ended[0].code == CLOSE_REVOKED
    with pytest.raises(Conflict, match="se borró"):
        act(set_account_active, (ana.user.email, True), SYSTEM, NOW)


def test_what_is_not_due_yet_stays_as_it_is(act, due):
    ana = member()
    erasure = due(ana, NOW + timedelta(seconds=1))
    assert close(act, erasure)[0] is False
    assert (Erasure.get().state, User.get_by_id(ana.id).is_active) == (REQUESTED, True)
    assert close(act, erasure, NOW + timedelta(seconds=1))[0] is True


def test_appointments_ahead_are_cancelled_and_their_slots_are_free(act, due):
    ana, yuliana, german = member_with_plan(), agent(), professional()
    booked = book_appointment(act, ana, ana, german)
    # Within the hours in which a member cannot cancel any more.
    late = NOW + timedelta(days=2) - timedelta(minutes=5)
    is_closed, outgoing = close(act, due(ana), late)
    assert is_closed
    row = Appointment.get_by_id(booked.id)
    assert (row.status, Tick.select().count()) == ("CANCELLED", 0)
    change = AppointmentChange.select().order_by(AppointmentChange.id.desc()).first()
    assert (change.actor_role, change.reason) == ("system", CANCEL_REASON)
    assert AuditEntry.select().where(AuditEntry.what == "appointments.cancel").count() == 1
    assert [one for one in outgoing if isinstance(one.event, AppointmentChanged)]
    assert book_appointment(act, yuliana, member_with_plan("Otra"), german, now=NOW).id


def test_appointment_that_has_begun_is_left_to_the_staff(act, due):
    ana = member_with_plan()
    booked = book_appointment(act, ana, ana, professional())
    close(act, due(ana), NOW + timedelta(days=3))
    assert Appointment.get_by_id(booked.id).status != "CANCELLED"
    # They say what became of it, and what they write about it is not stored.
    change_status(act, agent(), booked, "CANCELLED", "Llamó la hija de Ana", NOW + timedelta(days=3))
    change = AppointmentChange.select().order_by(AppointmentChange.id.desc()).first()
    assert (change.to_status, change.reason) == ("CANCELLED", "")
    assert not AuditText.select().exists()


def test_open_chats_are_closed(act, due):
    ana, omar, yuliana = member("Ana"), member("Omar"), agent()
    waiting = support_chat(ana, None)
    direct = direct_chat(omar, ana)
    others = support_chat(omar, yuliana)
    close(act, due(ana))
    assert {row.id for row in Chat.select().where(Chat.status == CLOSED)} == {waiting.id, direct.id}
    assert Chat.get_by_id(others.id).status == "ACTIVE"


def test_open_requests_about_the_data_are_withdrawn_by_nobody_with_a_name(act, due):
    ana, omar = member("Ana"), member("Omar")
    asked = {"pide": QUERY, "texto": "¿Qué datos míos tienen, y desde cuándo?"}
    own, other = (act(file_request, asked, who.actor, NOW)[0] for who in (ana, omar))
    close(act, due(ana))
    assert [DataRequest.get_by_id(id_).state for id_ in (own, other)] == [WITHDRAWN, RECEIVED]
    newest = DataRequestEvent.select().where(DataRequestEvent.request == own).order_by(DataRequestEvent.id.desc()).get()
    assert (newest.kind, newest.actor_name, newest.at) == (GIVEN_UP, "", NOW)


def test_money_is_settled_first(act, due):
    ana = member()
    payment_id = payment_with_link(act, ana)
    erasure = due(ana)
    assert (close(act, erasure)[0], Erasure.get().waits_for) == (False, "payment")
    Payment.update(status="EXPIRED", is_open=False).execute()
    PaymentReview.create(payment=payment_id, kind="DOUBLE_CHARGE", opened_at=NOW)
    assert (close(act, erasure)[0], Erasure.get().waits_for) == (False, "review")
    assert User.get_by_id(ana.id).is_active
    PaymentReview.update(resolved_at=NOW).execute()
    assert close(act, erasure)[0] is True
    assert (Erasure.get().state, Erasure.get().waits_for) == (ERASING, "")


def test_who_has_joined_the_staff_meanwhile_is_not_erased(act, due):
    marta = supervisor()
    assert (close(act, due(marta))[0], Erasure.get().waits_for) == (False, "staff")


def test_member_whom_a_supervisor_has_deactivated_is_erased_as_anybody(act, due):
    ana = member()
    erasure = due(ana)
    act(set_account_active, (ana.user.email, False), SYSTEM, NOW)
    assert close(act, erasure)[0] is True


def test_second_time_changes_nothing(act, due):
    ana = member_with_plan()
    book_appointment(act, ana, ana, professional())
    erasure = due(ana)
    close(act, erasure)
    counts = Erasure.get().counts
    assert close(act, erasure)[0] is True
    act(end_account, ana.id, SYSTEM, NOW)
    assert (Erasure.get().counts, AppointmentChange.select().count()) == (counts, 2)


def test_chat_that_ended_with_the_account_is_not_opened_again(act, due):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    erasure = due(ana)
    close(act, erasure)
    for state in (ERASING, ERASED):
        Erasure.update(state=state).execute()
        with pytest.raises(Conflict, match="se borraron"):
            act(reopen_chat, ReopenChat(chat_id=chat.id), yuliana.actor, NOW)
    assert Chat.get_by_id(chat.id).status == CLOSED
