"""What a supervisor types about a professional, and which appointments their hours cover."""

from datetime import timedelta

import pytest

from beneficiate.domain.booking.slots import DayException, OpenDays, WeeklyBlock
from beneficiate.domain.professionals import ProfessionalSchedule, parse_professional_fields
from beneficiate.errors import InvalidForm
from tests.domain.booking.moments import at

TYPED = {
    "nombres": "Germán",
    "apellidos": "Cifuentes",
    "licencia": "RM-1",
    "municipio": "Bogotá",
    "direccion": "Calle 93 # 11-20",
    "modo": "PRESENCIAL",
    "agenda": "ONLINE",
    "duracion": "30",
    "pausa": "0",
    "confirma": "si",
    "estado": "activo",
    "especialidades": "3,4",
    "lunes": "8-12, 14-18",
}
WEDNESDAY = at("2026-11-25 09:00")


def test_fields_have_their_stored_form():
    fields = parse_professional_fields(TYPED)
    assert (fields.confirms_itself, fields.is_active, fields.specialty_ids) == (True, True, {3, 4})
    assert fields.blocks == [WeeklyBlock(0, 480, 720), WeeklyBlock(0, 840, 1080)]
    assert parse_professional_fields({**TYPED, "modo": "VIRTUAL", "direccion": ""}).address == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nombres", ""),
        ("nombres", "😀"),
        ("direccion", "\u202e"),
        ("apellidos", "x" * 61),
        ("licencia", "x" * 33),
        ("municipio", " "),
        ("direccion", ""),
        ("modo", "?"),
        ("agenda", ""),
        ("duracion", "7"),
        ("duracion", "245"),
        ("pausa", "-1"),
        ("confirma", ""),
        ("estado", ""),
        ("especialidades", "x"),
        ("domingo", "12-8"),
    ],
)
def test_each_invalid_field_has_a_sentence(name, text):
    with pytest.raises(InvalidForm) as caught:
        parse_professional_fields({**TYPED, name: text})
    assert list(caught.value.fields) == [name]


def test_appointments_are_covered_by_hours_days_and_specialties():
    days = OpenDays([WeeklyBlock(2, 480, 720)], [DayException(WEDNESDAY.date() + timedelta(7), None, None, False)])
    schedule = ProfessionalSchedule(True, frozenset({3}), days)
    assert schedule.covers(3, WEDNESDAY, 30)
    assert not schedule.covers(4, WEDNESDAY, 30)
    assert not schedule.covers(3, at("2026-11-25 11:45"), 30)
    assert not schedule.covers(3, WEDNESDAY + timedelta(7), 30)
    assert not ProfessionalSchedule(False, frozenset({3}), days).covers(3, WEDNESDAY, 30)
