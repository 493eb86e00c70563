"""The index of what was said in support chats, filled behind the lines.

As a trigger of the table it would cost half as much again as storing the lines themselves (measured: 8 ms of processor
time for 500 lines became 14 ms on SQLite, the time of the statement doubled on PostgreSQL), and it would do so before
each acknowledgement.
"""

from beneficiate.models.base import database, is_postgresql
from beneficiate.search import fold
from beneficiate.unit_of_work import UnitOfWork

INDEX_BATCH_SIZE = 200
INDEX_LOOKBACK_IDS = 2000
"""Lines of two processes may be committed in another order than that of their ids: so far back we look again."""
MAX_INDEXED_WORD_CHARS = 100

# The table under the virtual one of SQLite knows its ids by an index of its own.
_INDEX_TABLES = {True: ("line_words", "line_id"), False: ("line_words_content", "id")}
_UNINDEXED_SQL = (
    "SELECT chat_lines.id, chat_lines.message FROM chat_lines JOIN chats ON chats.id = chat_lines.chat_id "
    "WHERE chat_lines.id > {since} AND chats.kind = 'SUPPORT' AND chat_lines.sender_type <> 'SYSTEM' "
    "AND NOT EXISTS (SELECT 1 FROM {words} AS known WHERE known.{id} = chat_lines.id AND known.{id} > {since}) "
    "ORDER BY chat_lines.id LIMIT {limit}"
)


def has_missing(uow: UnitOfWork) -> bool:
    """Whether there are lines that are not in the index."""
    return bool(_missing())


def index_messages(uow: UnitOfWork) -> int:
    """Put at most 200 lines into the index; how many. Doing it twice at once is harmless."""
    rows = [(id_, " ".join(word[:MAX_INDEXED_WORD_CHARS] for word in fold(text).split())) for id_, text in _missing()]
    if rows and is_postgresql():
        statement = (
            "INSERT INTO line_words (line_id, words) SELECT line_id, array_to_tsvector(string_to_array(said, ' ')) "
            "FROM unnest(%s::integer[], %s::text[]) AS new(line_id, said) ON CONFLICT DO NOTHING"
        )
        database.execute_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))
    elif rows:
        database.obj.connection().executemany("INSERT OR IGNORE INTO line_words (rowid, said) VALUES (?, ?)", rows)
    return len(rows)


def _missing() -> list[tuple[int, str]]:
    """Lines that are to be put into the index, the oldest first."""
    words, id_ = _INDEX_TABLES[is_postgresql()]
    (newest,) = database.execute_sql(f"SELECT COALESCE(MAX({id_}), 0) FROM {words}").fetchone()  # noqa: S608
    # A number and no subquery, on both sides: the planner sees how few rows there are and reads no whole table.
    sql = _UNINDEXED_SQL.format(words=words, id=id_, since=newest - INDEX_LOOKBACK_IDS, limit=INDEX_BATCH_SIZE)
    return list(database.execute_sql(sql).fetchall())
