"""Figures of the searches of the desk: `python -m tests.benchmarks.search [sqlite|postgresql] [MESSAGES]`.

50,000 members and 17,000 beneficiaries; 1,000,000 messages unless another number is given. The milliseconds of a search
for patients, and of a search in messages, as a query takes them: the median, the 95th percentile and the slowest.
"""

import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from beneficiate.actions.search_index import store_segment
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.base import database, instant_to_text, is_postgresql, write_transaction
from beneficiate.models.chats import CLOSED, SUPPORT, Chat, Message
from beneficiate.queries.message_index import build_next_segment
from beneficiate.queries.patients import search_patients
from beneficiate.queries.search import SearchQuery, search_desk
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.benchmarks.desk import COMMON_WORDS, FIRST_NAMES, LAST_NAMES, RARE_WORDS
from tests.factories import agent

MEMBERS, BENEFICIARIES, MESSAGES, MESSAGES_PER_CHAT, PART, ROUNDS = 50_000, 17_000, 1_000_000, 50, 5_000, 40
NOW = datetime.now(UTC)
PLAIN_WORDS = [word.replace("í", "i").replace("é", "e").replace("ñ", "n") for word in COMMON_WORDS]
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "pa", "ro", "su", "ta", "ve", "xi", "zo")
PATIENTS = ("an", "ma", "ana", "mar", "maria", "maria garcia", "rojas", "ana rojas", "garsia", "gutieres", "maldonaldo",
            "zzzzzz", "52", "102", "m1", "520123", "52012345", "m123", "m12345@correo.co", "300 001 2345")  # fmt: skip
WORDS = {
    "common": "hola",
    "two common": "cita gracias",
    "rare": "palabra77",
    "two rare": "palabra77 palabra78",
    "in nobody's": "quenohay",
    "common, only in old ones": "antigua",
    "two letters, only in old ones": "an",
    "common, only in the oldest": "fundadora",
    "old and common": "antigua cita",
    "common, never together": "parejo impar",
    "common, never together, old": "antigua nueva",
    "many forms": "palabra",
    "many forms, and nobody's": "palabra quenohay",
    "many forms, and rare": "pa palabra77",
    "many forms, never together": "palabra fundadora nueva",
}


def fill_people() -> None:
    """Create the members and the beneficiaries, the same each time (fixed seed)."""
    chance = random.Random(2)
    columns = ("email", "password_hash", "first_name", "last_name", "document_type", "document_number", "phone",
               "is_active", "online_status", "created_at")  # fmt: skip
    members: list[int] = []
    for start in range(0, MEMBERS, PART):
        rows = [
            (f"m{n}@correo.co", "", chance.choice(FIRST_NAMES), f"{_last_name(chance)} {_last_name(chance)}", "CC",
             f"{52_000_000 + n}", f"+57 300 {n:07}", True, False, instant_to_text(NOW))
            for n in range(start, start + PART)
        ]  # fmt: skip
        members += sorted(id_ for (id_,) in User.insert_bulk(columns, rows))
    columns = ("user_id", "first_name", "last_name", "document_type", "document_number", "relationship", "created_at")
    for start in range(0, BENEFICIARIES, 1000):
        rows = [
            (members[n % 30_000], chance.choice(FIRST_NAMES), f"{_last_name(chance)} {_last_name(chance)}", "TI",
             f"{1_020_000_000 + n}", "hijo", instant_to_text(NOW))
            for n in range(start, start + 1000)
        ]  # fmt: skip
        Beneficiary.insert_bulk(columns, rows)


def fill_messages(count: int) -> None:
    """Create chats of members with `count` messages in all, and put them into the index; the same each time."""
    chance = random.Random(3)
    members = [id_ for (id_,) in User.select(User.id).order_by(User.id).limit(count // MESSAGES_PER_CHAT).tuples()]
    at = instant_to_text(NOW)
    columns = ("kind", "status", "user_id", "created_at", "updated_at", "last_seq", "last_line")
    chats = [(SUPPORT, CLOSED, user_id, at, at, MESSAGES_PER_CHAT, "") for user_id in members]
    ids = sorted(id_ for (id_,) in Chat.insert_bulk(columns, chats))
    columns = ("chat_id", "seq", "sender_type", "message", "sent_at")
    for start in range(0, count, PART):
        rows = [
            (ids[n // MESSAGES_PER_CHAT], n % MESSAGES_PER_CHAT + 1, "USER", _message(chance, n, count), at)
            for n in range(start, start + PART)
        ]
        with write_transaction():
            Message.insert_bulk(columns, rows)
    # As `actions/search_index.py` does, in one statement: the texts are folded already.
    with write_transaction():
        if is_postgresql():
            database.execute_sql("SET LOCAL statement_timeout = 0")
            words = "line_words (line_id, words) SELECT id, array_to_tsvector(string_to_array(message, ' '))"
        else:
            words = "line_words (rowid, said) SELECT id, message"
        database.execute_sql(f"INSERT INTO {words} FROM chat_lines ORDER BY id")
    segments, began, uow = 0, time.perf_counter(), UnitOfWork(SYSTEM, NOW)
    while (segment := build_next_segment(uow)) is not None:
        with write_transaction():
            store_segment(uow, segment)
        segments += 1
    print(f"{segments} segments in {time.perf_counter() - began:.0f} s")


def _message(chance: random.Random, number: int, count: int) -> str:
    """Return a text of eight or nine words."""
    words = [*chance.sample(PLAIN_WORDS, 4), *chance.choices(RARE_WORDS, k=3), "impar" if number % 2 else "parejo"]
    age = 1 - number / count
    if age > 0.5:
        words.append("antigua" if chance.random() < 0.4 or age <= 0.9 else "fundadora")
    else:
        words.append("nueva")
    return " ".join(words)


def _last_name(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return chance.choice(LAST_NAMES)
    return "".join(chance.choices(SYLLABLES, k=4)).capitalize()


def print_timing(name: str, query: Callable[[], Any]) -> None:
    took = []
    query()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        query()
        took.append(1000 * (time.perf_counter() - began))
    median, late, slowest = statistics.median(took), statistics.quantiles(took, n=20)[-1], max(took)
    backend = "postgresql" if is_postgresql() else "sqlite"
    print(f"{backend:<11}{name:<44}median {median:>7.1f}   p95 {late:>7.1f}   slowest {slowest:>7.1f} ms", flush=True)


def measure(uow: UnitOfWork) -> None:
    for text in PATIENTS:
        print_timing(f"patients «{text}»", lambda text=text: search_patients(uow, text))
    for name, text in WORDS.items():
        print_timing(f"{name}: «{text}»", lambda text=text: search_desk(uow, SearchQuery(text)))
    for text in ("hola", "antigua"):
        print_timing(f"page 100: «{text}»", lambda text=text: search_desk(uow, SearchQuery(text, 100)))


def benchmark(backend: str, messages: int) -> None:
    with bench_database(backend):
        with write_transaction():
            fill_people()
            staff = agent()
        fill_messages(messages)
        if is_postgresql():
            database.execute_sql("SET statement_timeout = 0")
            database.execute_sql("VACUUM ANALYZE")
        else:
            database.execute_sql("ANALYZE")
        measure(UnitOfWork(staff.actor, NOW))


if __name__ == "__main__":
    count = next((int(one) for one in sys.argv[1:] if one.isdecimal()), MESSAGES)
    print(f"Python {platform.python_version()}; {MEMBERS} members, {BENEFICIARIES} beneficiaries, {count} messages")
    for backend in requested_backends():
        benchmark(backend, count)
