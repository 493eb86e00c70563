"""Every metric, and those about appointments and payments."""

from beneficiate.domain import facts
from beneficiate.domain.billing import outcome
from beneficiate.domain.booking import lifecycle
from beneficiate.domain.metrics.booking_dialogues import BOOKING_DIALOGUE_METRICS
from beneficiate.domain.metrics.chats import CHAT_METRICS, METRICS_OF_NOW
from beneficiate.domain.metrics.folds import count_facts, sum_measures
from beneficiate.domain.metrics.metric import Actors, Metric, Scope, Unit
from beneficiate.domain.metrics.responses import RATING_METRICS, RESPONSE_METRICS
from beneficiate.domain.metrics.service_levels import SERVICE_LEVEL_METRICS

_OF_DAY = "El último estado de cada cita del día. "
_ON_AGENDA = (
    lifecycle.TO_BE_CONFIRMED,
    lifecycle.CONFIRMED,
    lifecycle.RESCHEDULED,
    lifecycle.ATTENDED,
    lifecycle.NO_SHOW,
)

APPOINTMENT_METRICS = tuple(
    Metric(
        code,
        name,
        Unit.APPOINTMENTS,
        question,
        f"{_OF_DAY}{rule}",
        (facts.APPOINTMENT,),
        count_facts,
        statuses,
        Scope.APPOINTMENT_DAY,
        actors,
    )
    for code, name, question, rule, statuses, actors in (
        (
            "appointments",
            "Citas del día",
            "¿Cuántas citas hay ese día?",
            "Sin las canceladas ni las vencidas.",
            _ON_AGENDA,
            Actors.ANYONE,
        ),
        (
            "appointments_asked",
            "Citas pedidas",
            "¿Cuántas citas se pidieron para ese día?",
            "Todas las que tienen hora, en cualquier estado.",
            (),
            Actors.ANYONE,
        ),
        (
            "appointments_to_confirm",
            "Citas por confirmar",
            "¿Cuántas citas de ese día faltan por confirmar?",
            "Las que esperan que el equipo las confirme.",
            (lifecycle.TO_BE_CONFIRMED,),
            Actors.ANYONE,
        ),
        (
            "appointments_confirmed",
            "Citas confirmadas",
            "¿Cuántas citas de ese día están confirmadas?",
            "Confirmadas, también después de moverse.",
            (lifecycle.CONFIRMED, lifecycle.RESCHEDULED),
            Actors.ANYONE,
        ),
        (
            "appointments_attended",
            "Citas atendidas",
            "¿A cuántas citas de ese día se asistió?",
            "Marcadas como atendidas.",
            (lifecycle.ATTENDED,),
            Actors.ANYONE,
        ),
        (
            "appointments_no_show",
            "Inasistencias",
            "¿A cuántas citas de ese día no llegó el paciente?",
            "Marcadas como inasistencia.",
            (lifecycle.NO_SHOW,),
            Actors.ANYONE,
        ),
        (
            "appointments_cancelled",
            "Citas canceladas",
            "¿Cuántas citas de ese día se cancelaron o se vencieron?",
            "Canceladas, o vencidas porque nadie las confirmó.",
            (lifecycle.CANCELLED, lifecycle.EXPIRED),
            Actors.ANYONE,
        ),
        (
            "appointments_cancelled_by_member",
            "Canceladas por el afiliado",
            "¿Cuántas citas de ese día canceló el afiliado?",
            "Canceladas por el afiliado mismo, en su página o con el asistente, o al eliminar su cuenta.",
            (lifecycle.CANCELLED,),
            Actors.OTHERS,
        ),
        (
            "appointments_cancelled_by_staff",
            "Canceladas por el equipo",
            "¿Cuántas citas de ese día canceló el equipo?",
            "Canceladas por un agente o un supervisor.",
            (lifecycle.CANCELLED,),
            Actors.AGENTS,
        ),
        (
            "appointments_expired",
            "Citas vencidas",
            "¿Cuántas citas de ese día se vencieron?",
            "Vencidas porque nadie las confirmó a tiempo.",
            (lifecycle.EXPIRED,),
            Actors.ANYONE,
        ),
    )
)
PAYMENT_METRICS = tuple(
    Metric(code, name, unit, question, rule, (facts.PAYMENT,), fold, statuses)
    for code, name, unit, question, rule, fold, statuses in (
        (
            "payments_amount",
            "Pagos",
            Unit.PESOS,
            "¿Cuánto se pagó?",
            "Suma del valor de los pagos que se aprobaron, también a mano. Los anulados después no se restan.",
            sum_measures,
            (outcome.APPROVED,),
        ),
        (
            "payments_approved",
            "Pagos aprobados",
            Unit.PAYMENTS,
            "¿Cuántos pagos se aprobaron?",
            "Cada pago, cuando quedó aprobado.",
            count_facts,
            (outcome.APPROVED,),
        ),
        (
            "payments_declined",
            "Pagos rechazados",
            Unit.PAYMENTS,
            "¿Cuántas veces quedó un pago rechazado?",
            "Cada vez que un pago quedó rechazado, aunque después se aprobara con otro medio.",
            count_facts,
            (outcome.DECLINED,),
        ),
        (
            "payments_revoked",
            "Pagos anulados",
            Unit.PAYMENTS,
            "¿Cuántos pagos se anularon después de activar el plan?",
            "Cada vez que un plan pagado se revocó.",
            count_facts,
            (facts.REVOKED,),
        ),
    )
)

METRICS: dict[str, Metric] = {
    metric.code: metric
    for metric in (
        *METRICS_OF_NOW,
        *CHAT_METRICS,
        *RESPONSE_METRICS,
        *SERVICE_LEVEL_METRICS,
        *RATING_METRICS,
        *BOOKING_DIALOGUE_METRICS,
        *APPOINTMENT_METRICS,
        *PAYMENT_METRICS,
    )
}
"""Every metric by its code, in the order of the page of definitions."""
