"""How appointments are shown. Members and staff read the same words."""

from datetime import datetime

from beneficiate.domain.booking.lifecycle import (
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    NO_SHOW,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
)
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.formatting import NBSP, format_day_of_month, format_short_weekday, format_time

APPOINTMENT_BADGES = {
    PENDING: StatusBadge("Pendiente", "circle-dashed"),
    TO_BE_CONFIRMED: StatusBadge("Por confirmar", "hourglass", "warn"),
    CONFIRMED: StatusBadge("Confirmada", "calendar-check", "ok"),
    RESCHEDULED: StatusBadge("Reprogramada", "calendar-clock", "accent"),
    CANCELLED: StatusBadge("Cancelada", "calendar-x"),
    EXPIRED: StatusBadge("Vencida", "clock"),
    ATTENDED: StatusBadge("Atendida", "user-check", "ok"),
    NO_SHOW: StatusBadge("No asistió", "user-x"),
}
APPOINTMENT_STATUS_NAMES = {status: badge.label for status, badge in APPOINTMENT_BADGES.items()}

NO_REASON = "Se lo cuenta al consultorio."
"""Instead of the reason of an appointment, where its member does not let us store health data."""

APPOINTMENT_NEWS = {
    PENDING: "quedó pendiente de horario",
    TO_BE_CONFIRMED: "quedó por confirmar",
    CONFIRMED: "quedó confirmada",
    RESCHEDULED: "quedó reprogramada",
    CANCELLED: "fue cancelada",
    ATTENDED: "quedó como atendida",
    NO_SHOW: "quedó como no asistida",
}
"""How a notice to the staff goes on after "La cita …"; for EXPIRED the client says that it changed."""

_EMAIL_SUBJECTS = {
    PENDING: "Recibimos su solicitud de cita",
    TO_BE_CONFIRMED: "Su cita está por confirmar",
    CONFIRMED: "Su cita está confirmada",
    RESCHEDULED: "Su cita cambió de horario",
    CANCELLED: "Su cita fue cancelada",
    EXPIRED: "Su solicitud de cita venció",
}


CONFIRMED_BY_HAND = "Este profesional confirma cada cita: la suya queda por confirmar y le avisamos."
"""What a member reads before they choose another time of such a professional."""


def place_of_care(mode: str, address: str) -> str:
    """Return where a professional sees patients: the address, or the mode in words when nobody goes there."""
    return address if mode == "PRESENCIAL" else mode.title()


def place_of_appointment(location: str | None, city: str, *, is_virtual: bool) -> str:
    """Return where one goes to: the address and the city; by video no city, since the patient is in theirs.

    Without a professional there is no address yet.
    """
    if location is None:
        return city
    return location if is_virtual else f"{location}, {city}"


def appointment_email_subject(status: str) -> str:
    """Return the subject of an e-mail about an appointment. It tells nothing about health: locked screens show it."""
    return _EMAIL_SUBJECTS.get(status, "Novedad de su cita")


def format_slot_label(starts_at: datetime, professional_name: str) -> str:
    """Return a time in Bogotá and the professional: "jue 26 de noviembre, 2:40 p. m., con Germán Cifuentes"."""
    day = f"{format_short_weekday(starts_at)} {format_day_of_month(starts_at)}"
    return f"{day}, {format_time(starts_at).replace(NBSP, ' ')}, con {professional_name}"
