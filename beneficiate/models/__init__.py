"""Database models."""

from beneficiate.models.accounts import (
    Agent,
    Beneficiary,
    ServerProcess,
    SignIn,
    SignInThrottle,
    StaffInvitation,
    Supervisor,
    User,
    UserConnection,
)
from beneficiate.models.appointments import (
    Appointment,
    AppointmentChange,
    AppointmentEmail,
    Hold,
    Reminder,
    Tick,
    WaitingListEntry,
)
from beneficiate.models.audit import AuditEntry, AuditState
from beneficiate.models.base import BaseModel
from beneficiate.models.call_centre import (
    BusinessHoursBlock,
    BusinessHoursException,
    CannedReply,
    QueueLock,
    Skill,
    Topic,
)
from beneficiate.models.chats import Attachment, Chat, ChatEvent, ChatTag, Mention, Message, Note, Rating, Tag
from beneficiate.models.consents import Consent
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.facts import Fact
from beneficiate.models.payments import (
    Payment,
    PaymentReview,
    PaymentTransaction,
    Plan,
    PlanEmail,
    Subscription,
    WompiEvent,
)
from beneficiate.models.people import PersonWord
from beneficiate.models.professionals import (
    AvailabilityBlock,
    AvailabilityException,
    Department,
    Professional,
    ProfessionalSpecialty,
    Specialty,
    Township,
)
from beneficiate.models.quotas import QuotaUse
from beneficiate.models.rollups import AppointmentRollup, FactAgent, FactRollup, RollupState
from beneficiate.models.service_levels import ServiceLevel

TABLES: list[type[BaseModel]] = [
    Department,
    Township,
    Specialty,
    User,
    Beneficiary,
    PersonWord,
    Agent,
    Supervisor,
    StaffInvitation,
    SignIn,
    SignInThrottle,
    QuotaUse,
    ServerProcess,
    UserConnection,
    Professional,
    ProfessionalSpecialty,
    Plan,
    Payment,
    Subscription,
    PaymentTransaction,
    WompiEvent,
    PaymentReview,
    PlanEmail,
    AuditEntry,
    AuditState,
    Skill,
    QueueLock,
    BusinessHoursBlock,
    BusinessHoursException,
    CannedReply,
    ChatEvent,
    Note,
    Mention,
    Tag,
    ChatTag,
    Attachment,
    Rating,
    Consent,
    Topic,
    ServiceLevel,
    Chat,
    Message,
    AvailabilityBlock,
    AvailabilityException,
    Appointment,
    AppointmentChange,
    Hold,
    Tick,
    Reminder,
    WaitingListEntry,
    AppointmentEmail,
    Dialogue,
    Fact,
    FactRollup,
    AppointmentRollup,
    FactAgent,
    RollupState,
]
