"""Rows of roll-ups are read and replaced by their keys, many at a time."""

from datetime import date

from beneficiate.models.rollups import FactRollup

KEY = ("day", "pagos", 7, "reply", date(2026, 11, 25), "")
TEXTS = ['{"40":1}', '{"9":2}', '{"9":[1,300]}']


def test_rows_are_replaced_by_their_keys(db):
    other = (*KEY[:2], 8, *KEY[3:])
    for times in (1, 2):
        FactRollup.replace_bulk((*key, times, times, 5_000_000_000, 300, *TEXTS) for key in (KEY, other))
    assert FactRollup.select().count() == 2
    (row,) = FactRollup.fetch_by_keys([KEY])
    key, values = row[: len(KEY)], row[len(KEY) :]
    assert [str(part) for part in key] == [str(part) for part in KEY]
    assert values == (2, 2, 5_000_000_000, 300, *TEXTS)
    assert FactRollup.fetch_by_keys([("month", *KEY[1:])]) == []
