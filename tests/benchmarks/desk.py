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

from beneficiate.actions import indexing
from beneficiate.models.base import as_text, database, is_postgresql, transaction
from beneficiate.models.chats import ACTIVE, CLOSED, SUPPORT, WAITING, Chat, ChatTag, Line, Tag
from beneficiate.models.people import User
from beneficiate.queries.conversations import Asked, conversations
from beneficiate.queries.finding import Sought, find
from beneficiate.store import Work
from tests.benchmarks.ground import asked, ground
from tests.people import agent, supervisor

CHATS, LINES, AGENTS, OPEN, ROUNDS = 10_000, 20, 40, 600, 15
NOW = datetime.now(UTC)
FIRST = ("Ana", "Luz", "María José", "Camilo", "Yuliana", "Óscar", "Inés", "Rosa", "Íngrid", "Jhon", "Martín", "Ángel")
LAST = (
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
COMMON = ("hola", "buenos", "días", "gracias", "cita", "médico", "señora", "mañana", "pago", "plan", "familia", "sede")
RARE = [f"palabra{number}" for number in range(5000)]
SEARCHES = ("hola", "cita", "cita gracias", "palabra77", "palabra77 palabra78", "quenohay", "pena", "gutieres", "52000")


def fill() -> list[Any]:
    """The staff; its people, chats and lines are in the database. A fixed seed makes them the same each time."""
    chance = random.Random(1)
    staff = [agent() for _ in range(AGENTS)]
    columns = ("email", "password_hash", "first_name", "last_name", "document_type", "document_number", "phone",
               "is_active", "online_status", "created_at")  # fmt: skip
    people = [
        (f"m{n}@correo.co", "", chance.choice(FIRST), f"{chance.choice(LAST)} {chance.choice(LAST)}", "CC",
         f"{52_000_000 + n}", "", True, n % 10 == 0, as_text(NOW))
        for n in range(CHATS)
    ]  # fmt: skip
    members = sorted(id_ for (id_,) in User.insert_bulk(columns, people))
    columns = ("kind", "status", "user_id", "agent_id", "created_at", "updated_at", "queued_at", "last_seq",
               "last_line", "other_unread", "is_front", "agent_was_here", "bot_muted", "user_delivered_seq",
               "user_read_seq", "user_unread", "other_delivered_seq", "other_read_seq")  # fmt: skip
    rows = []
    for n, user_id in enumerate(members):
        status = WAITING if n % 100 == 0 else ACTIVE if n % 100 <= OPEN // 100 else CLOSED
        at = as_text(NOW - timedelta(seconds=chance.randrange(90 * 86_400)))
        owner = None if status == WAITING else staff[n // 100 % AGENTS].agent_id
        rows.append((SUPPORT, status, user_id, owner, at, at, at, LINES, _said(chance), n % 4, False, False, False,
                     0, 0, 0, 0, 0))  # fmt: skip
    chats = sorted(id_ for (id_,) in Chat.insert_bulk(columns, rows))
    columns = ("chat_id", "seq", "sender_type", "sender_id", "message", "sent_at")
    for start in range(0, CHATS, 500):
        some = [
            (chats[n], seq, "USER", members[n], _said(chance), as_text(NOW))
            for n in range(start, start + 500)
            for seq in range(1, LINES + 1)
        ]
        Line.insert_bulk(columns, some)
    tags = [Tag.create(name=f"Tema {n}", folded=f"tema {n}").id for n in range(10)]
    tagged = [{"chat": chat_id, "tag": tag} for chat_id in chats for tag in chance.sample(tags, 2)]
    for start in range(0, len(tagged), 1000):
        ChatTag.insert_many(tagged[start : start + 1000]).execute()
    return staff


def index() -> float:
    """Put everything into the index; lines a second."""
    began, work, lines = time.perf_counter(), Work(supervisor().actor, NOW), 0
    while True:
        with transaction():
            done = indexing.index_lines(work)
        lines += done
        if not done:
            return lines / (time.perf_counter() - began)


def lists(work: Work) -> None:
    for tab in ("mine", "waiting", "all", "closed"):
        first = conversations(work, Asked(tab))
        show(f"{tab}, {first.counts[tab]} chats", lambda tab=tab: conversations(work, Asked(tab)))
    page = conversations(work, Asked("closed"))
    for _ in range(100):
        page = conversations(work, Asked("closed", before=page.before or ""))
    show("closed, page 100", lambda: conversations(work, Asked("closed", before=page.before or "")))
    show("closed, with a tag", lambda: conversations(work, Asked("closed", tag="Tema 3")))
    show("closed, of «pena»", lambda: conversations(work, Asked("closed", text="pena")))
    show("all, of one document", lambda: conversations(work, Asked("all", text="52000101")))


def searches(work: Work) -> None:
    for text in SEARCHES:
        show(f"search «{text}»", lambda text=text: find(work, Sought(text)))
    show("search «hola», page 100", lambda: find(work, Sought("hola", 100)))
    show("a look for new lines", lambda: indexing.has_missing(work))


def show(name: str, query: Callable[[], Any]) -> None:
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
    with ground(backend):
        with transaction():
            staff = fill()
        database.execute_sql("ANALYZE")
        print(f"{backend:<11}{'index':<28}{index():,.0f} lines/s")
        database.execute_sql("ANALYZE")
        work = Work(staff[0].actor, NOW)
        lists(work)
        searches(work)


def _said(chance: random.Random) -> str:
    return " ".join([*chance.sample(COMMON, 5), *chance.choices(RARE, k=3)])


if __name__ == "__main__":
    print(f"Python {platform.python_version()}; {CHATS} chats, {CHATS * LINES} lines")
    for backend in asked():
        benchmark(backend)
