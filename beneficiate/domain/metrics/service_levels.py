"""The figures about kept promises."""

from beneficiate.domain import facts
from beneficiate.domain.metrics.folds import share_of
from beneficiate.domain.metrics.metric import Metric, Tally, Unit
from beneficiate.domain.service_levels.promises import Promise, outcome_detail

_RULE = (
    "Plazos cumplidos sobre plazos terminados, en horas hábiles y solo mientras el afiliado espera. "
    "Cada plazo cuenta una vez: a tiempo cuando se cumple, vencido en el momento en que se vence. "
    "Quien se va antes del plazo no cuenta; quien todavía espera, tampoco. Con el intervalo de Wilson del 95 %."
)


def _is_met(tally: Tally) -> bool:
    return tally.detail in _MET


def _details(promise: Promise) -> tuple[str, ...]:
    return tuple(outcome_detail(promise, is_met=is_met) for is_met in (True, False))


_MET = {outcome_detail(promise, is_met=True) for promise in Promise}

SERVICE_LEVEL_METRICS = tuple(
    Metric(code, name, Unit.SHARE, question, _RULE, (facts.SERVICE_LEVEL,), share_of(_is_met), details)
    for code, name, question, details in (
        (
            "service_level",
            "Plazos cumplidos",
            "¿Qué parte de todos los plazos se cumplió?",
            (),
        ),
        (
            "first_response_level",
            "Primera respuesta a tiempo",
            "¿Qué parte de los afiliados tuvo la primera respuesta en el plazo prometido?",
            _details(Promise.FIRST_RESPONSE),
        ),
        (
            "next_response_level",
            "Respuesta siguiente a tiempo",
            "¿Qué parte de las demás respuestas llegó en el plazo prometido?",
            _details(Promise.NEXT_RESPONSE),
        ),
        (
            "resolution_level",
            "Resolución a tiempo",
            "¿Qué parte de las atenciones terminó en el plazo prometido?",
            _details(Promise.RESOLUTION),
        ),
    )
)
