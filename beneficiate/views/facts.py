"""Facts as the lists behind figures show them."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain import facts
from beneficiate.domain.billing import outcome
from beneficiate.domain.booking.presentation import APPOINTMENT_STATUS_NAMES
from beneficiate.domain.bot.progress import STEP_NAMES
from beneficiate.domain.metrics.metric import Tally
from beneficiate.domain.service_levels.promises import PROMISE_NAMES, outcome_detail
from beneficiate.formatting import format_duration, format_number, format_pesos

_TITLES = {
    (facts.OPENED, ""): "Se abrió",
    (facts.QUEUED, facts.NEW): "Entró a la fila",
    (facts.QUEUED, facts.AGAIN): "Volvió a la fila al reabrirse",
    (facts.ASSIGNED, ""): "Quedó con el agente",
    (facts.FIRST_REPLY, ""): "Primera respuesta",
    (facts.REPLY, ""): "Respuesta",
    (facts.RECALLED, ""): "El agente retiró su respuesta",
    (facts.RETURNED, ""): "Volvió a la fila",
    (facts.RETURNED, "no_reply"): "Volvió a la fila: el agente no contestó",
    (facts.RETURNED, "lost"): "Volvió a la fila: el agente perdió la conexión",
    (facts.RETURNED, "absent"): "Volvió a la fila: el agente no estaba",
    (facts.TRANSFERRED, ""): "Se transfirió",
    (facts.CLOSED, facts.ANSWERED): "Se cerró con respuesta",
    (facts.CLOSED, facts.MISSED): "Se cerró sin respuesta",
    (facts.RESOLUTION, ""): "Se resolvió",
    (facts.REOPENED, ""): "Se reabrió",
    (facts.RATED, ""): "Calificación",
    **{
        (facts.SERVICE_LEVEL, outcome_detail(promise, is_met=is_met)): f"{name} {'a tiempo' if is_met else 'vencida'}"
        for promise, name in PROMISE_NAMES.items()
        for is_met in (True, False)
    },
    (facts.HANDED_OVER, facts.TO_PERSON): "El asistente lo pasó a una persona",
    (facts.HANDED_OVER, facts.TO_BOT): "Volvió al asistente",
    (facts.BOOKING, facts.BOOKED): "El asistente dejó pedida la cita",
    **{(facts.BOOKING, step): f"Pidió una persona en {name}" for step, name in STEP_NAMES.items()},
    (facts.PAYMENT, outcome.PENDING): "Pago pendiente",
    (facts.PAYMENT, outcome.UNKNOWN): "Pago en duda",
    (facts.PAYMENT, outcome.APPROVED): "Pago aprobado",
    (facts.PAYMENT, outcome.DECLINED): "Pago rechazado",
    (facts.PAYMENT, outcome.EXPIRED): "Pago vencido",
    (facts.PAYMENT, outcome.VOIDED): "Pago anulado",
    (facts.PAYMENT, facts.REVOKED): "Plan revocado",
}
"""What happened, by kind and detail; without a detail, for all others of the kind."""


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact that a figure counts. `measure_s` is how long it took, `value` a score or pesos.

    `span` is the part of the chat. `person` is the name that the member has now; empty for one who is no longer there.
    `comment` is what they wrote with a rating.
    """

    at: datetime
    kind: str
    detail: str
    chat_id: int | None
    appointment_id: int | None
    payment_id: str | None
    agent_id: int | None
    agent_name: str
    agent_code: str
    topic: str
    measure_s: int | None
    value: int | None
    starts_at: datetime | None
    fact_id: int = 0
    span: int | None = None
    person: str = ""
    comment: str = ""

    @property
    def title(self) -> str:
        """What happened, in words."""
        if self.kind == facts.APPOINTMENT:
            return APPOINTMENT_STATUS_NAMES.get(self.detail, self.detail)
        return _TITLES.get((self.kind, self.detail)) or _TITLES.get((self.kind, ""), self.kind)

    @property
    def measure_text(self) -> str:
        """How long it took, or its value; empty without either."""
        if self.measure_s is not None:
            return format_duration(self.measure_s)
        if self.value is None:
            return "—"
        return format_pesos(self.value) if self.kind == facts.PAYMENT else format_number(self.value)

    @property
    def address(self) -> str:
        """Where the chat, appointment or payment is shown; empty for one that is no longer there."""
        if not self.person:
            return ""
        if self.chat_id is not None:
            return f"/agente?chat={self.chat_id}"
        if self.payment_id is not None:
            return f"/supervisor/pagos/{self.payment_id}"
        return f"/agente/citas?cita={self.appointment_id}"

    @property
    def tally(self) -> Tally:
        """What a figure counts of it."""
        measure = self.value if self.measure_s is None else self.measure_s
        return Tally(self.kind, self.detail, self.agent_id, self.topic, measure)
