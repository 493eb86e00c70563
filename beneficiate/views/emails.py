"""What the templates of e-mails need."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.protocol.booking import AppointmentPayload
from beneficiate.views.pages import EmailView


@dataclass(frozen=True, kw_only=True)
class AppointmentEmailView(EmailView):
    """An e-mail about an appointment to a member called `name`.

    `change_hours`: until how many hours before it they may move or cancel it, None when they cannot any more.
    """

    template: ClassVar[str] = "emails/appointment.html"
    text_template: ClassVar[str] = "emails/appointment.txt"

    subject: str
    url: str
    name: str
    appointment: AppointmentPayload
    change_hours: int | None


@dataclass(frozen=True, kw_only=True)
class PlanEmailView(EmailView):
    """An e-mail about a plan that runs until `ends_at`: a receipt over `amount` whole pesos, or a notice of its end."""

    template: ClassVar[str] = "emails/plan.html"
    text_template: ClassVar[str] = "emails/plan.txt"

    subject: str
    url: str
    name: str
    kind: str
    plan: str
    ends_at: datetime
    amount: int | None
    reference: str


@dataclass(frozen=True, kw_only=True)
class InvitationEmailView(EmailView):
    """The invitation of one of the staff; the link at `url` is good until `expires_at`."""

    template: ClassVar[str] = "emails/invitation.html"
    text_template: ClassVar[str] = "emails/invitation.txt"

    subject: str
    url: str
    name: str
    expires_at: datetime
