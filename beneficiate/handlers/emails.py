"""Composition of e-mails: a text part, an HTML part and, for appointments, a calendar entry."""

from email.message import EmailMessage

import jinja2

from beneficiate.actions import plans
from beneficiate.actions.invitations import PendingInvitation
from beneficiate.actions.reminders import PLACE_EMAIL, REMINDER_EMAIL, PendingAppointmentEmail
from beneficiate.clients.mail import EmailHeaders, attach_calendar, build_email
from beneficiate.domain.booking.ics import render_ics
from beneficiate.domain.booking.presentation import appointment_email_subject
from beneficiate.settings import Settings
from beneficiate.views.emails import AppointmentEmailView, InvitationEmailView, PlanEmailView
from beneficiate.views.pages import EmailView

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
    """Compose an e-mail about an appointment. Its subject says nothing about health: locked screens show it.

    Raises MailRefused.
    """
    subject = appointment_email_subject(pending.appointment.status)
    if pending.kind.startswith(REMINDER_EMAIL):
        subject = "Le recordamos su cita"
    elif pending.kind == PLACE_EMAIL:
        subject = "Su cita cambió de lugar"
    view = AppointmentEmailView(
        subject=subject,
        url=settings.own_url,
        name=pending.name,
        appointment=pending.appointment,
        change_hours=pending.change_hours,
    )
    title = f"{subject} · {pending.appointment.ticket_number}"
    headers = EmailHeaders(settings.mail_from, pending.name, pending.email, title, pending.key)
    message = build_email(headers, *_render_parts(templates, view))
    if pending.invitation is not None:
        ics = render_ics(pending.invitation, settings.mail_from)
        attach_calendar(message, ics, is_cancelled=pending.is_cancelled)
    return message


def compose_plan_email(
    templates: jinja2.Environment, settings: Settings, pending: plans.PendingPlanEmail
) -> EmailMessage:
    """Compose an e-mail about a plan: a receipt, or a notice of its end.

    Raises MailRefused, and KeyError for an unknown kind.
    """
    path = f"/pagos/{pending.payment_id}" if pending.payment_id else "/planes"
    view = PlanEmailView(
        subject=PLAN_SUBJECTS[pending.kind],
        url=settings.own_url + path,
        name=pending.name,
        kind=pending.kind,
        plan=pending.plan,
        ends_at=pending.ends_at,
        amount=pending.amount,
        reference=pending.reference,
    )
    headers = EmailHeaders(settings.mail_from, pending.name, pending.email, view.subject, pending.key)
    return build_email(headers, *_render_parts(templates, view))


def compose_invitation(templates: jinja2.Environment, settings: Settings, pending: PendingInvitation) -> EmailMessage:
    """Compose the invitation of one of the staff, with the link to set their password. Raises MailRefused."""
    view = InvitationEmailView(
        subject="Lo invitamos al equipo de Beneficiate",
        url=f"{settings.own_url}/invitacion/{pending.token}",
        name=pending.name,
        expires_at=pending.expires_at,
    )
    headers = EmailHeaders(settings.mail_from, pending.name, pending.email, view.subject, pending.key)
    return build_email(headers, *_render_parts(templates, view))


def _render_parts(templates: jinja2.Environment, view: EmailView) -> tuple[str, str]:
    """Return the text part and the HTML part."""
    variables = view.variables()
    text, html = (templates.get_template(name).render(variables) for name in (view.text_template, view.template))
    return text, html
