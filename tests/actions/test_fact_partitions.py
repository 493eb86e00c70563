"""Partitions of the facts are made ahead, take over what had none, and are detached when they are old."""

from datetime import UTC, date, datetime, timedelta

import pytest

from beneficiate.actions.fact_partitions import MONTHS_AHEAD, detach_fact_partitions, make_fact_partitions
from beneficiate.actions.rollup_rebuilds import rebuild_next_day
from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.domain.dates import add_months
from beneficiate.domain.facts import MONTHS_KEPT
from beneficiate.errors import Invalid
from beneficiate.formatting import bogota_date
from beneficiate.models.chats import Chat
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import AppointmentRollup, FactRollup, RollupState
from beneficiate.queries.fact_partitions import list_fact_partitions
from beneficiate.queries.rollups import differs_from_facts, find_days_to_check
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import member, support_chat

NOW = datetime.now(UTC)
MONTH = add_months(bogota_date(NOW), 0)


def months_later(count):
    """A unit of work in a later month."""
    first = add_months(MONTH, count)
    return UnitOfWork(SYSTEM, datetime(first.year, first.month, 15, 12, tzinfo=UTC))


def add_fact(at, **columns):
    return Fact.create(**{"at": at, "kind": "opened", "actor_role": "member", "chat_id": 1, **columns})


@pytest.fixture
def server(db, backend):
    if backend == "sqlite":
        pytest.skip("SQLite has one table.")
    return db


def count_in(db, table):
    return db.execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608


def test_months_are_made_ahead_once(server):
    before = list_fact_partitions()
    assert make_fact_partitions(months_later(0)).names == []
    made = make_fact_partitions(months_later(6))
    assert not made.has_unplaced
    added = list_fact_partitions()[len(before) :]
    assert [one.name for one in added] == made.names
    assert added[-1].end == add_months(MONTH, 6 + MONTHS_AHEAD + 1)
    parts = list_fact_partitions()
    assert [one.end for one in parts[:-1]] == [one.first for one in parts[1:]]
    assert make_fact_partitions(months_later(6)).names == []
    fact = add_fact(months_later(6).now)
    assert count_in(server, f"facts_{add_months(MONTH, 6):%Y_%m}") == 1
    with pytest.raises(Exception, match="facts are not changed"), server.atomic():
        fact.delete_instance()
    with pytest.raises(Exception, match="facts are not changed"), server.atomic():
        server.execute_sql(f"TRUNCATE {added[-1].name}")


def test_months_that_had_no_partition_take_over_their_facts(server):
    last = list_fact_partitions()[-1].end
    ids = [add_fact(months_later(count).now).id for count in (9, 11)]
    assert count_in(server, "facts_default") == 2
    made = make_fact_partitions(months_later(11))
    assert made.names[0] == f"facts_{last:%Y_%m}_until_{add_months(MONTH, 11):%Y_%m}"
    assert (count_in(server, "facts_default"), count_in(server, made.names[0])) == (0, 2)
    assert [row.id for row in Fact.select().order_by(Fact.id)] == ids
    assert list_fact_partitions()[-1].end == add_months(MONTH, 11 + MONTHS_AHEAD + 1)


def test_facts_of_months_that_were_detached_stay_where_they_are_and_are_told(server):
    uow = months_later(MONTHS_KEPT + 3)
    detach_fact_partitions(uow, add_months(MONTH, 3))
    add_fact(NOW - timedelta(days=400))
    made = make_fact_partitions(uow)
    assert (made.names, made.has_unplaced, count_in(server, "facts_default")) == ([], True, 1)


def test_old_months_are_detached_and_reports_keep_them(server):
    make_fact_partitions(months_later(6))
    fold = FoldFacts(10**9, 1000)
    appointment = {"kind": "appointment", "detail": "CONFIRMED", "appointment_id": 5, "chat_id": None}
    add_fact(NOW)
    add_fact(NOW, starts_at=NOW + timedelta(days=50), **appointment)
    fold_facts(months_later(0), fold)
    later = months_later(MONTHS_KEPT + 5)
    make_fact_partitions(later)
    add_fact(later.now)
    fold_facts(later, fold)
    rollups = sorted(FactRollup.select().tuples())
    names = detach_fact_partitions(later, add_months(MONTH, 5))
    assert len(names) == 4
    assert detach_fact_partitions(later, add_months(MONTH, 5)) == []
    assert (count_in(server, "facts"), count_in(server, names[0])) == (1, 2)
    since = RollupState.get().facts_since
    assert since == add_months(MONTH, 5)
    assert list_fact_partitions()[0].first == since
    # What only roll-ups have is neither taken for wrong nor made again.
    first, _ = find_days_to_check(UnitOfWork(SYSTEM, later.now + timedelta(days=3)))
    assert first == since
    while not rebuild_next_day(later).is_last:
        pass
    assert sorted(row[1:] for row in FactRollup.select().tuples()) == sorted(row[1:] for row in rollups)
    assert AppointmentRollup.select().where(AppointmentRollup.times == 1).count() == 1
    assert not differs_from_facts(later, bogota_date(later.now))
    # A detached table is like any other: it may be archived, emptied and dropped.
    server.execute_sql(f"DELETE FROM {names[0]}")  # noqa: S608
    server.execute_sql(f"DROP TABLE {names[0]}")


def test_months_that_are_needed_are_not_detached(server):
    with pytest.raises(Invalid, match=str(MONTHS_KEPT)):
        detach_fact_partitions(months_later(0), MONTH)
    later = months_later(MONTHS_KEPT + 3)
    chat = support_chat(member(), None)
    with pytest.raises(Invalid, match="1 chats abiertos"):
        detach_fact_partitions(later, add_months(MONTH, 3))
    Chat.update(status="CLOSED").where(Chat.id == chat.id).execute()
    assert len(detach_fact_partitions(later, add_months(MONTH, 3))) == 2


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_sqlite_has_one_table(db):
    assert make_fact_partitions(months_later(0)).names == []
    with pytest.raises(Invalid, match="SQLite"):
        detach_fact_partitions(months_later(0), date(2020, 1, 1))
