"""Which figures a report shows together, and whether more of one is better."""

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Metric, Scope, Unit
from beneficiate.domain.metrics.rollups import is_known_by_hour

_GROUPS: dict[str, tuple[str, ...]] = {
    "Volumen": ("opened", "reopened", "assigned", "closed", "resolved"),
    "Perdidos y movimientos": ("missed", "missed_share", "returned", "transferred"),
    "Espera y respuesta": ("queue_wait", "first_response", "next_response", "recalled"),
    "Nivel de servicio": ("service_level", "first_response_level", "next_response_level", "resolution_level"),
    "Duración": ("chat_length", "resolution_time"),
    "Satisfacción": ("satisfaction", "satisfied_share", "ratings", "rated_share"),
    "Asistente": ("bot_", "handed_over"),
    "Citas": ("appointments",),
    "Pagos": ("payments",),
}
"""By the beginning of the code, of which the longest counts."""
_OTHERS = "Otras"
_LESS_IS_BETTER = (
    "bot_left",
    "missed",
    "recalled",
    "returned",
    "appointments_no_show",
    "appointments_cancelled",
    "appointments_expired",
)


def group_metrics() -> dict[str, list[Metric]]:
    """Return the metrics of a period by the title of their group; those that no group names come last."""
    groups: dict[str, list[Metric]] = {title: [] for title in (*_GROUPS, _OTHERS)}
    for metric in METRICS.values():
        if metric.scope is not Scope.INSTANT:
            groups[_title_of(metric.code)].append(metric)
    return {title: metrics for title, metrics in groups.items() if metrics}


def group_hour_metrics() -> dict[str, list[Metric]]:
    """Return those of which there are figures by hour of the week, in the same way."""
    known = {title: [one for one in metrics if is_known_by_hour(one)] for title, metrics in group_metrics().items()}
    return {title: metrics for title, metrics in known.items() if metrics}


def is_more_better(metric: Metric) -> bool | None:
    """Return whether a greater value is better; None where neither is."""
    if metric.unit is Unit.SECONDS or metric.code.startswith(_LESS_IS_BETTER):
        return False
    return True if metric.unit in (Unit.SCORE, Unit.SHARE) or metric.code == "appointments_attended" else None


def _title_of(code: str) -> str:
    found = [(len(one), title) for title, group in _GROUPS.items() for one in group if code.startswith(one)]
    return max(found)[1] if found else _OTHERS
