"""How payments are shown: one table per audience, and what a member's payment page says.

Members and staff read different words on purpose: a member is told what to do ("Por pagar", "No aprobado"), the staff
what Wompi answered ("Pendiente", "Rechazado").
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from beneficiate.domain.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, UNKNOWN, VOIDED
from beneficiate.domain.status_badge import StatusBadge

Awaited = Literal["", "confirming", "review"]
"""What a payment waits for: the answer of a bank, a person who reviews money that does not fit, or nothing."""
PlanPhase = Literal["active", "next", "over"]
"""The plan of an approved payment runs now, runs after another one, or has ended."""

STAFF_PAYMENT_BADGES = {
    PENDING: StatusBadge("Pendiente", "hourglass", "accent"),
    UNKNOWN: StatusBadge("Por verificar", "circle-question-mark", "warn"),
    APPROVED: StatusBadge("Aprobado", "circle-check", "ok"),
    DECLINED: StatusBadge("Rechazado", "circle-x", "danger"),
    EXPIRED: StatusBadge("Vencido", "clock"),
    VOIDED: StatusBadge("Anulado", "undo-2"),
}
MEMBER_PAYMENT_BADGES = {
    PENDING: StatusBadge("Por pagar", "clock", "accent"),
    UNKNOWN: StatusBadge("En verificación", "search", "warn"),
    APPROVED: StatusBadge("Aprobado", "check", "ok"),
    DECLINED: StatusBadge("No aprobado", "x", "danger"),
    EXPIRED: StatusBadge("Vencido", "hourglass"),
    VOIDED: StatusBadge("Anulado", "undo-2", "warn"),
}
CONFIRMING = "Estamos confirmando su pago"
AWAITED_LABELS: dict[Awaited, str] = {"confirming": "En confirmación", "review": "En revisión"}
PAYMENT_NOTICES = {
    PENDING: CONFIRMING,
    DECLINED: "El pago no fue aprobado",
    EXPIRED: "El enlace de pago venció",
    VOIDED: "El pago fue anulado",
}
"""What a member is notified of while the chat is open; an approved payment arrives as an activated plan.

A pending one is news only after an attempt that failed: a bank has the next one.
"""
UNSETTLED_PAYMENT_STATUSES = (PENDING, UNKNOWN, DECLINED, EXPIRED)
"""The status may still change by itself: a declined or late attempt can be followed by one that is approved."""

_TRANSACTION_BADGES = {
    PENDING: StatusBadge("En proceso", "hourglass", "accent"),
    APPROVED: StatusBadge("Aprobado", "circle-check", "ok"),
    DECLINED: StatusBadge("Rechazado", "circle-x", "danger"),
    VOIDED: StatusBadge("Anulado", "undo-2"),
    "ERROR": StatusBadge("Con error", "circle-alert", "danger"),
}
_PAGE_TITLES = {
    PENDING: "Su pago está por hacerse",
    UNKNOWN: "Estamos verificando con Wompi",
    DECLINED: "El banco no aprobó el pago",
    EXPIRED: "El tiempo para pagar se acabó",
    VOIDED: "El pago fue anulado",
}


@dataclass(frozen=True, slots=True)
class PaymentMark:
    """The large icon at the top of a member's payment page; `css_class` is its colour ("" is the neutral one)."""

    icon: str
    css_class: str = ""
    is_turning: bool = False


_PAGE_MARKS = {
    PENDING: PaymentMark("credit-card"),
    UNKNOWN: PaymentMark("search"),
    APPROVED: PaymentMark("check", "is-ok"),
    DECLINED: PaymentMark("x", "is-bad"),
    EXPIRED: PaymentMark("hourglass", "is-late"),
    VOIDED: PaymentMark("undo-2", "is-late"),
}
_AWAITED_MARKS: dict[Awaited, PaymentMark] = {
    "confirming": PaymentMark("loader-circle", is_turning=True),
    "review": PaymentMark("search"),
}


def member_payment_badge(status: str, awaited: Awaited = "") -> StatusBadge:
    """Return how a list shows one's own payment: the icon of its status, and the word of what it waits for."""
    badge = MEMBER_PAYMENT_BADGES[status]
    return StatusBadge(AWAITED_LABELS[awaited], badge.icon, badge.tone) if awaited else badge


def transaction_badge(status: str) -> StatusBadge:
    """Return how the staff sees one attempt to pay. Wompi may add statuses: those are shown by their code."""
    return _TRANSACTION_BADGES.get(status, StatusBadge(status, "circle-dashed"))


def payment_awaits(status: str, *, is_processing: bool, is_in_review: bool, has_returned: bool) -> Awaited:
    """Return what a payment waits for.

    `has_returned`: the member has just come back from Wompi's page, from an attempt whose end is not known here. An
    older attempt may have been declined.
    """
    if is_in_review:
        return "review"
    return "confirming" if is_processing or (status in (PENDING, DECLINED) and has_returned) else ""


def plan_phase(
    plan_code: str, ends_at: datetime | None, running_code: str | None, running_ends_at: datetime | None
) -> PlanPhase:
    """Return where the plan of an approved payment stands beside the plan that runs now (None: none runs).

    Periods of plans never overlap, so the end of the one that runs now tells which of the others are past.
    """
    if running_ends_at is None or ends_at is None or ends_at < running_ends_at:
        return "over"
    return "active" if running_code == plan_code else "next"


def payment_page_title(status: str, awaited: Awaited, plan_name: str, phase: PlanPhase) -> str:
    """Return the title of a member's payment page, in the tab and on the page."""
    if awaited:
        return "Estamos revisando su pago" if awaited == "review" else CONFIRMING
    if status != APPROVED:
        return _PAGE_TITLES[status]
    if phase == "over":
        return "Su pago está aprobado"
    return f"Su plan {bare_plan_name(plan_name)} está {'activo' if phase == 'active' else 'pago'}"


def payment_page_mark(status: str, awaited: Awaited) -> PaymentMark:
    """Return the icon of a member's payment page."""
    return _AWAITED_MARKS[awaited] if awaited else _PAGE_MARKS[status]


def bare_plan_name(name: str) -> str:
    """Return the name of a plan without "Plan ": it is stored as "Familiar" or as "Plan Familiar"."""
    return name[5:] if name[:5].lower() == "plan " else name


def format_plan_title(name: str) -> str:
    """Return the name of a plan with "Plan " in front of it; static/src/core/text.js has the same rule."""
    return f"Plan {bare_plan_name(name)}"
