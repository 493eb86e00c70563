"""Composition of e-mails: a text part, an HTML part and, for appointments, a calendar entry."""

from email.message import EmailMessage

import css_inline
import jinja2

from beneficiate.actions import plans
from beneficiate.actions.account_emails import NO_ACCOUNT, TAKEN, PendingAccountEmail
from beneficiate.actions.erasure_certificates import PendingCertificate
from beneficiate.actions.invitations import PendingInvitation
from beneficiate.actions.notice_emails import PendingNoticeEmail
from beneficiate.actions.reminders import PLACE_EMAIL, REMINDER_EMAIL, PendingAppointmentEmail
from beneficiate.clients.mail import EmailHeaders, attach_calendar, build_email, offer_unsubscribe
from beneficiate.domain.booking.ics import render_ics
from beneficiate.domain.booking.presentation import appointment_email_subject
from beneficiate.domain.notices import (
    CHAT,
    CHOSEN_EMAILS,
    OFFER,
    PAYMENT_DECLINED,
    PAYMENT_IN_REVIEW,
    PAYMENT_REFUNDED,
    PAYMENT_VOIDED,
    REMINDER,
)
from beneficiate.handlers.page_sessions import SECOND_FACTOR_PATH
from beneficiate.models.account_emails import (
    ADDRESS_CHANGED,
    COPY_READY,
    ENROLLED,
    ERASURE_ASKED,
    ERASURE_CANCELLED,
    FACTOR_NOTICES,
    IMPORTED,
    NEW_ADDRESS,
    NEW_DEVICE,
    PASSWORD_CHANGED,
    RECOVERED,
    RECOVERY,
    REGISTRATION,
    RENEWED,
    REQUEST_ALERTS,
    REQUEST_ANSWERED,
    REQUEST_ASKED,
    REQUEST_BREACHED,
    REQUEST_DUE,
    REQUEST_EXTENDED,
    REQUEST_FILED,
    REQUEST_LAPSED,
    REQUEST_NOTICES,
    RESET,
    TURNED_OFF,
)
from beneficiate.settings import Settings
from beneficiate.tokens import UnsubscribeTokens
from beneficiate.views.emails import (
    AccountEmailView,
    AppointmentEmailView,
    CertificateEmailView,
    DataRequestEmailView,
    InvitationEmailView,
    NoticeEmailView,
    PlanEmailView,
    SecondFactorEmailView,
)
from beneficiate.views.pages import EmailView

ERASE_PATH = "/mi/datos/borrar"
PLAN_SUBJECTS = {
    "receipt": "Recibimos su pago",
    "ending-30": "Su plan termina pronto",
    "ending-7": "Su plan termina en pocos días",
    "ending-1": "Su plan está por terminar",
    plans.PLAN_ENDED: "Su plan terminó",
}
ACCOUNT_EMAILS = {
    RECOVERY: ("Su enlace para una contraseña nueva", "/recuperar/"),
    IMPORTED: ("Ponga la contraseña de su cuenta", "/recuperar/"),
    NO_ACCOUNT: ("No hay una cuenta con este correo", "/registro"),
    REGISTRATION: ("Confirme su cuenta", "/registro/confirmar/"),
    TAKEN: ("Ya tiene una cuenta con nosotros", "/login"),
    NEW_ADDRESS: ("Confirme su correo nuevo", "/correo/"),
    PASSWORD_CHANGED: ("Su contraseña cambió", "/recuperar"),
    ADDRESS_CHANGED: ("El correo de su cuenta cambió", "/login"),
    COPY_READY: ("La copia que pidió está lista", "/mi/datos#descargar"),
    NEW_DEVICE: ("Ingreso desde un dispositivo nuevo", "/recuperar"),
    ENROLLED: ("Se activó su segundo paso", SECOND_FACTOR_PATH),
    ERASURE_ASKED: ("Pidió borrar su cuenta", ERASE_PATH),
    ERASURE_CANCELLED: ("Su cuenta sigue: no borramos nada", "/mi"),
    TURNED_OFF: ("Se quitó su segundo paso", SECOND_FACTOR_PATH),
    RESET: ("Se restableció su segundo paso", SECOND_FACTOR_PATH),
    RECOVERED: ("Alguien ingresó con un código de recuperación suyo", SECOND_FACTOR_PATH),
    RENEWED: ("Sus códigos de recuperación son otros", SECOND_FACTOR_PATH),
    REQUEST_FILED: ("Recibimos su solicitud", "/mi/solicitudes"),
    REQUEST_ASKED: ("Falta algo en su solicitud", "/mi/solicitudes"),
    REQUEST_EXTENDED: ("Necesitamos más días para su solicitud", "/mi/solicitudes"),
    REQUEST_ANSWERED: ("Ya hay respuesta a su solicitud", "/mi/solicitudes"),
    REQUEST_LAPSED: ("Su solicitud se cerró", "/mi/solicitudes"),
    REQUEST_DUE: ("Hay solicitudes de datos por vencer", "/supervisor/solicitudes"),
    REQUEST_BREACHED: ("Hay solicitudes de datos vencidas", "/supervisor/solicitudes"),
}
"""Subject, and the path of the link (before its token), by the kind of e-mail."""
NOTICE_EMAILS = {
    CHAT: ("Tiene un mensaje de Beneficiate", "/mi#chats", ""),
    OFFER: ("Hay un horario más temprano para su cita", "/mi#citas", ""),
    PAYMENT_DECLINED: (
        "Su pago no fue aprobado",
        "/pagos",
        "El banco no aprobó el pago de su plan, y el plan no empezó. En su cuenta puede intentarlo otra vez, con el "
        "mismo medio o con otro.",
    ),
    PAYMENT_IN_REVIEW: (
        "Estamos revisando su pago",
        "/pagos",
        "Recibimos dinero por un pago suyo, pero algo no coincide. Una persona del equipo lo está revisando. No pague "
        "otra vez.",
    ),
    PAYMENT_VOIDED: (
        "Su pago fue anulado",
        "/pagos",
        "Se anuló un pago suyo. Si con él había empezado un plan, ese plan terminó. Si usted no lo pidió, escríbanos.",
    ),
    PAYMENT_REFUNDED: (
        "Se anuló un cobro de más",
        "/pagos",
        "Se anuló un cobro de más de un pago suyo, y el dinero vuelve al medio con el que pagó. Su plan sigue igual.",
    ),
}
"""Subject, the path of the page and, of a payment, what became of it, by the kind of notice.

Locked screens show the subject.
"""
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
"""Gmail and Outlook read the attributes of elements; what is left are the rules for dark mode and telephones."""


