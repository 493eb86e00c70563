"""Runs one migration of the facts, and calls a function between its transactions: what an older version may do then."""

INSERT = (
    "INSERT INTO facts (at, kind, detail, chat_id, agent_name, agent_code, actor_role, topic) "
    "VALUES (now(), 'opened', '', 7, '', '', 'member', '') RETURNING id"
)


class Interrupted(Exception):
    pass


def run_watched(migration, opened, monkeypatch, watch, beginnings=("ALTER", "CREATE")):
    """Run a migration; `watch(number)` is called after each statement of these that is a transaction of its own."""
    numbers, original = iter(range(1000)), opened.execute_sql

    def execute_sql(sql, params=None, *rest):
        cursor = original(sql, params, *rest)
        if not opened.in_transaction() and sql.strip().startswith(beginnings):
            watch(next(numbers))
        return cursor

    with monkeypatch.context() as patch:
        patch.setattr(opened, "execute_sql", execute_sql)
        migration.up(None, opened)
