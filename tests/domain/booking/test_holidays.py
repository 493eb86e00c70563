"""The holidays of Colombia, against a printed calendar."""

from datetime import date, timedelta

import pytest

from beneficiate.domain.booking.holidays import holiday_name, is_holiday

HOLIDAYS_OF_2026 = {
    "01-01", "01-12", "03-23", "04-02", "04-03", "05-01", "05-18", "06-08", "06-15", "06-29", "07-13", "07-20", "08-07",
    "08-17", "10-12", "11-02", "11-16", "12-08", "12-25",
}  # fmt: skip


def test_year_has_its_holidays_and_no_others():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {day.strftime("%m-%d") for day in days if is_holiday(day)} == HOLIDAYS_OF_2026


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
