"""Days and hours as people ask for them."""

from datetime import date

import pytest

from beneficiate.domain.bot.slot_preferences import parse_slot_preference

SATURDAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("text", "day", "hours"),
    [
        ("el miércoles por la tarde", date(2026, 12, 2), (12, 24)),
        ("miercoles", date(2026, 12, 2), (0, 24)),
        ("el sábado", date(2026, 12, 5), (0, 24)),
        ("mañana por la mañana", date(2026, 11, 29), (0, 12)),
        ("por la mañana", None, (0, 12)),
        ("pasado mañana después de las 3", date(2026, 11, 30), (15, 24)),
        ("hoy", SATURDAY, (0, 24)),
        ("el lunes antes de las 10", date(2026, 11, 30), (0, 10)),
        ("después de las 2:30 pm", None, (14.5, 24)),
        ("entre el lunes desde las 8 hasta las 11", date(2026, 11, 30), (8, 11)),
        ("el 5 de diciembre", date(2026, 12, 5), (0, 24)),
        ("para el 10 de enero", date(2027, 1, 10), (0, 24)),
        ("el 30", date(2026, 11, 30), (0, 24)),
        ("el 3 por la noche", date(2026, 12, 3), (18, 24)),
        ("3/12", date(2026, 12, 3), (0, 24)),
        ("la próxima semana", date(2026, 11, 30), (0, 24)),
        ("el jueves de la otra semana", date(2026, 12, 3), (0, 24)),
        ("a las 3 de la tarde", None, (15, 24)),
        ("después de las 3 antes de las 2", None, None),
    ],
)
def test_day_and_hours(text, day, hours):
    preference = parse_slot_preference(text, SATURDAY)
    if hours is None:
        assert preference is None
    else:
        assert (preference.day, preference.from_minute, preference.until_minute) == (day, hours[0] * 60, hours[1] * 60)


@pytest.mark.parametrize("text", ["", "más tarde", "no sé", "ninguno me sirve", "31/02", "el 45", "99/99", "1", "hola"])
def test_anything_else_is_no_preference(text):
    assert parse_slot_preference(text, SATURDAY) is None
