"""The full-text index of support chats: what is not in it yet, and the ids of the messages that have words.

The newest messages are compared one by one. Those before are in segments, each with a bitmap for every word: a search
reads some rows of each segment, however many messages have the words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from beneficiate.bitmaps import MERGED, build_bitmaps, decode_bitmap, iterate_bits
from beneficiate.models.base import database, is_postgresql
from beneficiate.unit_of_work import UnitOfWork

INDEX_LOOKBACK_IDS = 2000
"""Messages of two processes may be committed in another order than that of their ids: so far back we search again."""
SEGMENT_IDS = 8192
"""Consecutive ids of a segment: 1 KB for a word that many have, 20 bytes for one that few have."""
MAX_SEGMENT_WORDS = 200_000
"""A segment ends where its messages have so many words, which take some 50 MB while it is built."""
MAX_COMPARED_IDS = 2 * (SEGMENT_IDS + INDEX_LOOKBACK_IDS)
"""So many ids are compared one by one, which takes 1 ms for 1,000. While the segments lag behind more, the inverted
index of the database is asked about the rest."""
SEGMENTS_PER_READ = 128
MESSAGES_PER_READ = 1000

# The table under the virtual one of SQLite knows its ids by an index of its own.
_INDEX_TABLES = {True: ("line_words", "line_id"), False: ("line_words_content", "id")}
_UNINDEXED_SQL = (
    "SELECT chat_lines.id, chat_lines.message FROM chat_lines JOIN chats ON chats.id = chat_lines.chat_id "
    "WHERE chat_lines.id > {since} AND chats.kind = 'SUPPORT' AND chat_lines.sender_type <> 'SYSTEM' "
    "AND NOT EXISTS (SELECT 1 FROM {words} AS known WHERE known.{id} = chat_lines.id AND known.{id} > {since}) "
    "ORDER BY chat_lines.id LIMIT {limit}{lock}"
)
_WORDS_SQL = {
    True: "SELECT line_id, array_to_string(tsvector_to_array(words), ' ') FROM line_words "
    "WHERE line_id >= %s AND line_id < %s ORDER BY line_id LIMIT %s",
    False: "SELECT id, c0 FROM line_words_content WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
}
_POSTGRESQL_COMPARE_SQL = (
    "SELECT line_id FROM line_words WHERE line_id >= {since} AND words @@ %s::tsquery ORDER BY line_id DESC LIMIT %s"
)
_SQLITE_COMPARE_SQL = "SELECT id FROM line_words_content WHERE id >= {since}{words} ORDER BY id DESC LIMIT ?"
# Materialized: with the LIMIT beside the condition, the planner would read all messages from the newest on.
_POSTGRESQL_INVERTED_SQL = (
    "WITH found AS MATERIALIZED (SELECT line_id FROM line_words WHERE words @@ %s::tsquery) "
    "SELECT line_id FROM found WHERE line_id >= {since} ORDER BY line_id DESC LIMIT %s"
)
_SQLITE_INVERTED_SQL = (
    "SELECT found.rowid FROM line_words AS found WHERE line_words MATCH ? AND found.rowid >= {since} "
    "ORDER BY found.rowid DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """The bitmaps of the messages from one id until before another one, by word.

    `changes` is what had changed in a stored segment when it was read to be built again; None for a new one.
    """

    first_id: int
    end_id: int
    bitmaps: dict[str, bytes]
    changes: int | None = None


def has_unindexed_messages(uow: UnitOfWork) -> bool:
    """Return whether there are messages that are not in the search index yet."""
    return bool(find_unindexed_messages(1))


def find_unindexed_messages(limit: int, *, lock: bool = False) -> list[tuple[int, str]]:
    """Return the (id, text) of at most `limit` messages of support chats that are not in the index, oldest first.

    With `lock` nobody changes them until the unit of work ends: a text that was recalled meanwhile must not be indexed.
    """
    words, id_ = _INDEX_TABLES[is_postgresql()]
    # A number and no subquery, on both sides: the planner sees how few rows there are and reads no whole table.
    since = _newest_indexed_id() - INDEX_LOOKBACK_IDS
    lock_clause = " FOR SHARE OF chat_lines" if lock and is_postgresql() else ""
    sql = _UNINDEXED_SQL.format(words=words, id=id_, since=since, limit=limit, lock=lock_clause)
    return list(database.execute_sql(sql).fetchall())


def build_next_segment(uow: UnitOfWork) -> Segment | None:
    """Return a segment that has changed, or else that of the oldest messages that are in none.

    None until there are enough of them which are so old that nothing is put into the index before them any more.
    """
    changed = _fetch("SELECT first_id, end_id, changes FROM line_segments WHERE changes > 0 ORDER BY first_id LIMIT 1")
    if changed:
        ((first_id, end_id, changes),) = changed
        messages, _ = _load_words(first_id, end_id)
        return Segment(first_id, end_id, build_bitmaps(messages, first_id), changes)
    words, id_ = _INDEX_TABLES[is_postgresql()]
    oldest = f"SELECT MIN({id_}) FROM {words} WHERE {id_} >= {_find_segments_end()}"  # noqa: S608
    (first_id,) = database.execute_sql(oldest).fetchone()
    if first_id is None or first_id + SEGMENT_IDS > _newest_indexed_id() - INDEX_LOOKBACK_IDS:
        return None
    messages, end_id = _load_words(first_id, first_id + SEGMENT_IDS)
    return Segment(first_id, end_id, build_bitmaps(messages, first_id))


def find_message_ids(parts: list[str], count: int) -> list[int]:
    """Return the ids of at most `count` messages that have, for each part, a word that begins so; the newest first."""
    end = _find_segments_end()
    ids = _find_newest_ids(parts, end, count)
    candidates = _iterate_segments(parts, end)
    while len(ids) < count and (some := list(islice(candidates, count - len(ids) + 1))):
        ids += _still_indexed(some)
    return ids[:count]


def _newest_indexed_id() -> int:
    words, id_ = _INDEX_TABLES[is_postgresql()]
    (newest,) = database.execute_sql(f"SELECT COALESCE(MAX({id_}), 0) FROM {words}").fetchone()  # noqa: S608
    return int(newest)


def _load_words(first_id: int, end: int) -> tuple[list[tuple[int, str]], int]:
    """Return the (id, folded text) of messages until an id, and where they end: before it if they have many words."""
    messages: list[tuple[int, str]] = []
    since, count = first_id, 0
    while since < end and count < MAX_SEGMENT_WORDS:
        rows = _fetch(_WORDS_SQL[is_postgresql()], since, end, MESSAGES_PER_READ)
        messages += rows
        since = rows[-1][0] + 1 if len(rows) == MESSAGES_PER_READ else end
        count += sum(text.count(" ") + 1 for _, text in rows)
    return messages, since


def _find_segments_end() -> int:
    """Return the id from which on messages are in no segment."""
    (end,) = database.execute_sql("SELECT COALESCE(MAX(end_id), 0) FROM line_segments").fetchone()
    return int(end)


def _find_newest_ids(parts: list[str], since: int, count: int) -> list[int]:
    """Return the ids of matching messages from an id on, the newest first."""
    newest = _newest_indexed_id()
    compared = _compare_ids(parts, max(since, newest - MAX_COMPARED_IDS), count)
    if len(compared) == count or newest - MAX_COMPARED_IDS <= since:
        return compared
    if is_postgresql():
        found = _fetch(_POSTGRESQL_INVERTED_SQL.format(since=since), _tsquery(parts), count)
    else:
        match = " AND ".join(f'"{part}" *' for part in parts)
        found = _fetch(_SQLITE_INVERTED_SQL.format(since=since), match, count)
    return [id_ for (id_,) in found]


def _compare_ids(parts: list[str], since: int, count: int) -> list[int]:
    if is_postgresql():
        return [id_ for (id_,) in _fetch(_POSTGRESQL_COMPARE_SQL.format(since=since), _tsquery(parts), count)]
    words = " AND ' ' || c0 GLOB ?" * len(parts)
    sql = _SQLITE_COMPARE_SQL.format(since=since, words=words)
    return [id_ for (id_,) in _fetch(sql, *(f"* {part}*" for part in parts), count)]


def _tsquery(parts: list[str]) -> str:
    return " & ".join(f"'{part}':*" for part in parts)


def _iterate_segments(parts: list[str], end: int) -> Iterator[int]:
    """Yield the ids that the segments before an id have for all parts, the newest first; some may be deleted since."""
    while True:
        newest = "SELECT first_id FROM line_segments WHERE first_id < {end} ORDER BY first_id DESC LIMIT {limit}"
        firsts = [first for (first,) in _fetch(newest.format(end=end, limit=SEGMENTS_PER_READ))]
        if not firsts:
            return
        bits = dict.fromkeys(firsts, -1)
        # The longest is that of the fewest messages: where it is in none, the others are not read.
        for part in sorted(parts, key=len, reverse=True):
            found = _load_bitmaps(part, list(bits))
            bits = {first: both for first, other in found.items() if (both := other & bits[first])}
        for first in sorted(bits, reverse=True):
            yield from (first + position for position in iterate_bits(bits[first]))
        end = firsts[-1]


def _load_bitmaps(part: str, firsts: list[int]) -> dict[int, int]:
    """Return for each of these segments, by its first id, which messages have a word that begins so."""
    bits: dict[int, int] = {}
    for first, packed in _fetch_bitmaps(firsts, "word = {0}", part + MERGED):
        bits[first] = decode_bitmap(packed)
    others = [first for first in firsts if first not in bits]
    for first, packed in _fetch_bitmaps(others, "word >= {0} AND word < {0}", part, f"{part}\U0010ffff"):
        bits[first] = bits.get(first, 0) | decode_bitmap(packed)
    return bits


def _fetch_bitmaps(firsts: list[int], condition: str, *words: str) -> list[tuple[int, bytes]]:
    if not firsts:
        return []
    place = "%s" if is_postgresql() else "?"
    ids = ", ".join(map(str, firsts))
    sql = f"SELECT first_id, lines FROM line_segment_words WHERE first_id IN ({ids}) AND {condition.format(place)}"  # noqa: S608
    return _fetch(sql, *words)


def _still_indexed(ids: list[int]) -> list[int]:
    words, id_ = _INDEX_TABLES[is_postgresql()]
    known = f"SELECT {id_} FROM {words} WHERE {id_} IN ({', '.join(map(str, ids))}) ORDER BY {id_} DESC"  # noqa: S608
    return [found for (found,) in _fetch(known)]


# A list: the rows of a statement, whose columns the caller knows.
def _fetch(sql: str, *parameters: object) -> list[tuple]:  # type: ignore[type-arg]
    return list(database.execute_sql(sql, parameters).fetchall())
