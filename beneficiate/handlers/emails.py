"""Letters: the same templates' environment, a text and an HTML part, the calendar entry attached."""

from email.message import EmailMessage

import jinja2

from beneficiate.actions import plans
from beneficiate.actions.reminders import REMINDER_EMAIL, PendingAppointmentEmail
from beneficiate.clients.mail import attach_calendar, build_email
from beneficiate.domain.booking.presentation import appointment_email_subject
from beneficiate.settings import Settings

PLAN_SUBJECTS = {
    "receipt": "Recibimos su pago",
    "ending-30": "Su plan termina pronto",
    "ending-7": "Su plan termina en pocos días",
    "ending-1": "Su plan está por terminar",
    plans.PLAN_ENDED: "Su plan terminó",
}


def compose_appointment_email(
    templates: jinja2.Environment, settings: Settings, pending: PendingAppointmentEmail
) -> EmailMessage:
    """A letter about an appointment as it is now. Its subject says nothing about health: it shows on locked screens."""
    is_reminder = pending.kind.startswith(REMINDER_EMAIL)
    subject = "Le recordamos su cita" if is_reminder else appointment_email_subject(pending.appointment.status)
    context = {"subject": subject, "name": pending.name, "appointment": pending.appointment, "url": settings.own_url}
    text = templates.get_template("letters/appointment.txt").render(context)
    html = templates.get_template("letters/appointment.html").render(context)
    message = build_email(
        settings.mail_from, pending.name, pending.email, f"{subject} · {pending.appointment.ticket_number}", text, html
    )
    if pending.calendar is not None:
        attach_calendar(message, pending.calendar, is_cancelled=pending.is_cancelled)
    return message


def compose_plan_email(
    templates: jinja2.Environment, settings: Settings, pending: plans.PendingPlanEmail
) -> EmailMessage:
    """A letter about a plan: a receipt, or that it ends."""
    subject = PLAN_SUBJECTS[pending.kind]
    page = f"/pagos/{pending.payment_id}" if pending.payment_id else "/planes"
    context = {"subject": subject, "due": pending, "url": settings.own_url + page}
    text = templates.get_template("letters/plan.txt").render(context)
    html = templates.get_template("letters/plan.html").render(context)
    return build_email(settings.mail_from, pending.name, pending.email, subject, text, html)
