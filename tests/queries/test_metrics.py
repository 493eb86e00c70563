"""Figures of a day in Bogotá and the lists behind them, as of any instant."""

from dataclasses import replace
from datetime import timedelta

import pytest

from beneficiate.actions import messages, queue
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.rollups import HOURS_PER_DAY
from beneficiate.models.accounts import User
from beneficiate.models.chats import Chat
from beneficiate.models.facts import Fact
from beneficiate.protocol.commands import SendMessage
from beneficiate.protocol.queue import RateChat, ReopenChat, ReturnChat
from beneficiate.queries.fact_lists import list_facts
from beneficiate.queries.metrics import (
    compute_figures,
    compute_metric,
    load_tallies_by_hour,
    select_day,
    start_of_day,
)
from beneficiate.unit_of_work import Actor
from tests.actions.queue_steps import QueueActions, create_topic, seconds_after_now
from tests.domain.booking.moments import at
from tests.factories import Person, agent, member

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def desk(act):
    return QueueActions(act)


def reply(desk, chat, who, second):
    desk.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), who, second)


def values_at(second, *codes, **how):
    figures = compute_figures(replace(select_day(seconds_after_now(second)), **how), codes)
    return tuple(figures[code].value for code in codes)


def member_of(chat):
    return Person(User.get_by_id(chat.user_id), Actor(chat.user_id, "member"))


def add_fact(**columns):
    given = {"at": seconds_after_now(0), "kind": "opened", "actor_role": "member", "chat_id": 1}
    return Fact.create(**{**given, **columns})


def test_day_begins_at_midnight_in_bogota_and_ends_with_the_instant(db):
    midnight = at("2026-11-25 00:00")
    assert start_of_day(at("2026-11-25 23:59")) == midnight
    for instant in (midnight - MICROSECOND, midnight, seconds_after_now(0), seconds_after_now(0) + MICROSECOND):
        add_fact(at=instant)
    assert values_at(0, "opened") == (2,)


def test_chat_that_is_resolved_and_reopened_stays_resolved_on_its_day(desk):
    ana, yuliana = member(), agent(online_status=True)
    chat = desk.join(ana)
    desk.take(chat, yuliana, 5)
    reply(desk, chat, yuliana, 10)
    desk.close(chat, yuliana, 20)
    assert values_at(20, "resolved", "active", "waiting") == (1, 0, 0)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana, 30)
    assert values_at(30, "resolved", "reopened", "opened", "waiting") == (1, 1, 1, 1)
    next_day = select_day(seconds_after_now(0) + DAY)
    assert compute_figures(next_day, ["resolved"])["resolved"].value == 0


def test_figures_and_lists_of_an_instant_are_as_they_were_then(desk):
    """Whatever happened since, and whether or not a chat is still open."""
    yuliana = agent(online_status=True)
    first, second = desk.join(second=0), desk.join(second=10)
    desk.take(first, yuliana, 20)
    desk.run_as(queue.return_chat, ReturnChat(chat_id=first.id), yuliana, 50)
    desk.close(second, member_of(second), 60)
    expected = {0: (1, 0, 0), 15: (2, 15, 0), 20: (1, 10, 1), 55: (2, 55, 0), 60: (1, 60, 0)}
    assert {when: values_at(when, "waiting", "longest_wait", "active") for when in expected} == expected
    for when, (waiting, longest, active) in expected.items():
        selection = select_day(seconds_after_now(when))
        rows = list_facts(METRICS["waiting"], selection)
        assert (len(rows), rows[0].measure_s) == (waiting, longest)
        assert len(list_facts(METRICS["active"], selection)) == active


@pytest.mark.parametrize("code", METRICS)
def test_list_of_a_figure_has_the_facts_that_it_counts(desk, code):
    ana, yuliana, omar = member(), agent("Yuliana", online_status=True), agent("Omar", online_status=True)
    chats = [desk.join(ana), *(desk.join() for _ in range(3))]
    for chat, who in zip(chats[:3], (yuliana, omar, yuliana), strict=True):
        desk.take(chat, who, 10)
        reply(desk, chat, who, 20)
    desk.close(chats[0], yuliana, 30)
    desk.run_as(queue.rate_chat, RateChat(chat_id=chats[0].id, score=4), ana, 40)
    desk.close(chats[3], member_of(chats[3]), 50)
    for status, starts_at in (("CONFIRMED", 3600), ("TO_BE_CONFIRMED", 7200), ("CANCELLED", 7200)):
        add_fact(kind="appointment", detail=status, chat_id=None, appointment_id=starts_at + len(status),
                 starts_at=seconds_after_now(starts_at))  # fmt: skip
    for status in ("APPROVED", "APPROVED", "DECLINED", "REVOKED"):
        add_fact(kind="payment", detail=status, chat_id=None, payment_id="x", value=480_000)
    selection = select_day(seconds_after_now(100))
    figure, rows = compute_figures(selection, [code])[code], list_facts(METRICS[code], selection)
    assert METRICS[code].compute(row.tally for row in rows) == figure
    assert all(METRICS[code].counts(row.tally) for row in rows)


