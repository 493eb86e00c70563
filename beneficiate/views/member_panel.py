"""The panel about the member of the open chat."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from beneficiate.domain.erasures import is_erased_email
from beneficiate.domain.identity_documents import write_document
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.formatting import bogota_date
from beneficiate.models.accounts import User
from beneficiate.views.avatars import avatar_color, initials_of
from beneficiate.views.masking import mask_email, mask_number
from beneficiate.views.pages import PageView


@dataclass(frozen=True)
class MemberContact:
    """The document of a member, and how they are reached; nothing of it is left of who was erased."""

    document: str
    phone: str
    email: str
    is_masked: bool = False
    is_erased: bool = False

    @classmethod
    def from_user(cls, user: User) -> "MemberContact":
        """Return the contact in full."""
        if is_erased_email(user.email):
            return cls("", "", "", is_erased=True)
        return cls(write_document(user.document_type, user.document_number), user.phone, user.email)

    def mask(self) -> "MemberContact":
        """Return the contact as all of the staff may see it."""
        if self.is_erased:
            return self
        kind, _, number = self.document.rpartition(" ")
        return MemberContact(
            f"{kind} {mask_number(number)}", mask_number(self.phone), mask_email(self.email), is_masked=True
        )


@dataclass(frozen=True)
class MemberSummary:
    """The member; `age` in years where the date of birth is known, `since` is when the account was created."""

    name: str
    initials: str
    avatar_color: int
    age: int | None
    since: datetime
    city: str

    @classmethod
    def from_user(cls, user: User, now: datetime) -> "MemberSummary":
        """Return the head of the panel."""
        city = user.township.name if user.township else ""
        color, age = avatar_color(user.id), age_at(user.birth_date, now)
        return cls(user.name, initials_of(user.name), color, age, user.created_at, city)


@dataclass(frozen=True)
class PlanUsage:
    """The current plan, named without "Plan ": it lasts `days`, of which `used` have passed and `left` remain."""

    name: str
    max_beneficiaries: int
    starts_at: datetime
    ends_at: datetime
    days: int
    used: int
    left: int


@dataclass(frozen=True)
class NextPlan:
    """The plan that is paid and begins later, named without "Plan "."""

    name: str
    starts_at: datetime


@dataclass(frozen=True)
class BeneficiaryView:
    """A beneficiary; `age` in years, where the date of birth is known."""

    name: str
    initials: str
    avatar_color: int
    relationship: str
    age: int | None


@dataclass(frozen=True)
class UpcomingAppointment:
    """An appointment to come; `starts_at` is None while it has no time yet."""

    id: int
    specialty_name: str
    patient_name: str
    starts_at: datetime | None
    badge: StatusBadge


@dataclass(frozen=True)
class PaymentSummary:
    """A payment of the member, in whole pesos."""

    plan_name: str
    created_at: datetime
    amount: int
    badge: StatusBadge


@dataclass(frozen=True)
class PastChat:
    """Another chat of the member: its last agent, its tags, and the score that the member gave, from 1 to 5."""

    id: int
    status: str
    at: datetime
    agent: str
    last_line: str
    tags: list[str]
    score: int | None


@dataclass(frozen=True)
class BookingAnswers:
    """The answers that the member gave the bot for a booking that is not finished, with their labels."""

    at: datetime
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class OpenClaim:
    """A claim about the member's data that is not decided: its number, what it asks for, since when.

    It is the legend "reclamo en trámite" with its reason (Ley 1581 de 2012, article 15, 2).
    """

    number: str
    subject: str
    since: datetime


@dataclass(frozen=True)
class MemberPanel:
    """The panel about the member of a chat. `notes` is the number of notes of the chat."""

    chat_id: int
    member: MemberSummary
    contact: MemberContact
    plan: PlanUsage | None
    next_plan: NextPlan | None
    beneficiaries: list[BeneficiaryView]
    appointments: list[UpcomingAppointment]
    payments: list[PaymentSummary]
    past_chats: list[PastChat]
    answers: BookingAnswers | None
    tags: list[str]
    notes: int
    claims: list[OpenClaim]

    @property
    def version(self) -> str:
        """The version of what the panel shows, which is the same for all of the staff."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class MemberPanelPart(PageView):
    """`/agente/chats/:id/ficha`."""

    template: ClassVar[str] = "desk/_about.html"

    panel: MemberPanel


@dataclass(frozen=True)
class ContactPart(PageView):
    """`/agente/chats/:id/ficha/datos`."""

    template: ClassVar[str] = "desk/_contact.html"

    contact: MemberContact


def age_at(birth_date: date | None, now: datetime) -> int | None:
    """Return an age in whole years in Bogotá; None where the date of birth is not known."""
    if birth_date is None:
        return None
    today = bogota_date(now)
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
