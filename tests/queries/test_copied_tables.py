"""Tables are read part by part, each row once; file names stay in their folder."""

from datetime import UTC, datetime

import pytest

from beneficiate.models.chats import Message
from beneficiate.queries import copied_tables
from beneficiate.queries.copied_data import COPIED_TABLES
from beneficiate.queries.copied_tables import CopiedSlice, build_file_path, load_copied_part
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import agent, member, support_chat

NOW = datetime(2026, 8, 25, 15, tzinfo=UTC)
TABLES = {one.code: one for one in COPIED_TABLES}


def read_all(code, who):
    uow, part, parts = UnitOfWork(SYSTEM, NOW), CopiedSlice(TABLES[code], who.id), []
    while True:
        found = load_copied_part(uow, part)
        parts.append(found.rows)
        if found.last is None:
            return parts
        part = CopiedSlice(TABLES[code], who.id, found.last)


def test_messages_come_part_by_part_by_chat_and_number(db, monkeypatch):
    monkeypatch.setattr(copied_tables, "ROWS_PER_PART", 3)
    ana, beto, yuliana = member(), member(), agent()
    chats = [support_chat(ana, yuliana, status="CLOSED") for _ in range(2)]
    for seq in range(1, 5):
        for chat in (*chats, support_chat(beto, yuliana, status="CLOSED")):
            Message.create(chat=chat, seq=seq, sender_type="USER", message="hola", sent_at=NOW)
    parts = read_all("messages", ana)
    assert [len(rows) for rows in parts] == [3, 3, 2]
    read = [(row["chat_id"], row["seq"]) for rows in parts for row in rows]
    assert read == [(chat.id, seq) for chat in chats for seq in range(1, 5)]
    assert parts[0][0]["sent_at"] == "2026-08-25T15:00:00.000000Z"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orden.pdf", "orden.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..\\..\\a.pdf", "_.._a.pdf"),
        ("a/b:c*?.png", "a_b_c__.png"),
        ("..", "archivo"),
        ("\u202egpj.exe\n", "gpj.exe"),
        ("\ud800.png", "_.png"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_file_stays_in_its_folder_whatever_its_name_is(name, expected):
    assert build_file_path("id", name) == f"archivos/id/{expected}"
