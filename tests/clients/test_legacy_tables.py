"""What is read of the old tables: each once, in order, with what belongs to it."""

import os

import pytest

from beneficiate.clients import legacy_tables
from beneficiate.clients.legacy_database import LegacyDatabase
from tests.legacy_data import old_database


@pytest.fixture
def old(postgresql_url):
    with old_database(postgresql_url, f"beneficiate_old_tables_{os.getpid()}") as made:
        yield made


def test_messages_come_by_chat_time_and_id_with_their_place(old):
    ana, agent = old.user(), old.agent()
    first, empty, second = old.chat(ana, agent), old.chat(ana, agent), old.chat(ana, agent)
    for chat in (second, first):
        old.message(chat, "AGENT", agent, "b", "2024-01-01 10:00")
        old.message(chat, "USER", ana, "c", "2024-01-01 10:00")
        old.message(chat, "USER", ana, "a", "2024-01-01 09:00")
    with LegacyDatabase(old.url) as database:
        rows = list(legacy_tables.read_chats(database, "agent_chats"))
    assert [(row["id"], row["m_text"], row["m_place"]) for row in rows] == [
        *((first, text, place) for place, text in enumerate("abc")),
        (empty, None, 0),
        *((second, text, place) for place, text in enumerate("abc")),
    ]
    assert [(row["m_user_id"], row["m_agent_id"]) for row in rows[:2]] == [(ana, None), (None, agent)]


def test_transaction_of_a_payment_is_not_read_a_second_time(old):
    ana = old.user()
    old.payment(ana, "2024-01-01", None, transaction_id="1-1 ")
    joined, alone = old.transaction(ana, "1-1"), old.transaction(ana, "1-2")
    with LegacyDatabase(old.url) as database:
        assert [str(row["t_id"]) for row in legacy_tables.read_payments(database)] == [joined]
        assert [row["id"] for row in legacy_tables.read_transactions(database)] == [alone]


def test_professional_has_blocks_specialties_and_the_name_of_the_user(old):
    doctor = old.professional()
    old.insert("medical_professionals_specialties", professional_id=doctor, specialty_id=1)
    with LegacyDatabase(old.url) as database:
        (row,) = legacy_tables.read_professionals(database)
    assert (row["first_name"], row["specialties"], row["blocks"]) == ("Jorge", [1], [])


def test_open_chats_of_both_pairs(old):
    ana, agent = old.user(), old.agent()
    old.chat(ana, agent, status=" Active ")
    old.chat(ana, agent)
    old.insert("chats", user_id=ana, agent_id=agent, status="PENDING")
    with LegacyDatabase(old.url) as database:
        found = [(row["table"], row["id"]) for row in legacy_tables.read_open_chats(database)]
    assert found == [("chats", 1), ("agent_chats", 1)]
