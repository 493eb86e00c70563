"""One payment for supervisors: its member, attempts, events of Wompi, reviews and history."""

import json
from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain.audit_kinds import describe_kind
from beneficiate.domain.billing.money import COP
from beneficiate.domain.billing.presentation import transaction_badge
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.models.payments import PaymentReview, PaymentTransaction, WompiEvent
from beneficiate.views.masking import mask_json
from beneficiate.views.payment_reviews import REVIEW_TEXTS, ReviewText
from beneficiate.views.payment_rows import PaymentRow

STAFF_METHOD_NAMES = {
    "CARD": "Tarjeta",
    "PSE": "PSE",
    "NEQUI": "Nequi",
    "DAVIPLATA": "Daviplata",
    "BANCOLOMBIA_TRANSFER": "Botón Bancolombia",
    "BANCOLOMBIA_COLLECT": "Corresponsal Bancolombia",
    "BANCOLOMBIA_QR": "QR Bancolombia",
    "BANCOLOMBIA_BNPL": "BNPL Bancolombia",
    "SU_PLUS": "SU+ Pay",
    "PCOL": "Puntos Colombia",
}
"""Wompi's payment methods as the staff reads them; another one is shown by its code."""
REVIEW_CLOSED = "payments.resolve"
"""An audit entry that the history leaves out: the review itself is listed, with its kind."""


@dataclass(frozen=True)
class EventBadge:
    """What was made of an event: a word, an icon and its colour ("" is the neutral one)."""

    label: str
    icon: str
    css_class: str = ""


FAILED_EVENT_BADGE = EventBadge("No se pudo procesar", "circle-alert", "is-danger")
EVENT_BADGES = {
    "ACTIVATED": EventBadge("Activó el plan", "circle-check", "is-ok"),
    "RECORDED": EventBadge("Quedó registrado", "check"),
    "NOT_YET": EventBadge("Wompi todavía no lo muestra; se vuelve a mirar", "hourglass"),
    "REVOKED": EventBadge("Retiró el plan", "undo-2", "is-warn"),
    "FLAGGED": EventBadge("Quedó por revisar", "triangle-alert", "is-warn"),
    "UNKNOWN_LINK": EventBadge("De un enlace que no es nuestro", "circle-question-mark"),
    "IGNORED": EventBadge("No trata de una transacción", "info"),
    "NOT_FOUND": EventBadge("Wompi no reconoce la transacción", "circle-question-mark", "is-warn"),
    "": EventBadge("Por procesar", "hourglass"),
}
"""By the outcome of an event; another outcome is shown by its code."""


@dataclass(frozen=True)
class PayingMember:
    """The member of a payment."""

    name: str
    document: str
    email: str
    phone: str


@dataclass(frozen=True)
class AttemptView:
    """One attempt to pay, as Wompi answered."""

    id: str
    status: str
    badge: StatusBadge
    amount_in_cents: int
    currency_suffix: str
    method: str
    reason: str
    created_at: datetime


@dataclass(frozen=True)
class EventView:
    """An event of Wompi; `body` is indented JSON, `copies` how often it was received."""

    id: int
    name: str
    transaction_id: str
    transaction_status: str
    state: str
    outcome: str
    badge: EventBadge
    copies: int
    tries: int
    received_at: datetime
    processed_at: datetime | None
    body: str


@dataclass(frozen=True)
class ReviewView:
    """Something about a payment that a person must look at, until `resolved_at`; `resolved_by` is a name."""

    id: int
    kind: str
    text: ReviewText
    transaction_id: str
    opened_at: datetime
    resolved_at: datetime | None
    resolved_by: str
    note: str


@dataclass(frozen=True)
class HistoryEntry:
    """What was done to a payment by hand, by whom ("" for nobody) and why."""

    at: datetime
    what: str
    who: str
    note: str


@dataclass(frozen=True)
class PaymentDetail:
    """All that is known of a payment, and what may be done about it; `spans` are the periods of its plan."""

    row: PaymentRow
    member: PayingMember
    is_open: bool
    link_expires_at: datetime
    revoked_at: datetime | None
    checked_at: datetime | None
    problem: str
    spans: list[tuple[datetime, datetime]]
    attempts: list[AttemptView]
    events: list[EventView]
    reviews: list[ReviewView]
    history: list[HistoryEntry]
    may_activate: bool
    may_release: bool

    @property
    def open_reviews(self) -> list[ReviewView]:
        """The reviews that nobody has resolved yet."""
        return [one for one in self.reviews if one.resolved_at is None]


def build_attempt_view(attempt: PaymentTransaction) -> AttemptView:
    """Return an attempt to pay with its method in words."""
    method = STAFF_METHOD_NAMES.get(attempt.method, attempt.method) or "Sin medio de pago"
    return AttemptView(
        id=attempt.id,
        status=attempt.status,
        badge=transaction_badge(attempt.status),
        amount_in_cents=attempt.amount_in_cents,
        currency_suffix="" if attempt.currency == COP else f" {attempt.currency}",
        method=f"{method} {attempt.method_detail}" if attempt.method_detail else method,
        reason=attempt.reason,
        created_at=attempt.created_at,
    )


def build_event_view(event: WompiEvent) -> EventView:
    """Return an event with its body indented and without personal data."""
    return EventView(
        id=event.id,
        name=event.name,
        transaction_id=event.transaction_id,
        transaction_status=event.transaction_status,
        state=event.state,
        outcome=event.outcome,
        badge=event_badge(event.state, event.outcome),
        copies=event.copies,
        tries=event.tries,
        received_at=event.received_at,
        processed_at=event.processed_at,
        body=mask_event_body(event.body),
    )


def event_badge(state: str, outcome: str) -> EventBadge:
    """Return what was made of an event."""
    return FAILED_EVENT_BADGE if state == "FAILED" else EVENT_BADGES.get(outcome, EventBadge(outcome, "info"))


def build_review_view(review: PaymentReview) -> ReviewView:
    """Return a review, whose resolver is loaded, in words."""
    unknown = ReviewText(
        review.kind, "Este pago necesita una revisión", "Revíselo en el panel de Wompi y escriba aquí qué hizo."
    )
    return ReviewView(
        id=review.id,
        kind=review.kind,
        text=REVIEW_TEXTS.get(review.kind, unknown),
        transaction_id=review.transaction_id,
        opened_at=review.opened_at,
        resolved_at=review.resolved_at,
        resolved_by=review.resolved_by.name if review.resolved_by_id else "",
        note=review.note,
    )


def merge_history(reviews: list[ReviewView], audit_entries: list[HistoryEntry]) -> list[HistoryEntry]:
    """Return the resolved reviews and the audit entries in words, the oldest first."""
    resolved = [
        HistoryEntry(
            one.resolved_at, f"Resuelto: {one.text.name[0].lower()}{one.text.name[1:]}", one.resolved_by, one.note
        )
        for one in reviews
        if one.resolved_at is not None
    ]
    done = [
        HistoryEntry(one.at, describe_kind(one.what).label, one.who, one.note)
        for one in audit_entries
        if one.what != REVIEW_CLOSED
    ]
    return sorted(resolved + done, key=lambda one: one.at)


def mask_event_body(body: str) -> str:
    """Return JSON indented, with its decimal numbers as they were written and what is personal masked.

    Of a body that cannot be read, nothing is shown: what is personal in it cannot be told.
    """
    try:
        return json.dumps(mask_json(json.loads(body, parse_float=str)), indent=2, ensure_ascii=False)
    except (RecursionError, ValueError):  # ValueError: also for a number of more digits than Python reads
        return f"{len(body.encode())} bytes que no se pueden leer como JSON."
