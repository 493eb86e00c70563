"""How long what is kept, in words."""

from beneficiate.views.retention import RetentionPeriods, list_retention


def test_periods_are_words_and_what_stays_says_so():
    rows = list_retention(RetentionPeriods(1, 120, 14, 30, 30, 30, 2, 1, 7))
    periods = {row.name: row.period for row in rows}
    assert len(periods) == len(rows)
    assert periods["Sesión en las páginas, y toda sesión del equipo"] == "1 hora como máximo"
    assert (periods["Archivos sin mensaje"], periods["Invitaciones sin aceptar"]) == ("1 día", "7 días")
    assert periods["Auditoría"] == "No se borra"
