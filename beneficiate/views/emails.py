"""What the templates of e-mails need."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.protocol.booking import AppointmentPayload
from beneficiate.views.erasures import Certificate
from beneficiate.views.pages import EmailView


@dataclass(frozen=True, kw_only=True)
class AppointmentEmailView(EmailView):
    """An e-mail about an appointment to a member called `name`.

    `change_hours`: until how many hours before it they may move or cancel it, None when they cannot any more.
    """

    template: ClassVar[str] = "emails/appointment.html"
    text_template: ClassVar[str] = "emails/appointment.txt"

    url: str
    appointment: AppointmentPayload
    change_hours: int | None


@dataclass(frozen=True, kw_only=True)
class PlanEmailView(EmailView):
    """An e-mail about a plan that runs until `ends_at`: a receipt over `amount` whole pesos, or a notice of its end."""

    template: ClassVar[str] = "emails/plan.html"
    text_template: ClassVar[str] = "emails/plan.txt"

    url: str
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

    url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountEmailView(EmailView):
    """An e-mail about an account: `kind` is what it says. A link at `url` is good until `expires_at`.

    `asked_at` is when the link was asked for, or when what it tells happened; `own_url` is the address of the site.
    """

    template: ClassVar[str] = "emails/account.html"
    text_template: ClassVar[str] = "emails/account.txt"

    url: str
    own_url: str
    kind: str
    email: str
    asked_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class SecondFactorEmailView(AccountEmailView):
    """An e-mail about what happened to somebody's second factor; they look after it at `url`."""

    template: ClassVar[str] = "emails/second_factor.html"
    text_template: ClassVar[str] = "emails/second_factor.txt"


@dataclass(frozen=True, kw_only=True)
class NoticeEmailView(EmailView):
    """An e-mail that says that there is something: `count` unread messages, or an offer that ends at `expires_at`.

    `payment_text` says what became of a payment, empty for the other kinds.
    """

    template: ClassVar[str] = "emails/notice.html"
    text_template: ClassVar[str] = "emails/notice.txt"

    url: str
    kind: str
    count: int
    expires_at: datetime
    payment_text: str


@dataclass(frozen=True, kw_only=True)
class DataRequestEmailView(AccountEmailView):
    """An e-mail about requests about personal data, which says nothing of what they say; they are read at `url`."""

    template: ClassVar[str] = "emails/data_request.html"
    text_template: ClassVar[str] = "emails/data_request.txt"


@dataclass(frozen=True, kw_only=True)
class CertificateEmailView(EmailView):
    """The certificate of an erasure, which is at `url` too. It names nobody."""

    template: ClassVar[str] = "emails/certificate.html"
    text_template: ClassVar[str] = "emails/certificate.txt"

    url: str
    certificate: Certificate
