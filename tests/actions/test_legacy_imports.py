"""Parts of the import: stored as a whole, recorded once."""

import json
from datetime import UTC, datetime

from beneficiate.actions.legacy_imports import LegacyPart, import_legacy_rows, record_legacy_import
from beneficiate.domain.legacy.people import plan_user
from beneficiate.domain.legacy.plans import plan_each
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.imports import ImportedRow
from beneficiate.queries.legacy_imports import load_legacy_index
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.domain.legacy.test_people import ROW

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)


def make_part(count):
    rows = [{**ROW, "id": n, "email": f"a{n}@x.co", "identification_number": str(52000000 + n)} for n in range(count)]
    index = load_legacy_index(UnitOfWork(SYSTEM, NOW))
    return LegacyPart(plan_each("users", plan_user), rows, index, UTC)


def test_part_that_runs_again_is_stored_the_same(act, db):
    part = make_part(60)
    with db.atomic() as lost:
        import_legacy_rows(UnitOfWork(SYSTEM, NOW), part)
        lost.rollback()
    outcomes, events = act(import_legacy_rows, part, SYSTEM)
    assert {one.result for one in outcomes} == {"new"}
    assert (User.select().count(), ImportedRow.select().count(), events) == (60, 60, [])
    assert {one.result for one in act(import_legacy_rows, make_part(60), SYSTEM)[0]} == {"present"}


def test_import_is_recorded_as_one_act_with_the_numbers_of_all_runs(act, db):
    assert act(record_legacy_import, None, SYSTEM)[0] is False
    for count in (2, 2, 3):
        act(import_legacy_rows, make_part(count), SYSTEM)
        act(record_legacy_import, None, SYSTEM)
    entries = AuditEntry.select().where(AuditEntry.what == "legacy.import").order_by(AuditEntry.id)
    assert [json.loads(entry.after) for entry in entries] == [{"users": 2}, {"users": 3}]
    assert {entry.actor_role for entry in entries} == {"system"}
