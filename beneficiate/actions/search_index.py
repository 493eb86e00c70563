"""The full-text index of support chats, filled by a periodic job after the messages are stored.

As a trigger of the table it would cost half as much again as storing the messages themselves (measured: 8 ms of
processor time for 500 messages became 14 ms on SQLite, the time of the statement doubled on PostgreSQL), and it would
do so before each acknowledgement.
"""

import json

from peewee import InterfaceError, OperationalError

from beneficiate.folding import fold
from beneficiate.logs import log_failure
from beneficiate.models.base import database, is_postgresql
from beneficiate.queries.message_index import Segment, find_unindexed_messages
from beneficiate.unit_of_work import UnitOfWork

INDEX_BATCH_SIZE = 500
MAX_INDEXED_WORD_CHARS = 100
MERGED_PAGES = 500
"""So many pages of SQLite's index are merged in one transaction, some 20 ms."""
FEWEST_CHANGES = 2


def index_messages(uow: UnitOfWork) -> int:
    """Put at most 500 messages into the index and return how many. Running it twice at once is harmless.

    One that cannot be indexed is logged and counts as done, without a word to be found by.
    """
    found = find_unindexed_messages(INDEX_BATCH_SIZE, lock=True)
    try:
        _insert_messages(found)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # noqa: BLE001  whatever it is, the other messages are indexed
        for message in found:
            _insert_alone(message)
    if found:
        # Ids are used again after the newest messages were deleted (SQLite): their segments are built again.
        database.execute_sql(f"DELETE FROM line_segments WHERE end_id > {found[0][0]}")  # noqa: S608
    return len(found)


def store_segment(uow: UnitOfWork, segment: Segment) -> None:
    """Store the bitmaps of a segment, unless another process has done so or its messages changed meanwhile."""
    if database.execute_sql(_claim_sql(segment)).rowcount == 0:
        return
    database.execute_sql(f"DELETE FROM line_segment_words WHERE first_id = {segment.first_id}")  # noqa: S608
    first = segment.first_id
    if is_postgresql():
        words, bitmaps = list(segment.bitmaps), [bitmap.hex() for bitmap in segment.bitmaps.values()]
        statement = (
            "INSERT INTO line_segment_words (first_id, word, lines) SELECT %s, word, decode(lines, 'hex') "
            "FROM unnest(%s::text[], %s::text[]) AS new(word, lines)"
        )
        database.execute_sql(statement, (first, words, bitmaps))
    else:
        rows = ((first, word, bitmap) for word, bitmap in segment.bitmaps.items())
        database.cursor().executemany("INSERT INTO line_segment_words (first_id, word, lines) VALUES (?, ?, ?)", rows)


def merge_words(uow: UnitOfWork, is_begun: bool) -> bool:
    """Merge a part of SQLite's index and return whether there may be more; PostgreSQL's has nothing to merge.

    FTS5 marks what is deleted and keeps its words until the parts that have them are merged.
    """
    if is_postgresql():
        return False
    connection = database.connection()
    before = connection.total_changes
    # A negative number begins a merge of everything into one part, a positive one goes on with it.
    pages = MERGED_PAGES if is_begun else -MERGED_PAGES
    database.execute_sql(f"INSERT INTO line_words (line_words, rank) VALUES ('merge', {pages})")  # noqa: S608
    # The statement itself is one change: two or more are work that was done.
    return bool(connection.total_changes - before >= FEWEST_CHANGES)


def _claim_sql(segment: Segment) -> str:
    """Return the statement that changes one row if this segment is to be stored: numbers of ours only."""
    first, end = segment.first_id, segment.end_id
    if segment.changes is not None:
        return f"UPDATE line_segments SET changes = 0 WHERE first_id = {first} AND changes = {segment.changes}"  # noqa: S608
    return (
        f"INSERT INTO line_segments (first_id, end_id) SELECT {first}, {end} "  # noqa: S608
        f"WHERE NOT EXISTS (SELECT 1 FROM line_segments WHERE end_id > {first}) ON CONFLICT DO NOTHING"
    )


def _insert_alone(message: tuple[int, str]) -> None:
    try:
        _insert_messages([message])
    except (OperationalError, InterfaceError):
        raise
    except Exception as problem:  # noqa: BLE001  the job does not come back to it for ever
        log_failure("message_not_indexed", problem, {"message_id": message[0]})
        _insert_messages([(message[0], "")])


def _insert_messages(messages: list[tuple[int, str]]) -> None:
    """Insert all or, when it fails, none."""
    rows = [(id_, _index_words(text)) for id_, text in messages]
    if not rows:
        return
    with database.atomic():
        if is_postgresql():
            statement = (
                "INSERT INTO line_words (line_id, words) SELECT line_id, array_to_tsvector(string_to_array(said, ' ')) "
                "FROM unnest(%s::integer[], %s::text[]) AS new(line_id, said) ON CONFLICT DO NOTHING"
            )
            database.execute_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))
        else:
            statement = (
                "INSERT OR IGNORE INTO line_words (rowid, said) "
                "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)"
            )
            database.execute_sql(statement, (json.dumps(rows),))


def _index_words(text: str) -> str:
    return " ".join(word[:MAX_INDEXED_WORD_CHARS] for word in fold(text).split())
