"""Figures as people read them, and the page that defines them."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.domain.metrics.metric import Figure, Metric, Unit
from beneficiate.formatting import NBSP, format_duration, format_number, format_pesos
from beneficiate.views.pages import StaffPage

NO_VALUE = "—"


@dataclass(frozen=True)
class MetricDefinitionsOverview(StaffPage):
    """`/supervisor/definiciones`."""

    template: ClassVar[str] = "board/definitions.html"

    metrics: list[Metric]


def format_figure(unit: Unit, figure: Figure, *, with_interval: bool = True) -> str:
    """Return a value in its unit: `29`, `0:38`, `4,6`, `$ 480.000`, `12 % (8 a 17 %)`; a dash without one."""
    if figure.value is None:
        return NO_VALUE
    if unit is Unit.SHARE and not with_interval:
        return f"{_percent(figure.value)}{NBSP}%"
    if unit is Unit.SHARE:
        low, high = (_percent(bound or 0) for bound in (figure.low, figure.high))
        return f"{_percent(figure.value)}{NBSP}% ({low} a {high}{NBSP}%)"
    if unit is Unit.SECONDS:
        return format_duration(round(figure.value))
    if unit is Unit.SCORE:
        return format_number(figure.value, 1)
    return format_pesos(round(figure.value)) if unit is Unit.PESOS else format_number(figure.value)


def _percent(share: float) -> str:
    return format_number(share * 100)
