"""What is known while rows are imported: what a batch adds counts, and is forgotten if it was not stored."""

from datetime import UTC, datetime

from beneficiate.domain.legacy.plans import NEW, PRESENT, REFUSED, ImportContext, ImportIndex, ImportOutcome, plan_each
from beneficiate.domain.legacy.values import Refused

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)


def test_index_forgets_what_was_not_kept():
    index = ImportIndex()
    index.put("email", "a@x.co", 1)
    index.keep()
    index.put("email", "b@x.co", 2)
    assert (index.get("email", "a@x.co"), index.get("email", "b@x.co")) == (1, 2)
    index.begin()
    assert (index.get("email", "a@x.co"), index.get("email", "b@x.co"), index.get("document", "a@x.co")) == (
        1,
        None,
        None,
    )


def test_each_row_is_imported_once_or_refused_alone():
    def plan(row, context):
        if row["id"] == 2:
            raise Refused("No.")
        outcome = ImportOutcome("users", str(row["id"]), NEW)
        context.note_import(outcome, 10)
        return outcome

    context = ImportContext(ImportIndex(), lambda table: 1, UTC, NOW)
    outcomes = list(plan_each("users", plan)([{"id": one} for one in (1, 2, 1)], context))
    assert [(one.old_id, one.result, one.reason) for one in outcomes] == [
        ("1", NEW, ""),
        ("2", REFUSED, "No."),
        ("1", PRESENT, ""),
    ]
    assert (context.find_new_id("users", 1), context.find_new_id("users", None)) == (10, None)
    assert outcomes[0].inserts[0].rows == [("users", "1", "10", 0)]


def test_losses_are_said_one_after_the_other():
    outcome = ImportOutcome("users", "1", NEW)
    outcome.lose("Uno.")
    outcome.lose("Dos.")
    assert outcome.reason == "Uno. Dos."
