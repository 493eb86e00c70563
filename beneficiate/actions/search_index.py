"""The full-text index of support chats, filled by a periodic job after the messages are stored.

As a trigger of the table it would cost half as much again as storing the messages themselves (measured: 8 ms of
processor time for 500 messages became 14 ms on SQLite, the time of the statement doubled on PostgreSQL), and it would
do so before each acknowledgement.
"""

from beneficiate.models.base import database, is_postgresql
from beneficiate.queries.search import find_unindexed_messages
from beneficiate.search import fold
from beneficiate.unit_of_work import UnitOfWork

INDEX_BATCH_SIZE = 500
MAX_INDEXED_WORD_CHARS = 100


def index_messages(uow: UnitOfWork) -> int:
    """Put at most 500 messages into the index and return how many. Running it twice at once is harmless."""
    rows = [(id_, _index_words(text)) for id_, text in find_unindexed_messages(INDEX_BATCH_SIZE, lock=True)]
    if rows and is_postgresql():
        statement = (
            "INSERT INTO line_words (line_id, words) SELECT line_id, array_to_tsvector(string_to_array(said, ' ')) "
            "FROM unnest(%s::integer[], %s::text[]) AS new(line_id, said) ON CONFLICT DO NOTHING"
        )
        database.execute_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))
    elif rows:
        database.obj.connection().executemany("INSERT OR IGNORE INTO line_words (rowid, said) VALUES (?, ?)", rows)
    return len(rows)


def _index_words(text: str) -> str:
    return " ".join(word[:MAX_INDEXED_WORD_CHARS] for word in fold(text).split())
