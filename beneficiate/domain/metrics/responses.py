"""The figures about how soon members are answered, and what they say of it."""

from beneficiate.domain import facts
from beneficiate.domain.metrics.chats import WAIT_RULE
from beneficiate.domain.metrics.folds import (
    average_measure,
    average_score,
    count_facts,
    maximum_measure,
    median_measure,
    ninth_decile,
    rate_of,
    share_of_measures,
)
from beneficiate.domain.metrics.metric import Metric, Unit

SATISFIED_FROM = 4
"""The least score of a member who is satisfied."""
_NEXT_REPLY = (
    "Desde el primer mensaje del afiliado sin respuesta hasta el mensaje del agente; sin la primera respuesta."
)
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
    *(
        Metric(code, name, Unit.SECONDS, question, _NEXT_REPLY, (facts.REPLY,), fold)
        for code, name, question, fold in (
            (
                "next_response",
                "Respuesta siguiente, promedio",
                "¿Cuánto espera un afiliado las demás respuestas?",
                average_measure,
            ),
            (
                "next_response_median",
                "Respuesta siguiente, mediana",
                "¿En cuánto tiempo llega la mitad de las demás respuestas?",
                median_measure,
            ),
            (
                "next_response_p90",
                "Respuesta siguiente, percentil 90",
                "¿En cuánto tiempo llegan nueve de cada diez de las demás respuestas?",
                ninth_decile,
            ),
            (
                "next_response_max",
                "Respuesta siguiente, máxima",
                "¿Cuánto esperó quien más esperó otra respuesta?",
                maximum_measure,
            ),
        )
    ),
    Metric(
        "recalled",
        "Respuestas retiradas",
        Unit.TIMES,
        "¿Cuántas veces retiró un agente la respuesta que un afiliado esperaba?",
        "Cada vez que un agente deshizo el envío de su respuesta y el afiliado volvió a esperar. La respuesta retirada "
        "sigue contada en los tiempos de respuesta y en el nivel de servicio: aquí se ve cuántas son.",
        (facts.RECALLED,),
        count_facts,
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
        average_score,
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
        share_of_measures(lambda score: score >= SATISFIED_FROM),
    ),
    Metric(
        "rated_share",
        "Afiliados que califican",
        Unit.SHARE,
        "¿Cuántas calificaciones se dan por cada chat que se cierra?",
        "Calificaciones que se dieron en el período sobre chats que se cerraron en él; como máximo, todos. Cada una "
        "cuenta el día en que se da, aunque el chat se cerrara antes. Con el intervalo de Wilson del 95 %.",
        (facts.RATED, facts.CLOSED),
        rate_of(facts.RATED, facts.CLOSED),
    ),
)
