"""The figures about chats: who waits, what came, what ended, what was missed."""

from beneficiate.domain import facts
from beneficiate.domain.metrics.folds import (
    average_measure,
    count_facts,
    maximum_measure,
    median_measure,
    ninth_decile,
    share_of,
)
from beneficiate.domain.metrics.metric import Metric, Scope, Unit

WAIT_RULE = "Desde que el afiliado pidió una persona, o escribió y no tenía respuesta, aunque cambie de agente. "
_RESOLUTION = (
    "Desde que el chat se abrió o se reabrió hasta que se cerró con respuesta, con cualquier agente. Cuenta también la "
    "espera, las noches y los festivos."
)
_LENGTH = "Desde que el último agente recibió el chat hasta que se cerró; solo chats resueltos."

METRICS_OF_NOW = (
    Metric(
        "waiting",
        "En espera",
        Unit.CHATS,
        "¿Cuántos afiliados esperan en la fila?",
        "Chats cuyo último paso fue entrar a la fila, o volver a ella.",
        facts.ENTERED_QUEUE,
        count_facts,
        scope=Scope.INSTANT,
    ),
    Metric(
        "longest_wait",
        "Espera más larga",
        Unit.SECONDS,
        "¿Cuánto lleva quien más ha esperado en la fila?",
        f"{WAIT_RULE}De quienes están en la fila.",
        facts.ENTERED_QUEUE,
        maximum_measure,
        scope=Scope.INSTANT,
    ),
    Metric(
        "active",
        "Chats activos",
        Unit.CHATS,
        "¿Cuántos chats tiene un agente ahora?",
        "Chats cuyo último paso fue quedar con un agente.",
        (facts.ASSIGNED,),
        count_facts,
        scope=Scope.INSTANT,
    ),
)
CHAT_METRICS = (
    Metric(
        "opened",
        "Chats nuevos",
        Unit.CHATS,
        "¿Cuántos chats empezaron?",
        "Cada chat con el equipo, una vez, cuando se abrió. Uno reabierto no es nuevo.",
        (facts.OPENED,),
        count_facts,
    ),
    Metric(
        "reopened",
        "Chats reabiertos",
        Unit.CHATS,
        "¿Cuántas veces siguió un chat que ya había terminado?",
        "Cada vez que un chat cerrado se reabrió.",
        (facts.REOPENED,),
        count_facts,
    ),
    Metric(
        "assigned",
        "Chats recibidos",
        Unit.CHATS,
        "¿Cuántas veces recibió un agente un chat?",
        "Cada vez que un chat quedó con un agente, también después de volver a la fila o de una transferencia.",
        (facts.ASSIGNED,),
        count_facts,
    ),
    Metric(
        "closed",
        "Chats cerrados",
        Unit.CHATS,
        "¿Cuántas atenciones terminaron?",
        "Cada vez que un chat se cerró, con respuesta o sin ella, aunque después se reabriera.",
        (facts.CLOSED,),
        count_facts,
    ),
    Metric(
        "resolved",
        "Chats resueltos",
        Unit.CHATS,
        "¿Cuántas atenciones terminaron con respuesta?",
        "Cada vez que un chat se cerró después de que un agente contestó; cuenta ese día, aunque después se reabriera.",
        (facts.CLOSED,),
        count_facts,
        (facts.ANSWERED,),
    ),
    Metric(
        "missed",
        "Chats perdidos",
        Unit.CHATS,
        "¿Cuántos afiliados esperaron y nadie les contestó?",
        "Chats que se cerraron mientras el afiliado esperaba y sin mensaje de un agente en esa atención, o solo con "
        "mensajes que el agente retiró.",
        (facts.CLOSED,),
        count_facts,
        (facts.MISSED,),
    ),
    Metric(
        "missed_share",
        "Porcentaje de perdidos",
        Unit.SHARE,
        "¿Qué parte de las atenciones terminó sin respuesta?",
        "Chats perdidos sobre chats cerrados, con el intervalo de Wilson del 95 %.",
        (facts.CLOSED,),
        share_of(lambda tally: tally.detail == facts.MISSED),
    ),
    Metric(
        "returned",
        "Devueltos a la fila",
        Unit.CHATS,
        "¿Cuántas veces volvió un chat a la fila?",
        "Cada vez que un agente devolvió un chat, no contestó a tiempo o perdió la conexión.",
        (facts.RETURNED,),
        count_facts,
    ),
    Metric(
        "transferred",
        "Transferidos",
        Unit.CHATS,
        "¿Cuántas veces pasó un chat a otro tema o a otra persona?",
        "Cada transferencia, también cuando un supervisor toma o asigna el chat de otro.",
        (facts.TRANSFERRED,),
        count_facts,
    ),
    Metric(
        "handed_over",
        "Pasados por el asistente",
        Unit.CHATS,
        "¿Cuántas veces pidió un afiliado al asistente hablar con una persona?",
        "Cada vez que el asistente dejó el chat a una persona.",
        (facts.HANDED_OVER,),
        count_facts,
        (facts.TO_PERSON,),
    ),
    *(
        Metric(code, name, Unit.SECONDS, question, _LENGTH, (facts.CLOSED,), fold, (facts.ANSWERED,))
        for code, name, question, fold in (
            ("chat_length", "Duración de un chat", "¿Cuánto dura un chat con su agente?", average_measure),
            (
                "chat_length_median",
                "Duración de un chat, mediana",
                "¿En cuánto tiempo termina la mitad de los chats?",
                median_measure,
            ),
            (
                "chat_length_p90",
                "Duración de un chat, percentil 90",
                "¿En cuánto tiempo terminan nueve de cada diez chats?",
                ninth_decile,
            ),
            (
                "chat_length_max",
                "Duración de un chat, máxima",
                "¿Cuánto duró el chat más largo?",
                maximum_measure,
            ),
        )
    ),
    *(
        Metric(code, name, Unit.SECONDS, question, _RESOLUTION, (facts.RESOLUTION,), fold)
        for code, name, question, fold in (
            (
                "resolution_time",
                "Tiempo hasta resolver",
                "¿Cuánto pasa desde que empieza un chat hasta que se resuelve?",
                average_measure,
            ),
            (
                "resolution_time_median",
                "Tiempo hasta resolver, mediana",
                "¿En cuánto tiempo se resuelve la mitad de los chats?",
                median_measure,
            ),
            (
                "resolution_time_p90",
                "Tiempo hasta resolver, percentil 90",
                "¿En cuánto tiempo se resuelven nueve de cada diez chats?",
                ninth_decile,
            ),
        )
    ),
)
