"""The holidays of Colombia, against a printed calendar."""

from datetime import date, timedelta

import pytest

from beneficiate.domain.booking.holidays import holiday_name, is_holiday

HOLIDAYS = {
    2025: {
        "01-01": "Año Nuevo",
        "01-06": "Día de los Reyes Magos",
        "03-24": "Día de San José",
        "04-17": "Jueves Santo",
        "04-18": "Viernes Santo",
        "05-01": "Día del Trabajo",
        "06-02": "Ascensión del señor",
        "06-23": "Corpus Christi",
        "06-30": "Sagrado Corazón, San Pedro y San Pablo",
        "07-20": "Día de la Independencia",
        "08-07": "Batalla de Boyacá",
        "08-18": "La Asunción",
        "10-13": "Día de la Raza",
        "11-03": "Día de Todos los Santos",
        "11-17": "Independencia de Cartagena",
        "12-08": "La Inmaculada Concepción",
        "12-25": "Navidad",
    },
    2026: {
        "01-01": "Año Nuevo",
        "01-12": "Día de los Reyes Magos",
        "03-23": "Día de San José",
        "04-02": "Jueves Santo",
        "04-03": "Viernes Santo",
        "05-01": "Día del Trabajo",
        "05-18": "Ascensión del señor",
        "06-08": "Corpus Christi",
        "06-15": "Sagrado Corazón",
        "06-29": "San Pedro y San Pablo",
        "07-13": "Día de Nuestra Señora del Rosario de Chiquinquirá",
        "07-20": "Día de la Independencia",
        "08-07": "Batalla de Boyacá",
        "08-17": "La Asunción",
        "10-12": "Día de la Raza",
        "11-02": "Día de Todos los Santos",
        "11-16": "Independencia de Cartagena",
        "12-08": "La Inmaculada Concepción",
        "12-25": "Navidad",
    },
    2027: {
        "01-01": "Año Nuevo",
        "01-11": "Día de los Reyes Magos",
        "03-22": "Día de San José",
        "03-25": "Jueves Santo",
        "03-26": "Viernes Santo",
        "05-01": "Día del Trabajo",
        "05-10": "Ascensión del señor",
        "05-31": "Corpus Christi",
        "06-07": "Sagrado Corazón",
        "07-05": "San Pedro y San Pablo",
        "07-12": "Día de Nuestra Señora del Rosario de Chiquinquirá",
        "07-20": "Día de la Independencia",
        "08-07": "Batalla de Boyacá",
        "08-16": "La Asunción",
        "10-18": "Día de la Raza",
        "11-01": "Día de Todos los Santos",
        "11-15": "Independencia de Cartagena",
        "12-08": "La Inmaculada Concepción",
        "12-25": "Navidad",
    },
}
"""Law 51 of 1983 moves ten of them to a Monday; law 2578 of 2026 added that of Chiquinquirá, which moves too."""


@pytest.mark.parametrize("year", HOLIDAYS)
def test_year_has_its_holidays_by_name_and_no_others(year):
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {day.strftime("%m-%d"): holiday_name(day) for day in days if is_holiday(day)} == HOLIDAYS[year]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-12", "Día de los Reyes Magos"),
        ("2026-07-13", "Día de Nuestra Señora del Rosario de Chiquinquirá"),
        ("2025-06-30", "Sagrado Corazón, San Pedro y San Pablo"),
        ("2026-12-25", "Navidad"),
        ("2027-01-01", "Año Nuevo"),
        ("2026-01-06", None),
        ("2025-07-14", None),
    ],
    ids=["moved", "since-2026", "two-on-one-day", "fixed", "next-year", "moved-away", "before-its-law"],
)
def test_holiday_has_a_spanish_name(day, name):
    assert holiday_name(date.fromisoformat(day)) == name


@pytest.mark.parametrize("year", [1, 1900, 2026, 2101, 9999])
def test_no_year_is_too_far(year):
    assert not is_holiday(date(year, 2, 27))