def compose_appointment_email(
    templates: jinja2.Environment, settings: Settings, pending: PendingAppointmentEmail
) -> EmailMessage:
    """Compose an e-mail about an appointment. Its subject says nothing about health: locked screens show it.

    Raises MailRefused.
    """
    subject, unsubscribe_url = appointment_email_subject(pending.appointment.status), ""
    if pending.kind.startswith(REMINDER_EMAIL):
        subject = "Le recordamos su cita"
        unsubscribe_url = _unsubscribe_url(settings, pending.appointment.user_id, REMINDER)
    elif pending.kind == PLACE_EMAIL:
        subject = "Su cita cambió de lugar"
    view = AppointmentEmailView(
        subject=subject,
        url=settings.own_url,
        name=pending.name,
        appointment=pending.appointment,
        change_hours=pending.change_hours,
        unsubscribe_url=unsubscribe_url,
    )
    title = f"{subject} · {pending.appointment.ticket_number}"
    message = _compose(templates, settings, view, pending.email, pending.key, title)
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
    return _compose(templates, settings, view, pending.email, pending.key)


def compose_invitation(templates: jinja2.Environment, settings: Settings, pending: PendingInvitation) -> EmailMessage:
    """Compose the invitation of one of the staff, with the link to set their password. Raises MailRefused."""
    view = InvitationEmailView(
        subject="Lo invitamos al equipo de Beneficiate",
        url=f"{settings.own_url}/invitacion/{pending.token}",
        name=pending.name,
        expires_at=pending.expires_at,
    )
    return _compose(templates, settings, view, pending.email, pending.key)


def compose_account_email(
    templates: jinja2.Environment, settings: Settings, pending: PendingAccountEmail
) -> EmailMessage:
    """Compose an e-mail about an account. Raises MailRefused, and KeyError for an unknown kind."""
    subject, path = ACCOUNT_EMAILS[pending.kind]
    view = _view_type(pending.kind)(
        subject=subject,
        url=f"{settings.own_url}{path}{pending.token}",
        own_url=settings.own_url,
        name=pending.name,
        kind=pending.kind,
        email=pending.email,
        asked_at=pending.asked_at,
        expires_at=pending.expires_at,
    )
    return _compose(templates, settings, view, pending.email, pending.key)


def compose_certificate(templates: jinja2.Environment, settings: Settings, pending: PendingCertificate) -> EmailMessage:
    """Compose the certificate of an erasure, the last e-mail to its address. Raises MailRefused."""
    view = CertificateEmailView(
        subject="Su cuenta quedó borrada",
        name="",
        url=f"{settings.own_url}/constancia/{pending.certificate.code}",
        certificate=pending.certificate,
    )
    return _compose(templates, settings, view, pending.email, pending.key)


def compose_notice_email(
    templates: jinja2.Environment, settings: Settings, pending: PendingNoticeEmail
) -> EmailMessage:
    """Compose an e-mail that says that there is something and not what. Raises MailRefused, KeyError."""
    subject, path, payment_text = NOTICE_EMAILS[pending.kind]
    view = NoticeEmailView(
        subject=subject,
        url=settings.own_url + path,
        name=pending.name,
        kind=pending.kind,
        count=pending.count,
        expires_at=pending.expires_at,
        payment_text=payment_text,
        unsubscribe_url=_unsubscribe_url(settings, pending.user_id, pending.kind)
        if pending.kind in CHOSEN_EMAILS
        else "",
    )
    return _compose(templates, settings, view, pending.email, pending.key)


def _unsubscribe_url(settings: Settings, user_id: int, kind: str) -> str:
    return f"{settings.own_url}/baja/{UnsubscribeTokens(settings.secret).issue(user_id, kind)}"


def _view_type(kind: str) -> type[AccountEmailView]:
    """Return the view of a kind of e-mail about an account."""
    if kind in FACTOR_NOTICES:
        return SecondFactorEmailView
    return DataRequestEmailView if kind in (*REQUEST_NOTICES, *REQUEST_ALERTS) else AccountEmailView


def _compose(
    templates: jinja2.Environment, settings: Settings, view: EmailView, email: str, key: str, subject: str = ""
) -> EmailMessage:
    """Return an e-mail with a text part and an HTML part; `subject` is another one than that of the view."""
    variables = view.variables()
    text, html = (templates.get_template(name).render(variables) for name in (view.text_template, view.template))
    headers = EmailHeaders(settings.mail_from, view.name, email, subject or view.subject, key)
    message = build_email(headers, text, _INLINER.inline(html))
    offer_unsubscribe(message, view.unsubscribe_url)
    return message
