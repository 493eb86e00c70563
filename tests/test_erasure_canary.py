"""After an erasure nothing of the member is left: a word of its own in every column, searched for everywhere."""

import json
import logging

import pytest
import redis

from beneficiate.clients.mail import FolderMailClient
from beneficiate.jobs import audit as audit_jobs
from beneficiate.jobs import erasures as jobs
from beneficiate.jobs import storage
from beneficiate.jobs.emails import send_due_appointment_emails, send_due_certificates
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import User
from beneficiate.models.base import database, is_postgresql
from beneficiate.models.erasures import ERASED, ERASING, Erasure, ErasureEmail
from beneficiate.queries.erasures import count_personal_rows
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.erasure_steps import (
    Canary,
    ask_to_be_erased,
    columns_by_kind,
    create_canary,
    dump_database,
    find_words,
    needle,
    text_columns,
    token_of,
)


def test_every_column_with_text_is_in_the_documentation_with_what_happens_to_it():
    assert set(columns_by_kind()) == text_columns()


@pytest.fixture
def files(tmp_path):
    return tmp_path / "files"


@pytest.mark.gen_test
async def test_no_word_of_a_member_is_left_anywhere(db, start, redis_url, settings, files, tmp_path, caplog, capfd):
    caplog.set_level(logging.INFO)
    server = await start(redis_url=redis_url)
    for job in server._jobs:
        job.stop()
    server.context.mail = FolderMailClient(tmp_path / "outbox")
    canary = create_canary(files)
    await storage.index_new_messages(server.context)
    erasure = ask_to_be_erased(canary.person)
    before = dump_database()
    found = {column for column, _ in find_words(before, canary.tokens)}
    # Those that exist for a moment only, between two steps.
    assert {f"{table}.{column}" for table, column in canary.tokens} - found <= {
        "audit_texts.salt", "erasures.email", "erasure_emails.email", "person_words.word", "person_words.reversed_word",
    }  # fmt: skip
    if is_postgresql():
        assert needle(canary.tokens["chat_lines", "message"]) in before["line_words", "words"]
    else:
        assert needle(canary.tokens["chat_lines", "message"]) in before["line_words_data", "block"]
    assert needle(canary.tokens["chat_lines", "message"]) in before["line_segment_words", "word"]
    rows = {table: count for table, count in count_rows().items() if table not in UNCOUNTED}

    await jobs.carry_out_erasures(server.context)
    assert Erasure.get_by_id(erasure.id).state == ERASING
    # What the person is told about appointments is sent first.
    await send_due_appointment_emails(server.context)
    await jobs.carry_out_erasures(server.context)
    row = Erasure.get_by_id(erasure.id)
    assert row.state == ERASED
    await send_due_certificates(server.context)

    assert find_words(dump_database(), canary.tokens) == set()
    assert not ErasureEmail.select().exists()
    assert not AccountEmail.select().exists()
    assert {table: count for table, count in count_rows().items() if table not in UNCOUNTED} == {
        **rows, "audit_entries": rows["audit_entries"] + 1, "erasures": 1,
    }  # fmt: skip
    words = {**canary.tokens, ("files", "content"): token_of("files", "content")}
    assert not [path for path in files.rglob("*") if path.is_file()]
    assert _found_in(redis_dump(redis_url), words) == []
    out = capfd.readouterr()
    assert _found_in("\n".join((out.out, out.err, caplog.text)), words) == []
    assert _found_in((tmp_path / "erasures.jsonl").read_text(), words) == []
    if not is_postgresql():
        _require_clean_file(settings, words)
    # The chain is whole although what it was made of is gone.
    await audit_jobs.verify_chain_parts(server.context)
    assert json.loads(row.counts)["messages"] == 2


UNCOUNTED = {
    "account_emails", "attachments", "chat_tags", "tags", "connections", "dialogues", "form_creations", "holds",
    "line_words", "line_segments", "line_segment_words", "person_words", "quota_uses", "sign_ins",
    "registrations", "member_import_rows",
    "data_copies", "notice_preferences", "push_subscriptions", "away_notices", "push_messages", "notice_emails",
    "audit_texts", "email_request_counts", "erasure_emails", "processes", "audit_state", "rollup_state",
}  # fmt: skip
"""Tables of which no figure, no sum of money and no audit is counted."""


def count_rows():
    if is_postgresql():
        tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    else:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'line_words%'"
    names = [name for (name,) in database.execute_sql(tables).fetchall()]
    count = 'SELECT COUNT(*) FROM "{}"'
    return {name: database.execute_sql(count.format(name)).fetchone()[0] for name in names}


def redis_dump(url):
    client = redis.Redis.from_url(url)
    keys = client.keys("*")
    dump = b"\n".join([*keys, *(client.dump(key) or b"" for key in keys)])
    client.close()
    return dump.decode("latin-1")


def _found_in(text, words):
    return [column for column, token in words.items() if needle(token) in text]


def _require_clean_file(settings, words):
    path = settings.database_url.removeprefix("sqlite:///")
    for suffix in ("", "-wal"):
        with open(path + suffix, "rb") as file:
            assert _found_in(file.read().decode("latin-1"), words) == [], suffix


def test_a_new_column_with_text_is_noticed(monkeypatch):
    """The comparison itself: a model with one more text has to be in the table."""
    assert ("users", "email") in text_columns()
    known = columns_by_kind()
    known.pop(("users", "phone"))
    assert set(known) != text_columns()


def test_counts_are_of_all_that_the_certificate_names(db, files):
    canary = create_canary(files)
    counts = count_personal_rows(UnitOfWork(SYSTEM, User.get_by_id(canary.person.id).created_at), canary.person.id)
    assert not [name for name, count in counts.items() if count == 0]
    assert isinstance(canary, Canary)
