"""The import reads in parts that keep together what belongs together; `tests/cli/test_imports.py` has the rest."""

from beneficiate.services.legacy_import import IMPORTED_TABLES, PROGRESS_TABLES, split_into_parts


def test_parts_keep_a_group_together():
    rows = [{"id": number, "user_id": user_id} for number, user_id in enumerate([1, 1, 1, 2, 3, 3])]
    assert [[row["id"] for row in part] for part in split_into_parts(rows, "user_id", 2)] == [[0, 1, 2], [3, 4, 5]]
    assert [len(part) for part in split_into_parts(rows, "", 4)] == [4, 2]
    assert list(split_into_parts([], "", 4)) == []


def test_tables_of_the_progress_bar_are_imported():
    assert set(PROGRESS_TABLES) < set(IMPORTED_TABLES)
