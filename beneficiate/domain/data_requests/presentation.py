"""How requests about personal data are shown to people."""

from beneficiate.domain.data_requests import lifecycle
from beneficiate.domain.data_requests.terms import CLAIM, QUERY
from beneficiate.domain.status_badge import StatusBadge

KIND_NAMES = {QUERY: "Consulta", CLAIM: "Reclamo"}
SUBJECT_NAMES = {
    lifecycle.CORRECT: "Corregir un dato",
    lifecycle.UPDATE: "Actualizar un dato",
    lifecycle.DELETE: "Borrar datos",
    lifecycle.REVOKE: "Retirar la autorización",
    "": "Saber algo de sus datos",
}
"""What is asked for; a query has no subject."""
DECISION_NAMES = {
    lifecycle.ACCEPTED: "Se acepta",
    lifecycle.PARTLY: "Se acepta en parte",
    lifecycle.REFUSED: "No procede, con la razón",
}
STATE_BADGES = {
    lifecycle.RECEIVED: StatusBadge("Recibida", "inbox", "accent"),
    lifecycle.IN_PROGRESS: StatusBadge("En trámite", "hourglass", "accent"),
    lifecycle.NEEDS_INFORMATION: StatusBadge("Falta información", "circle-dashed", "warn"),
    lifecycle.EXTENDED: StatusBadge("Prorrogada", "calendar-clock", "warn"),
    lifecycle.ANSWERED: StatusBadge("Respondida", "check", "ok"),
    lifecycle.WITHDRAWN: StatusBadge("Desistida", "circle-x"),
}
STATE_NAMES = {state: badge.label for state, badge in STATE_BADGES.items()}
EVENT_NAMES = {
    lifecycle.FILED: ("Llegó", "inbox"),
    lifecycle.MARKED: ("Leyenda «reclamo en trámite» puesta", "tag"),
    lifecycle.ASSIGNED: ("Quedó a cargo", "user-check"),
    lifecycle.ASKED: ("Se pidió información", "circle-question-mark"),
    lifecycle.COMPLETED: ("Llegó lo que faltaba", "paperclip"),
    lifecycle.PROLONGED: ("Se prorrogó el plazo", "calendar-clock"),
    lifecycle.REPLIED: ("Se respondió", "mail"),
    lifecycle.GIVEN_UP: ("La persona desistió", "circle-x"),
    lifecycle.LAPSED: ("Se entiende desistida: no llegó lo que faltaba", "circle-x"),
    lifecycle.BREACHED: ("Venció el plazo sin respuesta", "triangle-alert"),
}
"""What happened, and the icon beside it."""


def format_request_number(request_id: int, year: int) -> str:
    """Return the number of a request, which people say and write: `RD-2026-0035`."""
    return f"RD-{year}-{request_id:04}"
