"""The ids of messages that have words: in segments, before them, and while segments are missing."""

import itertools
import random

import pytest

from beneficiate.actions.search_index import index_messages, store_segment
from beneficiate.folding import fold
from beneficiate.models.base import database
from beneficiate.models.chats import Message
from beneficiate.queries import message_index
from beneficiate.queries.message_index import build_next_segment, find_message_ids, find_unindexed_messages
from beneficiate.search import query_words
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW
from tests.factories import agent, member, support_chat

UOW = UnitOfWork(SYSTEM, NOW)
WORDS = ["hola", "holanda", "cita", "citas", "ñandu", "a", "ab", *(f"forma{number}" for number in range(20))]
QUERIES = ["hola", "ho", "cita hola", "forma", "forma1", "forma1 a", "ñan", "nada", "hola nada", "f", "citas ñ ab"]


@pytest.fixture
def small(monkeypatch):
    """Segments of few messages."""
    for name, value in {"SEGMENT_IDS": 16, "INDEX_LOOKBACK_IDS": 5, "MAX_COMPARED_IDS": 25}.items():
        monkeypatch.setattr(message_index, name, value)


@pytest.fixture
def chat(db):
    return support_chat(member(), agent())


def add_messages(chat, texts, first_seq=1):
    rows = [(chat.id, first_seq + n, "USER", text, NOW.isoformat()) for n, text in enumerate(texts)]
    ids = sorted(id_ for (id_,) in Message.insert_bulk(("chat_id", "seq", "sender_type", "message", "sent_at"), rows))
    while index_messages(UOW):
        pass
    return ids


def build_segments():
    built = []
    while (segment := build_next_segment(UOW)) is not None:
        store_segment(UOW, segment)
        built.append(segment)
    return built


