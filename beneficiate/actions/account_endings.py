"""The end of an account that is to be erased: who it was is signed out everywhere, and what runs ends.

Nothing is erased yet. What others are told of it, such as a freed slot, is what an end by hand tells them.
"""

import json
from dataclasses import replace

from beneficiate.actions import chats, data_requests, sign_ins, slots
from beneficiate.actions.appointments import emit_appointment_event, save_status_change
from beneficiate.actions.waiting_list import offer_freed_slot
from beneficiate.domain.booking.lifecycle import CANCELLED as CANCELLED_APPOINTMENT
from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.models.accounts import User
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import lock_rows
from beneficiate.models.chats import CLOSED, Chat
from beneficiate.models.data_requests import DataRequest
from beneficiate.models.erasures import ERASING, REQUESTED, Erasure
from beneficiate.protocol.booking import AppointmentChanged
from beneficiate.protocol.commands import CloseChat
from beneficiate.queries.erasures import count_personal_rows, find_what_it_waits_for, has_staff_row, hash_document
from beneficiate.unit_of_work import Actor, UnitOfWork

CANCEL_REASON = "La cuenta se borra."


def close_account(uow: UnitOfWork, erasure_id: int) -> bool:
    """Close the account of an erasure that is due and return whether it is closed; a second time changes nothing.

    While a payment may still be made or has to be reviewed, it stays open, and the erasure says what it waits for.
    """
    user_id = Erasure.select(Erasure.user).where(Erasure.id == erasure_id).scalar()
    User.lock_rows([user_id])
    erasure = lock_rows(Erasure.select().where(Erasure.id == erasure_id)).get()
    if erasure.state != REQUESTED or erasure.due_at > uow.now:
        return bool(erasure.state == ERASING)
    waits_for = "staff" if has_staff_row(user_id) else find_what_it_waits_for(uow, user_id)
    if waits_for:
        Erasure.update(waits_for=waits_for).where(Erasure.id == erasure_id).execute()
        return False
    user = User.get_by_id(user_id)
    columns = {
        "state": ERASING,
        "waits_for": "",
        "closed_at": uow.now,
        "email": user.email,
        "owner_hash": hash_document(uow, user.document_type, user.document_number),
        # Counted before anything is erased: what is interrupted and goes on would count less.
        "counts": json.dumps(count_personal_rows(uow, user_id)),
    }
    Erasure.update(columns).where(Erasure.id == erasure_id).execute()
    end_account(uow, user_id)
    return True


def end_account(uow: UnitOfWork, user_id: int) -> None:
    """Deactivate an account and end what runs; the caller holds the user's row. A second time changes nothing."""
    User.update(is_active=False).where(User.id == user_id).execute()
    sign_ins.revoke_sign_ins(uow, user_id, "account erased")
    _close_chats(uow, user_id)
    _withdraw_requests(uow, user_id)
    _cancel_appointments(uow, user_id)
    slots.release_holds(user_id)


def _close_chats(uow: UnitOfWork, user_id: int) -> None:
    """Close the open chats as their member would."""
    is_open = ((Chat.user == user_id) | (Chat.peer == user_id)) & (Chat.status != CLOSED)
    as_member = replace(uow, actor=Actor(user_id, "member"))
    for (chat_id,) in Chat.select(Chat.id).where(is_open).order_by(Chat.id).tuples():
        chats.close_chat(as_member, CloseChat(chat_id=chat_id))


def _withdraw_requests(uow: UnitOfWork, user_id: int) -> None:
    """Withdraw the open requests about the data that are erased, as their member would."""
    is_open = (DataRequest.user == user_id) & DataRequest.closed_at.is_null()
    as_member = replace(uow, actor=Actor(user_id, "member"))
    for (request_id,) in DataRequest.select(DataRequest.id).where(is_open).order_by(DataRequest.id).tuples():
        data_requests.withdraw_request(as_member, request_id)


def _cancel_appointments(uow: UnitOfWork, user_id: int) -> None:
    """Cancel what is open and has not begun, also where a member could not any more; the slot is free at once.

    An appointment that has begun stays as it is: the staff says whether somebody came.
    """
    is_open = (Appointment.user == user_id) & Appointment.status.in_(list(OPEN_STATUSES))
    is_ahead = Appointment.starts_at.is_null() | (Appointment.starts_at > uow.now)
    for appointment in lock_rows(Appointment.select().where(is_open, is_ahead).order_by(Appointment.id)):
        old_status, slot = appointment.status, (appointment.professional, appointment.starts_at)
        appointment.status = CANCELLED_APPOINTMENT
        save_status_change(uow, appointment, old_status, CANCEL_REASON, slot)
        offer_freed_slot(uow, *slot, excluded_appointment_id=appointment.id)
        emit_appointment_event(uow, appointment, AppointmentChanged)
