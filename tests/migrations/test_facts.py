"""Migration 0018 counts the spans of chats, and tells what is, once."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

from beneficiate.models.accounts import Agent
from beneficiate.models.chats import CLOSED, Chat, ChatEvent, Rating
from beneficiate.models.facts import Fact
from tests.actions.appointment_steps import book_appointment, cancel_appointment
from tests.factories import add_hours_soon, agent, member, member_with_plan, professional, support_chat

migration = import_module("beneficiate.migrations.0018_facts")
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def forget_facts(db):
    db.execute_sql("DROP TABLE facts")


def test_open_chats_and_the_history_of_appointments_are_told_once(db, act):
    ana, yuliana = member_with_plan("Ana"), agent("Yuliana")
    waiting = support_chat(member(), None, awaiting_since=NOW)
    taken = support_chat(ana, yuliana, assigned_at=NOW + MINUTE)
    support_chat(member(), yuliana, status=CLOSED)
    whom = add_hours_soon(professional())
    booked = book_appointment(act, yuliana, ana, whom)
    cancel_appointment(act, ana, booked)
    forget_facts(db)
    for _ in range(2):
        migration.up(None, db)
        chats = Fact.select(Fact.chat_id, Fact.kind, Fact.at, Fact.agent_id, Fact.agent_name, Fact.span)
        assert sorted(chats.where(Fact.chat_id.is_null(False)).tuples()) == [
            (waiting.id, "queued", NOW, None, "", 1),
            (taken.id, "assigned", NOW + MINUTE, yuliana.agent_id, yuliana.user.name, 1),
        ]
        appointments = Fact.select(Fact.appointment_id, Fact.detail, Fact.starts_at, Fact.agent_code, Fact.actor_role)
        assert list(appointments.where(Fact.kind == "appointment").order_by(Fact.id).tuples()) == [
            (booked.id, "CONFIRMED", booked.starts_at, Agent.get_by_id(yuliana.agent_id).agent_code, "agent"),
            (booked.id, "CANCELLED", booked.starts_at, "", "member"),
        ]


def test_spans_are_counted_by_what_was_reopened(db):
    chat, other = (support_chat(member(), agent(), status=CLOSED) for _ in range(2))
    for minute in (10, 30):
        ChatEvent.create(chat=chat, kind="reopened", at=NOW + minute * MINUTE)
    rating = Rating.create(chat=chat, score=5, created_at=NOW + 20 * MINUTE)
    forget_facts(db)
    for _ in range(2):
        migration.up(None, db)
        assert [Chat.get_by_id(one.id).span for one in (chat, other)] == [3, 1]
        assert Rating.get_by_id(rating.id).span == 2
