"""Of 24 months of facts, what happens all the time looks into one or two: `EXPLAIN ANALYZE` says which.

The months that are made ahead are empty and not counted.
"""

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from beneficiate.actions import facts
from beneficiate.domain.dates import add_months
from beneficiate.formatting import bogota_date
from beneficiate.models.base import instant_to_text
from beneficiate.models.bulk_sql import rows_to_json
from beneficiate.models.chats import Chat
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import RollupState
from beneficiate.queries.board import load_board
from beneficiate.queries.fact_partitions import list_fact_partitions
from beneficiate.queries.metrics import compute_figures, select_day
from beneficiate.queries.rollups import STATE_ROW_ID, day_of_bogota
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, member, supervisor, support_chat

MONTHS = 24
NOW = datetime.now(UTC)


@pytest.fixture
def months(db, backend):
    """24 months, each with facts of a chat of its own; the last chat is open, and all but its facts are rolled up."""
    if backend == "sqlite":
        pytest.skip("SQLite has one table.")
    first = list_fact_partitions()[0]
    db.execute_sql(f"ALTER TABLE facts DETACH PARTITION {first.name}")
    month = add_months(bogota_date(NOW), 0)
    for count in range(MONTHS):
        begin, end = (day_of_bogota(add_months(month, count - MONTHS + one))[0] for one in (1, 2))
        values = f"FROM ('{begin.isoformat()}') TO ('{end.isoformat()}')"
        db.execute_sql(f"CREATE TABLE facts_month_{count} PARTITION OF facts FOR VALUES {values}")
        at = NOW if count == MONTHS - 1 else begin
        chat = support_chat(member(), agent() if at == NOW else None, created_at=at)
        if at != NOW:
            Chat.update(status="CLOSED").where(Chat.id == chat.id).execute()
        for kind in ("opened", "assigned", "first_reply"):
            Fact.create(at=at, kind=kind, chat_id=chat.id, span=1, actor_role="agent", detail="assigned")
    last = Fact.select().order_by(Fact.id.desc()).get()
    RollupState.insert(id=STATE_ROW_ID, folded_id=last.id - 3, newest_at=day_of_bogota(month)[0]).execute()
    db.execute_sql("ANALYZE facts")
    return chat


@pytest.fixture
def touched(db, monkeypatch):
    """The partitions of facts that each statement reads, by its beginning."""
    found, original = {}, db.execute_sql

    def tables_of(plan):
        for node in plan.get("Plans", ()):
            yield from tables_of(node)
        if str(plan.get("Relation Name", "")).startswith("facts_month") and plan["Actual Loops"]:
            yield plan["Relation Name"]

    class Explained(Exception):
        pass

    def execute_sql(sql, params=None, *rest):
        if '"facts"' in sql or "INTO facts" in sql:
            with suppress(Explained), db.atomic():
                ((plan,),) = original(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params).fetchall()
                found[sql] = set(tables_of(plan[0]["Plan"]))
                raise Explained
        return original(sql, params, *rest)

    monkeypatch.setattr(db, "execute_sql", execute_sql)
    return found


def check(touched, least):
    assert len(touched) >= least
    assert any(touched.values())
    assert {sql: tables for sql, tables in touched.items() if len(tables) > 2} == {}


def test_fact_of_a_reply_looks_into_the_months_of_its_chat(db, months, touched):
    row = (instant_to_text(NOW), "agent", months.id, months.agent_id, "closed", "", None, None)
    db.execute_sql(facts._POSTGRESQL, (rows_to_json([row]),))
    check(touched, 1)


def test_board_looks_into_this_month(months, touched):
    load_board(UnitOfWork(supervisor().actor, NOW))
    check(touched, 5)


def test_figures_of_a_day_look_into_its_month(months, touched):
    compute_figures(select_day(NOW), ["resolved", "waiting"])
    check(touched, 2)
