"""Figures as people read them, and the page that defines them."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.domain.metrics.metric import Figure, Metric, Unit
from beneficiate.formatting import NBSP, format_duration, format_number, format_pesos
from beneficiate.views.pages import StaffPage

NO_VALUE = "—"
SCORE_DECIMALS = 2
"""Of a mean of scores, wherever it is shown."""
_DECIMALS = 6


@dataclass(frozen=True)
class MetricDefinitionsOverview(StaffPage):
    """`/supervisor/definiciones`."""

    template: ClassVar[str] = "board/definitions.html"

    metrics: list[Metric]


def format_figure(unit: Unit, figure: Figure, *, with_interval: bool = True) -> str:
    """Return a value in its unit, and the interval of a share: `29`, `83,7 % (80,1 a 86,8 %)`; a dash without one."""
    text = format_value(unit, figure.value)
    if figure.value is None or unit is not Unit.SHARE or not with_interval:
        return text
    return f"{text} ({_percent(figure.low or 0)} a {_percent(figure.high or 0)}{NBSP}%)"


def round_value(value: float | None) -> float | None:
    """Return a value with the decimals that every file has of it; pages show it from these, so that none differs."""
    return None if value is None else round(value, _DECIMALS)


def format_value(unit: Unit, value: float | None) -> str:
    """Return a value in its unit: `7.603`, `0:31`, `83,7 %`, `4,61`, `$ 480.000`; a dash without one."""
    value = round_value(value)
    if value is None:
        return NO_VALUE
    if unit is Unit.SHARE:
        return f"{_percent(value)}{NBSP}%"
    if unit is Unit.SECONDS:
        return format_duration(round(value))
    if unit is Unit.SCORE:
        return format_number(value, SCORE_DECIMALS)
    return format_pesos(round(value)) if unit is Unit.PESOS else format_number(value)


def _percent(share: float) -> str:
    return format_number(share * 100, 1)
