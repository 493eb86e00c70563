"""Values are shown as people write them, beside what programs read."""

import pytest

from beneficiate.views.data_copies import CODE, DAY, FILE, INSTANT, PESOS, TEXT, YES_NO, CopiedColumn, build_cells


@pytest.mark.parametrize(
    ("kind", "value", "raw", "text"),
    [
        (TEXT, 7, "7", "7"),
        (CODE, "CONFIRMED", "CONFIRMED", "Confirmada"),
        (CODE, "OTHER", "OTHER", "OTHER"),
        (INSTANT, "2026-08-25T15:00:00.000000Z", "2026-08-25T15:00:00.000000Z", "25 ago 2026, 10:00\u00a0a.\u00a0m."),
        (DAY, "1990-04-09", "1990-04-09", "9 de abril de 1990"),
        (YES_NO, False, "false", "No"),
        (YES_NO, True, "true", "Sí"),
        (PESOS, 480_000, "480000", "$ 480.000"),
        (FILE, "archivos/7/orden médica.png", "archivos/7/orden médica.png", "orden médica.png"),
    ],
)
def test_value_is_shown_by_its_kind(kind, value, raw, text):
    (cell,) = build_cells([CopiedColumn("key", "Nombre", kind, {"CONFIRMED": "Confirmada"})], {"key": value})
    assert (cell.raw, cell.text) == (raw, text)
    assert cell.href == ("archivos/7/orden%20m%C3%A9dica.png" if kind == FILE else "")


def test_what_is_empty_has_no_cell():
    columns = [CopiedColumn(key, key, TEXT, {}) for key in "abc"]
    assert build_cells(columns, {"a": None, "b": "", "c": 0})[0].raw == "0"