def test_appointments_of_a_day_are_counted_by_where_they_are_last(db):
    """As of the instant: one that was moved to another day later was of this day then."""
    noon, tomorrow = at("2026-11-25 12:00"), at("2026-11-26 12:00")
    given = {"kind": "appointment", "chat_id": None}
    for id_, minute, status, starts_at in (
        (1, 0, "TO_BE_CONFIRMED", noon),
        (2, 0, "CONFIRMED", noon),
        (3, 0, "CONFIRMED", tomorrow),
        (1, 10, "CONFIRMED", noon),
        (2, 20, "RESCHEDULED", tomorrow),
        (3, 30, "RESCHEDULED", noon),
        (1, 40, "CANCELLED", noon),
    ):
        add_fact(at=seconds_after_now(minute * 60), appointment_id=id_, detail=status, starts_at=starts_at, **given)
    codes = ("appointments", "appointments_to_confirm", "appointments_confirmed", "appointments_cancelled")
    assert {minute: values_at(minute * 60, *codes) for minute in (0, 15, 25, 35, 45)} == {
        0: (2, 1, 1, 0),
        15: (2, 0, 2, 0),
        25: (1, 0, 1, 0),
        35: (2, 0, 2, 0),
        45: (1, 0, 1, 1),
    }


def test_figures_of_an_agent_and_of_a_topic(desk):
    create_topic("pagos")
    yuliana, omar = agent("Yuliana", online_status=True), agent("Omar", online_status=True)
    for who, topic, second in ((yuliana, "pagos", 10), (yuliana, None, 20), (omar, "pagos", 30)):
        chat = desk.join(topic_code=topic)
        desk.take(chat, who)
        reply(desk, chat, who, second)
    add_fact(kind="payment", detail="APPROVED", chat_id=None, payment_id="x", value=1000)
    assert values_at(60, "first_response") == (20,)
    assert values_at(60, "first_response", topic="pagos") == (20,)
    assert values_at(60, "first_response", agent_id=yuliana.agent_id) == (15,)
    assert values_at(60, "first_response", agent_id=yuliana.agent_id, topic="pagos") == (10,)
    assert values_at(60, "payments_amount", "active", topic="pagos") == (1000, 2)
    assert values_at(60, "first_response", "active", "resolved", agent_id=omar.agent_id) == (30, 1, 0)


def test_agent_who_left_keeps_their_figures_and_their_name(desk):
    yuliana = agent("Yuliana", online_status=True)
    chat = desk.join()
    desk.take(chat, yuliana, 5)
    reply(desk, chat, yuliana, 10)
    name = yuliana.user.name
    User.update(first_name="Nadie", last_name="Ya").where(User.id == yuliana.id).execute()
    (row,) = list_facts(METRICS["first_response"], select_day(seconds_after_now(60)))
    assert (row.agent_name, row.person) == (name, User.get_by_id(chat.user_id).name)


def test_figure_stays_when_its_chat_is_deleted(desk):
    chat = desk.join()
    desk.close(chat, member_of(chat), 10)
    Chat.delete().where(Chat.id == chat.id).execute()
    assert values_at(20, "missed") == (1,)
    (row,) = list_facts(METRICS["missed"], select_day(seconds_after_now(20)))
    assert (row.chat_id, row.person) == (chat.id, "")


def test_figures_by_hour_are_of_the_hours_of_bogota_and_of_their_facts_alone(db):
    for moment, seconds in (("2026-11-25 00:10", 30), ("2026-11-25 00:59", 50), ("2026-11-25 23:00", 90)):
        add_fact(at=at(moment), kind="first_reply", duration_s=seconds, chat_id=7)
        add_fact(at=at(moment))
    add_fact(at=at("2026-11-24 23:59"))
    found = load_tallies_by_hour(select_day(at("2026-11-25 23:30")), ["first_reply", "opened"])
    wednesday, codes = 2 * HOURS_PER_DAY, ("opened", "first_response_max")
    assert {hour: tuple(compute_metric(METRICS[code], one).value for code in codes) for hour, one in found.items()} == {
        wednesday: (2, 50),
        wednesday + 23: (1, 90),
    }
