"""Deadlines of many open chats are moved some at a time, each once, by what was changed."""

import pytest

from beneficiate.actions import deadline_moves, deadlines, service_levels
from beneficiate.actions.service_levels import SaveServiceLevel
from beneficiate.models.chats import CLOSED, Chat
from beneficiate.models.facts import Fact
from beneficiate.models.service_levels import DeadlineMove
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import QueueActions, create_topic, load_chat, promise, seconds_after_now
from tests.factories import agent, member, supervisor, support_chat


@pytest.fixture(autouse=True)
def few_at_a_time(monkeypatch):
    monkeypatch.setattr(deadline_moves, "CHATS_PER_MOVE", 2)


@pytest.fixture
def desk(act):
    return QueueActions(act)


def due(chats):
    return [load_chat(chat).response_due_at for chat in chats]


def move_next(second=5):
    return deadline_moves.move_next_deadlines(UnitOfWork(SYSTEM, seconds_after_now(second)))


def save(desk, minutes, version, topic=""):
    typed = {"primera": str(minutes), "meta": "80", "desde": "abiertos"}
    desk.run_as(service_levels.save_service_level, SaveServiceLevel(topic, version, typed), supervisor())


def test_open_chats_alone_are_counted_again_some_at_a_time(db):
    columns = {"service_level": promise(), "awaiting_since": seconds_after_now(0)}
    waiting = [support_chat(member(), who, **columns) for who in (None, agent(), None)]
    owing = support_chat(member(), agent(), service_level=columns["service_level"])
    closed = support_chat(member(), agent(), status=CLOSED, **columns)
    deadline_moves.refresh_open_chats(UnitOfWork(SYSTEM, seconds_after_now(5)))
    late = support_chat(member(), None, **columns)
    assert due([*waiting, owing, closed]) == [seconds_after_now(60)] * 2 + [None] * 3
    assert [move_next(), move_next(), move_next()] == [True, True, False]
    assert due([*waiting, owing, closed, late]) == [seconds_after_now(60)] * 3 + [None] * 3


def test_nothing_is_noticed_while_deadlines_are_still_to_be_moved(desk):
    promise()
    chats = [desk.join() for _ in range(3)]
    save(desk, 10, 1)
    assert due(chats) == [seconds_after_now(600)] * 2 + [seconds_after_now(60)]
    assert desk.act(deadlines.notice_deadlines, None, SYSTEM, seconds_after_now(70)) == (0, [])
    while move_next(71):
        pass
    assert desk.act(deadlines.notice_deadlines, None, SYSTEM, seconds_after_now(72)) == (0, [])
    assert due(chats) == [seconds_after_now(600)] * 3
    assert not Fact.select().where(Fact.kind == "service_level").exists()


def test_changes_are_carried_out_in_their_order_and_the_last_one_counts(desk):
    create_topic("pagos")
    promise()
    chats = [desk.join(topic_code="pagos" if number == 3 else None) for number in range(4)]
    save(desk, 10, 1)
    save(desk, 5, 2)
    save(desk, 15, 0, "pagos")
    assert due(chats) == [seconds_after_now(second) for second in (600, 600, 60, 60)]
    while move_next():
        pass
    assert due(chats) == [seconds_after_now(second) for second in (300, 300, 300, 900)]
    assert not DeadlineMove.select().exists()
    assert len({id_ for (id_,) in Chat.select(Chat.service_level).tuples()}) == 2
