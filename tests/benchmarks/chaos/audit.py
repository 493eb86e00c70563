"""Compares what every client received with the database, which it reads over a connection of its own."""

from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg2

from beneficiate.models.base import database
from tests import queue_invariants
from tests.benchmarks.chaos.clients import ChaosClient
from tests.benchmarks.chaos.purchases import Booked

UNANSWERED_CHATS = 2
"""The default of `BENEFICIATE_UNANSWERED_CHATS`."""
Line = tuple[int, int, str]
"""The number of a message in its chat, its id and its text."""


class Violations:
    """What was found to be wrong, by kind, with an example of each."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def add(self, kind: str, example: Any) -> None:
        self.counts[kind] += 1
        self.examples.setdefault(kind, str(example))


@dataclass(frozen=True, slots=True)
class StoredChat:
    """A chat as the database has it."""

    last_seq: int
    member_id: int
    agent_user_id: int | None
    lines: list[Line]
    client_ids: list[str | None]


class Reader:
    """The database at the end of a run."""

    def __init__(self, url: str) -> None:
        self._url = url

    def select(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def load_chats(self) -> dict[int, StoredChat]:
        lines: dict[int, list[tuple[Line, str | None]]] = defaultdict(list)
        for chat_id, seq, line_id, text, client_id in self.select(
            "SELECT chat_id, seq, id, message, client_id FROM chat_lines ORDER BY chat_id, seq"
        ):
            lines[chat_id].append(((seq, line_id, text), client_id))
        return {
            chat_id: StoredChat(
                last_seq, member_id, agent_id, [line for line, _ in lines[chat_id]], [own for _, own in lines[chat_id]]
            )
            for chat_id, last_seq, member_id, agent_id in self.select(
                "SELECT c.id, c.last_seq, c.user_id, a.user_id FROM chats c LEFT JOIN agents a ON a.id = c.agent_id"
            )
        }


def check_messages(reader: Reader, clients: list[ChaosClient], found: Violations) -> None:
    """Check every message: acknowledged and stored once, in the order of writing, and shown as it is stored."""
    stored = reader.load_chats()
    written = {one.client_id for client in clients for one in client.written}
    for chat_id, chat in stored.items():
        _check_chat(chat_id, chat, written, found)
    for client in clients:
        _check_promises(client, found)
        _check_stored(client, stored, found)
        _check_shown(client, stored, found)


def _check_chat(chat_id: int, chat: StoredChat, written: set[str], found: Violations) -> None:
    if [seq for seq, _, _ in chat.lines] != list(range(1, chat.last_seq + 1)):
        found.add("gaps in the numbers of a chat", chat_id)
    for client_id, count in Counter(own for own in chat.client_ids if own is not None).items():
        if count > 1:
            found.add("messages doubled", (chat_id, client_id))
        if client_id not in written:
            found.add("messages that nobody wrote", (chat_id, client_id))


def _check_promises(client: ChaosClient, found: Violations) -> None:
    who = client.person.user.first_name
    for fault in client.faults:
        found.add("broken promises to a client", (who, fault))
    if client.unsent:
        found.add("messages never acknowledged", (who, client.unsent))


def _check_stored(client: ChaosClient, stored: dict[int, StoredChat], found: Violations) -> None:
    who = client.person.user.first_name
    places = {
        own: (chat_id, place)
        for chat_id in client.chats
        for place, own in enumerate(stored[chat_id].client_ids)
        if own is not None
    }
    for client_id, line in client.acked.items():
        chat_id, place = places.get(client_id, (0, 0))
        if not chat_id or stored[chat_id].lines[place] != line:
            found.add("acknowledged messages lost", (who, client_id, line))
    last: dict[int, int] = {}
    for one in client.written:
        _, place = places.get(one.client_id, (0, -1))
        if 0 <= place < last.get(one.chat_id, 0):
            found.add("messages out of order", (who, one))
        last[one.chat_id] = max(place, last.get(one.chat_id, 0))


def _check_shown(client: ChaosClient, stored: dict[int, StoredChat], found: Violations) -> None:
    who = client.person.user.first_name
    for chat_id, known in client.chats.items():
        chat, shown = stored[chat_id], known.shown_messages
        if shown != chat.lines[: len(shown)]:
            found.add("messages shown other than stored", (who, chat_id))
        if client.person.id in (chat.member_id, chat.agent_user_id) and len(shown) < len(chat.lines):
            found.add("messages not shown", (who, chat_id, len(chat.lines) - len(shown)))


def check_bookings(reader: Reader, booked: list[Booked], found: Violations) -> None:
    """Check that no time of a professional or a patient is given twice, and every confirmed booking is there."""
    rows = reader.select(
        "SELECT id, professional_id, user_id, starts_at, duration_minutes FROM appointments WHERE starts_at IS NOT NULL"
    )
    stored = {row[0]: (row[1], datetime.fromisoformat(str(row[3]))) for row in rows}
    for one in booked:
        if stored.get(one.appointment_id) != (one.professional_id, one.starts_at):
            found.add("confirmed bookings lost", (one, stored.get(one.appointment_id)))
    for appointment_id in stored.keys() - {one.appointment_id for one in booked}:
        found.add("bookings that nobody was told", appointment_id)
    for column in (1, 2):
        ends: dict[int, float] = {}
        for row in sorted(rows, key=lambda row: (row[column], str(row[3]))):
            starts = datetime.fromisoformat(str(row[3])).timestamp()
            if starts < ends.get(row[column], 0.0):
                found.add("double bookings", row)
            ends[row[column]] = starts + 60 * row[4]


def check_plans(reader: Reader, paid: list[str], found: Violations) -> None:
    """Check that every payment that was made gave its plan once."""
    starts = Counter(
        row[0] for row in reader.select("SELECT payment_id FROM subscriptions WHERE payment_id IS NOT NULL")
    )
    for payment_id, count in starts.items():
        if count > 1:
            found.add("plans activated twice", payment_id)
    for payment_id in set(paid) - starts.keys():
        found.add("paid plans not activated", payment_id)
    for payment_id in starts.keys() - set(paid):
        found.add("plans activated without payment", payment_id)


def count_unsettled(reader: Reader, paid: list[str]) -> int:
    """Return how many payments that were made have no plan yet."""
    return len(set(paid) - {row[0] for row in reader.select("SELECT payment_id FROM subscriptions")})


def find_wrong_presence(reader: Reader, clients: list[ChaosClient]) -> list[str]:
    """Return what is not true: who counts as online, with how many connections, and what others were told of them."""
    online = {row[0] for row in reader.select("SELECT id FROM users WHERE online_status")}
    connections = Counter(row[0] for row in reader.select("SELECT user_id FROM connections WHERE closed_at IS NULL"))
    there = {client.person.id for client in clients if client.is_connected}
    everybody = {client.person.id for client in clients}
    wrong = [f"user {id_} is not online" for id_ in there - online]
    wrong += [f"user {id_} is still online" for id_ in (online & everybody) - there]
    wrong += [
        f"user {id_} has {connections[id_]} connections" for id_ in everybody if connections[id_] != (id_ in there)
    ]
    by_user = {client.person.id: client for client in clients}
    # Agents are told of 200 people at most when they connect, so that only what members were told can be compared.
    pairs = reader.select(
        "SELECT c.user_id, a.user_id FROM chats c JOIN agents a ON a.id = c.agent_id WHERE c.status = 'ACTIVE'"
    )
    return wrong + [
        f"user {member_id} was not told of agent {agent_id}"
        for member_id, agent_id in pairs
        if member_id in there and (agent_id in by_user[member_id].online) != (agent_id in there)
    ]


def check_queue(found: Violations) -> None:
    """Check the invariants of the queue."""
    database.obj.close_all()  # of before a restart
    database.obj.connect(reuse_if_open=True)
    for check in (
        lambda: queue_invariants.check_nobody_waits_beside_a_free_agent(UNANSWERED_CHATS),
        queue_invariants.check_chats_are_with_one_or_wait,
        queue_invariants.check_nobody_waits_for_an_absent_agent,
        queue_invariants.check_members_have_one_open_chat,
        lambda: queue_invariants.check_positions_have_no_gap(datetime.now(UTC)),
    ):
        try:
            check()
        except AssertionError as problem:
            found.add("invariants of the queue", problem)
