"""Lists behind figures: every row once, part by part, as of the instant of the figure."""

import pytest

from beneficiate.actions import queue
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Scope
from beneficiate.errors import NotFound
from beneficiate.protocol.queue import RateChat, ReopenChat
from beneficiate.queries.fact_lists import FactPosition, list_facts, load_fact_part, parse_fact_position
from beneficiate.queries.metrics import compute_figures, select_day
from tests.actions.queue_steps import QueueActions, seconds_after_now
from tests.domain.booking.moments import at
from tests.factories import agent, member
from tests.queries.test_metrics import add_fact, reply


@pytest.fixture
def desk(act):
    return QueueActions(act)


def add_steps(desk):
    """Let five chats come; one waits as long as another, and two are assigned later in the order of their numbers."""
    yuliana = agent(online_status=True, capacity=9)
    chats = [desk.join(second=second) for second in (0, 3, 3, 7, 9)]
    for chat in chats[3:]:
        desk.take(chat, yuliana, 20)
    return chats


def add_appointments(_):
    day = at("2026-11-25 15:00")
    for number in range(5):
        add_fact(kind="appointment", detail="CONFIRMED", chat_id=None, appointment_id=number, starts_at=day, at=day)


@pytest.mark.parametrize(
    ("code", "add", "total"),
    [
        ("opened", add_steps, 5),
        ("waiting", add_steps, 3),
        ("active", add_steps, 2),
        ("appointments", add_appointments, 5),
    ],
)
def test_parts_have_every_row_once_in_the_order_of_the_whole(desk, monkeypatch, code, add, total):
    monkeypatch.setattr("beneficiate.queries.fact_lists.ROWS_PER_PAGE", 1)
    add(desk)
    metric, selection = METRICS[code], select_day(at("2026-11-25 16:00"))
    whole, seen, position = [row.fact_id for row in list_facts(metric, selection)], [], ""
    while True:
        part = load_fact_part(metric, selection, position)
        seen += [row.fact_id for row in part.rows]
        if not (position := part.next_position):
            break
    assert seen == whole
    assert len(set(seen)) == total == compute_figures(selection, [code])[code].count


def test_part_of_an_instant_is_that_of_then_whatever_happened_since(desk, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.fact_lists.ROWS_PER_PAGE", 2)
    chats = add_steps(desk)
    selection = select_day(seconds_after_now(15))
    first = load_fact_part(METRICS["waiting"], selection, "")
    desk.take(chats[2], agent(online_status=True), 30)
    second = load_fact_part(METRICS["waiting"], selection, first.next_position)
    third = load_fact_part(METRICS["waiting"], selection, second.next_position)
    rows = [*first.rows, *second.rows, *third.rows]
    assert sorted(row.chat_id for row in rows) == sorted(chat.id for chat in chats)
    assert third.next_position == ""


@pytest.mark.parametrize("text", ["x", "2026-11-25T15:00:00Z/", "2026-11-25T15:00:00/1", "2026-11-25T15:00:00Z/-1"])
def test_position_that_no_list_gave_is_not_found(db, text):
    with pytest.raises(NotFound):
        parse_fact_position(text)


def test_position_of_another_list_is_not_found_in_that_of_an_instant(desk):
    add_steps(desk)
    selection = select_day(seconds_after_now(15))
    stranger = str(FactPosition(seconds_after_now(1), 2**63 - 1))
    with pytest.raises(NotFound):
        load_fact_part(METRICS["waiting"], selection, stranger)
    with pytest.raises(NotFound):
        parse_fact_position(str(FactPosition(seconds_after_now(1), 2**63)))


def test_list_is_bounded(db):
    for _ in range(3):
        add_fact()
    selection = select_day(seconds_after_now(1))
    assert len(list_facts(METRICS["opened"], selection, 2)) == 2
    assert {metric.scope for metric in METRICS.values()} == set(Scope)


def test_rating_is_listed_with_the_comment_of_its_span(desk):
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    for second, score, comment in ((10, 5, "Muy amable"), (110, 1, "Nadie me llamó")):
        desk.take(chat, yuliana, second)
        reply(desk, chat, yuliana, second + 5)
        desk.close(chat, yuliana, second + 10)
        desk.run_as(queue.rate_chat, RateChat(chat_id=chat.id, score=score, comment=comment), ana, second + 20)
        desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, second + 50)
    rows = list_facts(METRICS["ratings"], select_day(seconds_after_now(300)))
    assert [(row.value, row.comment, row.address) for row in rows] == [
        (1, "Nadie me llamó", f"/agente?chat={chat.id}"),
        (5, "Muy amable", f"/agente?chat={chat.id}"),
    ]
