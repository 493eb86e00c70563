"""The hint that the board has changed."""

from beneficiate.actions.availability import change_availability
from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.queue import join_queue
from beneficiate.actions.unanswered import on_agents_offline, on_agents_online
from beneficiate.models.accounts import AWAY
from beneficiate.protocol.board import BoardOutdated
from beneficiate.protocol.channels import BOARD_CHANNEL
from beneficiate.protocol.queue import RequestAgent, SetAvailability
from beneficiate.unit_of_work import SYSTEM, OutgoingEvent, UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW
from tests.factories import agent, member

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


def test_what_the_board_shows_is_hinted_at(db):
    ana, yuliana = member(), agent()
    assert hints_of(join_queue.run_one, RequestAgent(), ana.actor) == [HINT]
    assert hints_of(change_availability, SetAvailability(availability=AWAY), yuliana.actor) == [HINT]
    for action in (on_agents_online, on_agents_offline):
        assert hints_of(action, {yuliana.id}) == [HINT]
        assert hints_of(action, {ana.id}) == []
