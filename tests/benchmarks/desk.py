"""Figures of the desk's tools: `python -m tests.benchmarks.desk [sqlite|postgresql]`.

10,000 members with a support chat each, 200,000 lines, 40 agents. The milliseconds of a page of each list and of a
search, as a query takes them, and how many lines a second the index takes. `cpu` is what this process worked for it.
"""

import platform
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from beneficiate.actions import search_index
from beneficiate.models.accounts import User
from beneficiate.models.base import database, instant_to_text, is_postgresql, write_transaction
from beneficiate.models.chats import ACTIVE, CLOSED, SUPPORT, WAITING, Chat, ChatTag, Message, Tag
from beneficiate.queries.chat_lists import ChatListQuery, list_desk_chats
from beneficiate.queries.message_index import has_unindexed_messages
from beneficiate.queries.search import SearchQuery, search_desk
from beneficiate.unit_of_work import UnitOfWork
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.factories import agent, supervisor

CHATS, LINES, AGENTS, OPEN, ROUNDS = 10_000, 20, 40, 600, 15
NOW = datetime.now(UTC)
FIRST_NAMES = (
    "Ana",
    "Luz",
    "María José",
    "Camilo",
    "Yuliana",
    "Óscar",
    "Inés",
    "Rosa",
    "Íngrid",
    "Jhon",
    "Martín",
    "Ángel",
)
LAST_NAMES = (
    "Rojas",
    "Peña",
    "Gutiérrez",
    "Núñez",
    "Castaño",
    "Quintero",
    "Mercado",
    "Pabón",
    "Uribe",
    "Maldonado",
    "Ortega",
)
COMMON_WORDS = (
    "hola",
    "buenos",
    "días",
    "gracias",
    "cita",
    "médico",
    "señora",
    "mañana",
    "pago",
    "plan",
    "familia",
    "sede",
)
RARE_WORDS = [f"palabra{number}" for number in range(5000)]
SEARCHES = ("hola", "cita", "cita gracias", "palabra77", "palabra77 palabra78", "quenohay", "pena", "gutieres", "52000")


def fill_database() -> list[Any]:
    """Fill the database with users, chats and messages, the same each time (fixed seed); return the staff."""
    chance = random.Random(1)
    staff = [agent() for _ in range(AGENTS)]
    columns = ("email", "password_hash", "first_name", "last_name", "document_type", "document_number", "phone",
               "is_active", "online_status", "created_at")  # fmt: skip
    people = [
        (f"m{n}@correo.co", "", chance.choice(FIRST_NAMES),
         f"{chance.choice(LAST_NAMES)} {chance.choice(LAST_NAMES)}", "CC", f"{52_000_000 + n}", "", True, n % 10 == 0,
         instant_to_text(NOW))
        for n in range(CHATS)
    ]  # fmt: skip
    members = sorted(id_ for (id_,) in User.insert_bulk(columns, people))
    columns = ("kind", "status", "user_id", "agent_id", "created_at", "updated_at", "awaiting_since", "last_seq",
               "last_line", "other_unread", "is_front", "needs_first_reply", "bot_muted", "user_delivered_seq",
               "user_read_seq", "user_unread", "other_delivered_seq", "other_read_seq")  # fmt: skip
    rows = []
    for n, user_id in enumerate(members):
        status = WAITING if n % 100 == 0 else ACTIVE if n % 100 <= OPEN // 100 else CLOSED
        at = instant_to_text(NOW - timedelta(seconds=chance.randrange(90 * 86_400)))
        owner = None if status == WAITING else staff[n // 100 % AGENTS].agent_id
        rows.append((SUPPORT, status, user_id, owner, at, at, at, LINES, _random_text(chance), n % 4, False, False,
                     False, 0, 0, 0, 0, 0))  # fmt: skip
    chats = sorted(id_ for (id_,) in Chat.insert_bulk(columns, rows))
    columns = ("chat_id", "seq", "sender_type", "sender_id", "message", "sent_at")
    for start in range(0, CHATS, 500):
        some = [
            (chats[n], seq, "USER", members[n], _random_text(chance), instant_to_text(NOW))
            for n in range(start, start + 500)
            for seq in range(1, LINES + 1)
        ]
        Message.insert_bulk(columns, some)
    tags = [Tag.create(name=f"Tema {n}", folded=f"tema {n}").id for n in range(10)]
    tagged = [{"chat": chat_id, "tag": tag} for chat_id in chats for tag in chance.sample(tags, 2)]
    for start in range(0, len(tagged), 1000):
        ChatTag.insert_many(tagged[start : start + 1000]).execute()
    return staff


def measure_indexing() -> float:
    """Index all messages; return messages a second."""
    began, uow, lines = time.perf_counter(), UnitOfWork(supervisor().actor, NOW), 0
    while True:
        with write_transaction():
            done = search_index.index_messages(uow)
        lines += done
        if not done:
            return lines / (time.perf_counter() - began)


def measure_lists(uow: UnitOfWork) -> None:
    for tab in ("mine", "waiting", "all", "closed"):
        first = list_desk_chats(uow, ChatListQuery(tab))
        print_timing(f"{tab}, {first.counts[tab]} chats", lambda tab=tab: list_desk_chats(uow, ChatListQuery(tab)))
    page = list_desk_chats(uow, ChatListQuery("closed"))
    for _ in range(100):
        page = list_desk_chats(uow, ChatListQuery("closed", before=page.before or ""))
    print_timing("closed, page 100", lambda: list_desk_chats(uow, ChatListQuery("closed", before=page.before or "")))
    print_timing("closed, with a tag", lambda: list_desk_chats(uow, ChatListQuery("closed", tag="Tema 3")))
    print_timing("closed, of «pena»", lambda: list_desk_chats(uow, ChatListQuery("closed", text="pena")))
    print_timing("all, of one document", lambda: list_desk_chats(uow, ChatListQuery("all", text="52000101")))


def measure_searches(uow: UnitOfWork) -> None:
    for text in SEARCHES:
        print_timing(f"search «{text}»", lambda text=text: search_desk(uow, SearchQuery(text)))
    print_timing("search «hola», page 100", lambda: search_desk(uow, SearchQuery("hola", 100)))
    print_timing("a look for new lines", lambda: has_unindexed_messages(uow))


def print_timing(name: str, query: Callable[[], Any]) -> None:
    took, worked = [], []
    query()
    for _ in range(ROUNDS):
        began, began_cpu = time.perf_counter(), time.thread_time()
        query()
        took.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.thread_time() - began_cpu))
    backend = "postgresql" if is_postgresql() else "sqlite"
    median, slowest, cpu = statistics.median(took), max(took), statistics.median(worked)
    print(
        f"{backend:<11}{name:<28}median {median:>7.1f} ms   slowest {slowest:>7.1f} ms   cpu {cpu:>6.1f} ms", flush=True
    )


def benchmark(backend: str) -> None:
    with bench_database(backend):
        with write_transaction():
            staff = fill_database()
        database.execute_sql("ANALYZE")
        print(f"{backend:<11}{'index':<28}{measure_indexing():,.0f} lines/s")
        database.execute_sql("ANALYZE")
        uow = UnitOfWork(staff[0].actor, NOW)
        measure_lists(uow)
        measure_searches(uow)


def _random_text(chance: random.Random) -> str:
    return " ".join([*chance.sample(COMMON_WORDS, 5), *chance.choices(RARE_WORDS, k=3)])


if __name__ == "__main__":
    print(f"Python {platform.python_version()}; {CHATS} chats, {CHATS * LINES} lines")
    for backend in requested_backends():
        benchmark(backend)
