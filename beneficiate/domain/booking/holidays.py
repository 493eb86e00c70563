"""The holidays of Colombia, those that move to a Monday too."""

from datetime import date
from functools import lru_cache

from holidays import country_holidays

_OBSERVED_SUFFIX = " (observado)"


@lru_cache(maxsize=64)
def _load_holidays(year: int) -> dict[date, str]:
    """One year at a time: the library takes 0.5 ms for each (and 90 ms for the first of a process)."""
    found = country_holidays("CO", years=year, language="es", expand=False)
    return {day: ", ".join(name.removesuffix(_OBSERVED_SUFFIX) for name in found.get_list(day)) for day in found}


def is_holiday(day: date) -> bool:
    return day in _load_holidays(day.year)


def holiday_name(day: date) -> str | None:
    """What is celebrated, in Spanish; two that fall on one Monday are both named. None on a day like any other."""
    return _load_holidays(day.year).get(day)
