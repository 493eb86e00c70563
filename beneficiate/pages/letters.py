"""Letters: the same templates' environment, a text and an HTML part, the calendar entry attached."""

from email.message import EmailMessage

import jinja2

from beneficiate.actions import plans
from beneficiate.actions.reminders import REMINDER, DueLetter
from beneficiate.gateways.mail import attach_calendar, compose
from beneficiate.scheduling.lifecycle import CANCELLED, CONFIRMED, EXPIRED, PENDING, RESCHEDULED, TO_BE_CONFIRMED
from beneficiate.settings import Settings

SUBJECTS = {
    PENDING: "Recibimos su solicitud de cita",
    TO_BE_CONFIRMED: "Su cita está por confirmar",
    CONFIRMED: "Su cita está confirmada",
    RESCHEDULED: "Su cita cambió de horario",
    CANCELLED: "Su cita fue cancelada",
    EXPIRED: "Su solicitud de cita venció",
}
OTHERWISE = "Novedad de su cita"
PLAN_SUBJECTS = {
    "receipt": "Recibimos su pago",
    "ending-30": "Su plan termina pronto",
    "ending-7": "Su plan termina en pocos días",
    "ending-1": "Su plan está por terminar",
    plans.ENDED: "Su plan terminó",
}


def draw(templates: jinja2.Environment, settings: Settings, due: DueLetter) -> EmailMessage:
    """A letter about an appointment as it is now. Its subject says nothing about health: it shows on locked screens."""
    is_reminder = due.kind.startswith(REMINDER)
    subject = "Le recordamos su cita" if is_reminder else SUBJECTS.get(due.appointment.status, OTHERWISE)
    context = {"subject": subject, "name": due.name, "appointment": due.appointment, "url": settings.own_url}
    text = templates.get_template("letters/appointment.txt").render(context)
    html = templates.get_template("letters/appointment.html").render(context)
    letter = compose(
        settings.mail_from, due.name, due.email, f"{subject} · {due.appointment.ticket_number}", text, html
    )
    if due.calendar is not None:
        attach_calendar(letter, due.calendar, is_cancelled=due.is_cancelled)
    return letter


def draw_plan(templates: jinja2.Environment, settings: Settings, due: plans.DueLetter) -> EmailMessage:
    """A letter about a plan: a receipt, or that it ends."""
    subject = PLAN_SUBJECTS[due.kind]
    page = f"/pagos/{due.payment_id}" if due.payment_id else "/planes"
    context = {"subject": subject, "due": due, "url": settings.own_url + page}
    text = templates.get_template("letters/plan.txt").render(context)
    html = templates.get_template("letters/plan.html").render(context)
    return compose(settings.mail_from, due.name, due.email, subject, text, html)
