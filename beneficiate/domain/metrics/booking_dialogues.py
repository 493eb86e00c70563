"""The figures about the bot: what it completes, and at which step members ask for a person."""

from beneficiate.domain import facts
from beneficiate.domain.bot.progress import STEP_NAMES
from beneficiate.domain.metrics.folds import count_facts, share_of
from beneficiate.domain.metrics.metric import Metric, Unit

_RULE = "Una conversación termina cuando el asistente agenda la cita o el afiliado pide una persona. "

BOOKING_DIALOGUE_METRICS = (
    Metric(
        "bot_booked",
        "Citas pedidas con el asistente",
        Unit.APPOINTMENTS,
        "¿Cuántas citas pidieron los afiliados con el asistente, sin ayuda de nadie?",
        "Cada cita que el asistente dejó pedida.",
        (facts.BOOKING,),
        count_facts,
        (facts.BOOKED,),
    ),
    Metric(
        "bot_completion",
        "Conversaciones que el asistente completa",
        Unit.SHARE,
        "¿Qué parte de las conversaciones termina con la cita pedida?",
        f"{_RULE}Las que se dejan a medias no cuentan. Con el intervalo de Wilson del 95 %.",
        (facts.BOOKING,),
        share_of(lambda tally: tally.detail == facts.BOOKED),
    ),
    *(
        Metric(
            f"bot_left_{step}",
            f"Piden una persona en {name}",
            Unit.TIMES,
            f"¿Cuántas veces pidió un afiliado una persona cuando el asistente iba en {name}?",
            f"{_RULE}El paso es aquel en el que iba.",
            (facts.BOOKING,),
            count_facts,
            (step,),
        )
        for step, name in STEP_NAMES.items()
    ),
)
