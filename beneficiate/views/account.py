"""A member's own pages: the account, a beneficiary's form, the transcript of a chat."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

from beneficiate.domain.billing.presentation import bare_plan_name
from beneficiate.domain.status_badge import StatusBadge
from beneficiate.errors import Problem
from beneficiate.models.accounts import PAGE_SIGN_IN
from beneficiate.protocol.payloads import ChatPayload
from beneficiate.views.appointments import AppointmentView, OwnAppointmentView
from beneficiate.views.data_requests import RequestSummary
from beneficiate.views.data_views import DataViewList
from beneficiate.views.erasures import ErasureState
from beneficiate.views.payments import MemberPaymentView
from beneficiate.views.second_factor import SecondFactorState
from beneficiate.views.site import SiteView, coverage_text

CHAT_BADGES = {
    "WAITING": StatusBadge("En espera", "clock", "warn"),
    "ACTIVE": StatusBadge("Abierta", "message-square", "accent"),
    "CLOSED": StatusBadge("Terminada", "check"),
}
DOCUMENT_TYPE_NAMES = {
    "CC": "Cédula de ciudadanía",
    "TI": "Tarjeta de identidad",
    "RC": "Registro civil",
    "CE": "Cédula de extranjería",
    "PPT": "Permiso por protección temporal (PPT)",
    "PEP": "Permiso especial de permanencia (PEP)",
    "NIT": "NIT",
    "PASSPORT": "Pasaporte",
    "OTHER": "Otro",
}


@dataclass(frozen=True)
class PlanPeriod:
    """A plan from `starts_at` to just before `ends_at`."""

    name: str
    max_beneficiaries: int
    starts_at: datetime
    ends_at: datetime

    @property
    def bare_name(self) -> str:
        """The name without `Plan` in front of it."""
        return bare_plan_name(self.name)

    @property
    def coverage(self) -> str:
        """Whom it covers."""
        return coverage_text(self.max_beneficiaries)


@dataclass(frozen=True)
class BeneficiaryRow:
    """A beneficiary in the list; `age` in years, where the day of birth is known; `avatar_color` is from 1."""

    id: int
    name: str
    initials: str
    avatar_color: int
    relationship: str
    document: str
    age: int | None


@dataclass(frozen=True)
class OwnChatRow:
    """A chat of the member with the call centre."""

    payload: ChatPayload

    @property
    def badge(self) -> StatusBadge:
        """How its status is shown."""
        return CHAT_BADGES[self.payload.status]


@dataclass(frozen=True)
class DeviceView:
    """An open sign-in; `kind` is `api` or `page`, `is_this` the one of this request."""

    id: int
    kind: str
    begun_at: datetime
    is_this: bool

    @property
    def name(self) -> str:
        """What was signed in."""
        return "Página web" if self.kind == PAGE_SIGN_IN else "Chat o aplicación"


@dataclass(frozen=True)
class ConsentView:
    """A member's last consent: the version of its text, when it was given and withdrawn."""

    version: str
    given_at: datetime
    withdrawn_at: datetime | None


def find_consent_state(consent: ConsentView | None, text_version: str) -> str:
    """Return `given` for today's text or what was told of it (`1-chat`), `older` for another, `withdrawn` or `none`."""
    if consent is None:
        return "none"
    if consent.withdrawn_at is not None:
        return "withdrawn"
    return "given" if consent.version.partition("-")[0] == text_version else "older"


@dataclass(frozen=True)
class Account:
    """Everything on `/mi`. `queued` are the plans that come later, `most` the beneficiaries that the plan covers.

    `change_hours` is until how many hours before it an appointment may be moved or cancelled, `text_version` is the
    version of the consent's text today. `views` are those of the staff who opened the member's data; `requests` are
    the newest ones about that data. `second_factor` is None for members.
    `erasure` is the one that the member asked for.
    """

    plan: PlanPeriod | None
    queued: list[PlanPeriod]
    people: list[BeneficiaryRow]
    most: int
    upcoming: list[OwnAppointmentView]
    past: list[AppointmentView]
    change_hours: int
    payments: list[MemberPaymentView]
    chats: list[OwnChatRow]
    devices: list[DeviceView]
    consent: ConsentView | None
    text_version: str
    views: DataViewList
    requests: list[RequestSummary]
    erasure: ErasureState | None
    second_factor: SecondFactorState | None

    @property
    def consent_state(self) -> str:
        """How it is with the consent: see `find_consent_state`."""
        return find_consent_state(self.consent, self.text_version)


@dataclass(frozen=True)
class AccountOverview(SiteView):
    """`/mi`; `done` names what was done just before."""

    template: ClassVar[str] = "account/account.html"

    account: Account
    done: str


@dataclass(frozen=True)
class BeneficiaryValues:
    """The values of a beneficiary's form, as text."""

    first_name: str = ""
    last_name: str = ""
    document_type: str = ""
    document_number: str = ""
    birth_date: str = ""
    relationship: str = ""


BENEFICIARY_FIELDS = tuple(field.name for field in fields(BeneficiaryValues))


@dataclass(frozen=True)
class BeneficiaryFormData:
    """What the form of a beneficiary needs: who it is (None: a new one), the stored values, what can be chosen.

    `today` is the last possible day of birth, `has_room` whether the plan covers this person;
    `most` is how many the plan that runs covers, None without one.
    """

    beneficiary_id: int | None
    first_name: str
    name: str
    stored: BeneficiaryValues
    document_types: tuple[str, ...]
    relationships: tuple[str, ...]
    today: str
    has_room: bool
    most: int | None


@dataclass(frozen=True)
class BeneficiaryForm(SiteView):
    """`/mi/beneficiarios/:id`; `typed` and `wrong` are values and errors by field."""

    template: ClassVar[str] = "account/beneficiary.html"

    form: BeneficiaryFormData
    typed: BeneficiaryValues
    problem: Problem | None
    wrong: dict[str, str]
    document_type_names: dict[str, str]


@dataclass(frozen=True)
class TranscriptMessage:
    """A message in a transcript; `kind` is own, other or system, and the assistant has no author.

    `is_new_day`: the first of its day in Bogotá. `is_grouped`: of the same author as the one before, soon after it.
    """

    kind: str
    author: str
    text: str
    sent_at: datetime
    is_new_day: bool
    is_grouped: bool


@dataclass(frozen=True)
class Transcript:
    """A page of a chat's messages; `older` is the `seq` before which there are more, None without."""

    chat: OwnChatRow
    messages: list[TranscriptMessage]
    older: int | None
    has_newer: bool


@dataclass(frozen=True)
class ChatTranscript(SiteView):
    """`/mi/chats/:id`."""

    template: ClassVar[str] = "account/chat.html"

    transcript: Transcript
