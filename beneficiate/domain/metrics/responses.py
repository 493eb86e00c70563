"""The figures about how soon members are answered, and what they say of it."""

from beneficiate.domain import facts
from beneficiate.domain.metrics.chats import WAIT_RULE
from beneficiate.domain.metrics.folds import (
    average_measure,
    count_facts,
    maximum_measure,
    median_measure,
    ninth_decile,
    share_of,
)
from beneficiate.domain.metrics.metric import Metric, Unit

SATISFIED_FROM = 4
"""The least score of a member who is satisfied."""
_FIRST_REPLY = f"{WAIT_RULE}Hasta el primer mensaje de un agente en esa atención, no del asistente."


RESPONSE_METRICS = (
    *(
        Metric(code, name, Unit.SECONDS, question, _FIRST_REPLY, (facts.FIRST_REPLY,), fold)
        for code, name, question, fold in (
            (
                "first_response",
                "Primera respuesta, promedio",
                "¿Cuánto espera un afiliado la primera respuesta de una persona?",
                average_measure,
            ),
            (
                "first_response_median",
                "Primera respuesta, mediana",
                "¿En cuánto tiempo tiene respuesta la mitad de los afiliados?",
                median_measure,
            ),
            (
                "first_response_p90",
                "Primera respuesta, percentil 90",
                "¿En cuánto tiempo tienen respuesta nueve de cada diez afiliados?",
                ninth_decile,
            ),
            (
                "first_response_max",
                "Primera respuesta, máxima",
                "¿Cuánto esperó quien más esperó la primera respuesta?",
                maximum_measure,
            ),
        )
    ),
    Metric(
        "next_response",
        "Respuesta siguiente, promedio",
        Unit.SECONDS,
        "¿Cuánto espera un afiliado las demás respuestas?",
        "Desde el primer mensaje del afiliado sin respuesta hasta el mensaje del agente; sin la primera respuesta.",
        (facts.REPLY,),
        average_measure,
    ),
    Metric(
        "queue_wait",
        "Espera hasta tener agente",
        Unit.SECONDS,
        "¿Cuánto espera un afiliado hasta que un agente recibe su chat?",
        f"{WAIT_RULE}Hasta que quedó con un agente, en promedio de cada asignación.",
        (facts.ASSIGNED,),
        average_measure,
    ),
)
RATING_METRICS = (
    Metric(
        "satisfaction",
        "Satisfacción",
        Unit.SCORE,
        "¿Qué calificación dan los afiliados?",
        "Promedio de las calificaciones de 1 a 5, del día en que se dieron; cada atención se califica una vez.",
        (facts.RATED,),
        average_measure,
    ),
    Metric(
        "ratings",
        "Calificaciones",
        Unit.RATINGS,
        "¿Cuántas atenciones se calificaron?",
        "Cada calificación de un afiliado.",
        (facts.RATED,),
        count_facts,
    ),
    Metric(
        "satisfied_share",
        "Afiliados satisfechos",
        Unit.SHARE,
        "¿Qué parte de las calificaciones es de 4 o 5?",
        "Calificaciones de 4 y 5 sobre todas, con el intervalo de Wilson del 95 %.",
        (facts.RATED,),
        share_of(lambda tally: tally.measure is not None and tally.measure >= SATISFIED_FROM),
    ),
)
