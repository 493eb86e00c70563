"""The public holidays of Colombia, including those that move to a Monday."""

from datetime import date
from functools import lru_cache

from holidays import country_holidays

_OBSERVED_SUFFIX = " (observado)"


@lru_cache(maxsize=64)
def _load_holidays(year: int) -> dict[date, str]:
    """Return the holidays of a year, cached: the library takes 0.5 ms a year (and 90 ms for the first of a process)."""
    found = country_holidays("CO", years=year, language="es", expand=False)
    return {day: ", ".join(name.removesuffix(_OBSERVED_SUFFIX) for name in found.get_list(day)) for day in found}


def is_holiday(day: date) -> bool:
    """Return whether the day is a public holiday in Colombia."""
    return day in _load_holidays(day.year)


def holiday_name(day: date) -> str | None:
    """Return the Spanish name of a holiday; both names if two fall on one Monday. None for any other day."""
    return _load_holidays(day.year).get(day)
