"""Rows written in bulk are read back unchanged."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from beneficiate.models.accounts import User
from beneficiate.models.base import instant_to_text, open_database
from beneficiate.models.chats import Chat, Message
from tests.factories import agent, member, support_chat

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


NOW = datetime(2026, 8, 25, 15, 0, 0, 123456, tzinfo=UTC)
COLUMNS = ("chat_id", "seq", "sender_type", "sender_id", "message", "client_id", "sent_at")
TEXTS = [
    "",
    "a",
    "Buenos días",
    "😀",
    'comillas " y \\ barra',
    "línea\nlínea",
    "{}",
    "null",
    "%s ? :a",
    "\u2028",
    "'; --",
    "\\u0000",
]


@pytest.fixture
def chat():
    return support_chat(member(), agent())


def insert(chat, *texts, returning="id, seq"):
    rows = [(chat.id, seq, "USER", chat.user_id, text, None, instant_to_text(NOW)) for seq, text in enumerate(texts, 1)]
    return Message.insert_bulk(COLUMNS, rows, returning=returning)


def test_column_with_a_default_that_is_not_given_gets_it():
    columns = ("kind", "status", "user_id", "last_seq", "created_at", "updated_at")
    rows = [("SUPPORT", "WAITING", member().id, 7, instant_to_text(NOW), instant_to_text(NOW)) for _ in range(2)]
    Chat.insert_bulk(columns, rows)
    defaults = {field.name: value for field, value in Chat._meta.defaults.items()} | {"last_seq": 7}
    assert len(defaults) > 5
    for made in Chat.select():
        assert {name: getattr(made, name) for name in defaults} == defaults


def test_text_of_any_kind_comes_back_as_it_was(chat):
    insert(chat, *TEXTS)
    assert [line.message for line in Message.select().order_by(Message.seq)] == TEXTS


def test_instant_keeps_its_microseconds_and_its_zone(chat):
    insert(chat, "a")
    assert Message.get().sent_at == NOW
    elsewhere = NOW.astimezone(datetime.strptime("-0500", "%z").tzinfo)
    assert instant_to_text(elsewhere) == instant_to_text(NOW)


@pytest.mark.parametrize("zone", [timedelta(hours=23, minutes=59), timedelta(hours=-16)])
def test_instant_of_any_zone_is_stored_and_found(chat, zone):
    insert(chat, "a")
    Message.update(sent_at=(NOW + timedelta(days=1)).astimezone(timezone(zone))).execute()
    found = Message.get(Message.sent_at == (NOW + timedelta(days=1)).astimezone(timezone(zone)))
    assert found.sent_at == NOW + timedelta(days=1)


def test_nothing_stays_nothing(chat):
    Message.insert_bulk(COLUMNS, [(chat.id, 1, "SYSTEM", None, "a", None, instant_to_text(NOW))])
    assert (Message.get().sender_id, Message.get().client_id) == (None, None)


def test_columns_asked_for_come_back_for_every_row(chat):
    returned = insert(chat, *"abc", returning="seq, id")
    assert sorted(returned) == list(Message.select(Message.seq, Message.id).order_by(Message.seq).tuples())


def test_no_rows_insert_nothing(chat):
    assert insert(chat) == []


def test_update_changes_its_rows_and_no_others():
    chats = [support_chat(member(), agent()) for _ in range(3)]
    Chat.update(other_unread=10).execute()
    later = instant_to_text(NOW + timedelta(days=1))
    changes = [(chats[0].id, 5, "uno", later, 2), (chats[2].id, 6, "dos", later, 0), (2_000_000_000, 7, "no", later, 0)]
    Chat.update_bulk(
        "last_seq = new.last_seq, last_line = new.last_line, updated_at = new.updated_at, "
        "other_unread = chats.other_unread + new.other_unread",
        ("id", "last_seq", "last_line", "updated_at", "other_unread"),
        changes,
    )
    rows = [Chat.get_by_id(chat.id) for chat in chats]
    counts = [(row.last_seq, row.last_line, row.other_unread) for row in rows]
    assert counts == [(5, "uno", 12), (0, "", 10), (6, "dos", 10)]
    assert rows[0].updated_at == NOW + timedelta(days=1)
    assert rows[1].updated_at == chats[1].updated_at


def test_columns_with_a_common_prefix_are_distinguished():
    chat = support_chat(member(), agent())
    Chat.update_bulk(
        "user_unread = new.user_unread, user_read_seq = new.user_read_seq",
        ("id", "user_read_seq", "user_unread"),
        [(chat.id, 3, 4)],
    )
    row = Chat.get_by_id(chat.id)
    assert (row.user_read_seq, row.user_unread) == (3, 4)


def test_booleans_travel_too():
    User.insert_bulk(
        (
            "email",
            "password_hash",
            "first_name",
            "last_name",
            "document_type",
            "document_number",
            "phone",
            "is_active",
            "online_status",
            "created_at",
        ),
        [("x@x.co", "!", "A", "B", "CC", "1", "", True, False, instant_to_text(NOW))],
    )
    row = User.get(User.email == "x@x.co")
    assert (row.is_active, row.online_status) == (True, False)


@pytest.mark.parametrize("lock", [False, True])
def test_rows_are_fetched_in_order_of_id_and_unknown_ids_are_left_out(lock):
    chats = [support_chat(member(), None) for _ in range(3)]
    ids = [chats[2].id, chats[0].id, 2_000_000_000]
    assert Chat.fetch_bulk(("id", "status"), ids, lock=lock) == [(chats[0].id, "WAITING"), (chats[2].id, "WAITING")]
    assert Chat.fetch_bulk(("id",), [], lock=lock) == []


def test_url_of_another_kind_of_database_is_refused():
    for url in ("mysql://x/y", "", "benef.db"):
        with pytest.raises(ValueError, match="DATABASE_URL"):
            open_database(url)


def test_sessions_of_postgresql_wait_for_nothing_without_end(db, backend):
    if backend == "sqlite":
        pytest.skip("PostgreSQL only")
    db.execute_sql("RESET idle_in_transaction_session_timeout")  # which the fixture sets for its long transaction
    names = ("TimeZone", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    shown = [db.execute_sql(f"SHOW {name}").fetchone()[0] for name in names]
    assert shown == ["UTC", "3s", "30s", "5s"]
