"""The figures of the board are those of the facts, however many of them are rolled up."""

import pytest

from beneficiate.actions import messages
from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.protocol.commands import SendMessage
from beneficiate.queries.rollups import find_fold_bound
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import QueueActions, available_agent, seconds_after_now
from tests.queries.test_board import board_at


@pytest.fixture
def desk(act):
    return QueueActions(act)


def test_figures_are_the_same_when_facts_are_rolled_up(desk):
    yuliana = available_agent(capacity=3)
    for second in (0, 30):
        chat = desk.join(second=second)
        desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), yuliana, second + 20)
        desk.close(chat, yuliana, second + 25)
    before = board_at(60)
    uow = UnitOfWork(SYSTEM, seconds_after_now(60))
    assert fold_facts(uow, FoldFacts(find_fold_bound(uow).fact_id, 6))
    assert board_at(60) == before