def random_texts(count):
    chance = random.Random(1)
    # Words that only the oldest messages have, and words that are never together.
    return [
        " ".join([*chance.sample(WORDS, 3), "antigua" if n < count // 3 else "nueva", "par" if n % 2 else "impar"])
        for n in range(count)
    ]


def expected_ids(texts_by_id, query):
    parts = query_words(query)
    return [
        id_
        for id_, text in sorted(texts_by_id.items(), reverse=True)
        if all(any(word.startswith(part) for word in fold(text).split()) for part in parts)
    ]


def assert_found(texts_by_id):
    for query in [*QUERIES, "antigua", "nueva", "par impar", "antigua nueva", "antigua impar ho"]:
        expected = expected_ids(texts_by_id, query)
        for count in (1, 21, 1000):
            assert find_message_ids(query_words(query), count) == expected[:count], (query, count)


@pytest.mark.parametrize("segments", ["none", "one", "all"])
def test_every_search_finds_what_has_the_words_newest_first(small, chat, segments):
    texts = random_texts(150)
    by_id = dict(zip(add_messages(chat, texts), texts, strict=True))
    if segments == "one":
        store_segment(UOW, build_next_segment(UOW))
    elif segments == "all":
        assert len(build_segments()) == (150 - 5 - 1) // 16
    assert_found(by_id)
    gone = [id_ for id_ in by_id if id_ % 3 == 0]
    Message.delete().where(Message.id.in_(gone)).execute()
    assert_found({id_: text for id_, text in by_id.items() if id_ not in gone})


def test_segment_is_built_when_its_messages_do_not_change_any_more(small, chat):
    (first,) = add_messages(chat, ["uno"])
    ids = [first, *add_messages(chat, ["dos"] * 20, 2)]
    assert build_next_segment(UOW) is None
    ids += add_messages(chat, ["tres"], 22)
    segment = build_next_segment(UOW)
    assert (segment.first_id, segment.end_id) == (first, first + 16)
    # What is put into the index late comes after it.
    Message.delete().where(Message.id == ids[15]).execute()
    late = {"id": ids[15], "chat": chat, "seq": 16, "sender_type": "USER", "message": "tarde", "sent_at": NOW}
    Message.insert(**late).execute()
    assert [id_ for id_, _ in find_unindexed_messages(5)] == []
    assert ids[15] < segment.end_id


def test_segment_with_many_words_is_shorter(small, chat, monkeypatch):
    monkeypatch.setattr(message_index, "MAX_SEGMENT_WORDS", 20)
    monkeypatch.setattr(message_index, "MESSAGES_PER_READ", 2)
    texts = ["una frase de cinco palabras"] * 4 + random_texts(40)
    by_id = dict(zip(add_messages(chat, texts), texts, strict=True))
    segments = build_segments()
    assert segments[0].end_id - segments[0].first_id == 4
    assert all(before.end_id == after.first_id for before, after in itertools.pairwise(segments))
    assert_found(by_id)


def test_gap_in_the_ids_takes_no_segments(small, chat):
    add_messages(chat, ["hola"] * 30)
    far = {"id": 1_000_000, "chat": chat, "seq": 31, "sender_type": "USER", "message": "hola", "sent_at": NOW}
    Message.insert(**far).execute()
    index_messages(UOW)
    assert len(build_segments()) == 2
    assert len(find_message_ids(["hola"], 100)) == 31


def test_segment_is_stored_once(small, chat):
    add_messages(chat, ["hola"] * 40)
    segment = build_next_segment(UOW)
    for _ in range(2):
        store_segment(UOW, segment)
    (count,) = database.execute_sql("SELECT COUNT(*) FROM line_segments").fetchone()
    assert count == 1


def words_of_segments():
    return {word for (word,) in database.execute_sql("SELECT word FROM line_segment_words").fetchall()}


def test_words_of_what_was_deleted_or_recalled_leave_their_segment(small, chat):
    ids = add_messages(chat, ["hola", "secreto", "intimo", *["hola"] * 40])
    build_segments()
    assert words_of_segments() == {"hola", "secreto", "intimo"}
    Message.update(message="(retirado)").where(Message.id == ids[1]).execute()
    assert find_message_ids(["secreto"], 10) == []
    stale = build_next_segment(UOW)
    Message.delete().where(Message.id == ids[2]).execute()
    # It changed after it was read.
    store_segment(UOW, stale)
    assert "intimo" in words_of_segments()
    assert [one.first_id for one in build_segments()] == [ids[0]]
    assert words_of_segments() == {"hola"}
    assert len(find_message_ids(["hola"], 100)) == 41


def test_messages_with_ids_that_are_used_again_are_found(small, chat):
    ids = add_messages(chat, ["hola"] * 60)
    build_segments()
    Message.delete().where(Message.id >= ids[5]).execute()
    columns = {"chat": chat, "sender_type": "USER", "sent_at": NOW}
    for number, id_ in enumerate(ids[5:]):
        Message.insert(id=id_, seq=6 + number, message="adios", **columns).execute()
    while index_messages(UOW):
        pass
    assert len(find_message_ids(["adios"], 100)) == 55
    build_segments()
    assert len(find_message_ids(["adios"], 100)) == 55
    assert find_message_ids(["hola"], 100) == ids[4::-1]


def test_statements_do_not_grow_with_the_messages_that_have_the_words(small, chat, monkeypatch):
    texts = random_texts(300)
    add_messages(chat, texts)
    build_segments()
    original = type(database.obj).execute_sql

    def count_rows(query):
        rows = []

        def execute_sql(self, sql, *rest):
            found = original(self, sql, *rest).fetchall()
            rows.extend(found)
            return type("Rows", (), {"fetchall": lambda _: found, "fetchone": lambda _: found[0]})()

        with monkeypatch.context() as patch:
            patch.setattr(type(database.obj), "execute_sql", execute_sql)
            find_message_ids(query.split(), 21)
        return len(rows)

    segments = 300 // 16
    for query in ("antigua", "par impar", "antigua nueva", "nada"):
        # The segments, a bitmap of each for every part, and the messages of the page.
        assert count_rows(query) <= segments * (1 + len(query.split())) + 3 * 21, query
