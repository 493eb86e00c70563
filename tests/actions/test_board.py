"""The hint that the board has changed."""

from datetime import date

from beneficiate.actions import business_hours
from beneficiate.actions.availability import change_availability
from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.business_hours import (
    DeleteCallCentreDay,
    SetCallCentreDay,
    SetHoursException,
    SetWeeklyHours,
)
from beneficiate.actions.queue import join_queue
from beneficiate.actions.staff import deactivate_staff_member, reactivate_staff_member
from beneficiate.actions.unanswered import on_agents_offline, on_agents_online
from beneficiate.domain.booking.hours_text import describe_week
from beneficiate.models.accounts import AWAY
from beneficiate.protocol.board import BoardOutdated
from beneficiate.protocol.channels import BOARD_CHANNEL
from beneficiate.protocol.queue import RequestAgent, SetAvailability
from beneficiate.queries.business_hours import load_weekly_blocks
from beneficiate.unit_of_work import SYSTEM, OutgoingEvent, UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW
from tests.factories import agent, member, supervisor

HINT = OutgoingEvent(BoardOutdated(), (BOARD_CHANNEL,))


def hints_of(action, command, actor=SYSTEM):
    uow = UnitOfWork(actor, OPEN_HOURS_NOW)
    action(uow, command)
    return list(uow.hints.values())


def test_unit_hints_once():
    uow = UnitOfWork(SYSTEM, OPEN_HOURS_NOW)
    for _ in range(3):
        emit_board_outdated(uow)
    assert (list(uow.hints.values()), uow.outgoing) == ([HINT], [])


def test_changes_of_hours_and_staff_are_hinted_at(db):
    marta, omar = supervisor(), agent()
    week = SetWeeklyHours({0: [("08:00", "12:00")]}, describe_week(load_weekly_blocks()))
    day = SetCallCentreDay(SetHoursException("2026-12-24", "cerrado", "", ""), "")
    deleted = DeleteCallCentreDay(date(2026, 12, 24), "cerrado 00:00-24:00")
    for action, command in (
        (business_hours.set_weekly_hours, week),
        (business_hours.set_hours_exception, day),
        (business_hours.delete_hours_exception, deleted),
        (deactivate_staff_member, omar.id),
        (reactivate_staff_member, omar.id),
    ):
        assert hints_of(action, command, marta.actor) == [HINT]


def test_what_the_board_shows_is_hinted_at(db):
    ana, yuliana = member(), agent()
    assert hints_of(join_queue.run_one, RequestAgent(), ana.actor) == [HINT]
    assert hints_of(change_availability, SetAvailability(availability=AWAY), yuliana.actor) == [HINT]
    for action in (on_agents_online, on_agents_offline):
        assert hints_of(action, {yuliana.id}) == [HINT]
        assert hints_of(action, {ana.id}) == []
