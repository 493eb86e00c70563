"""Database models."""

from beneficiate.models.account_emails import AccountEmail, EmailRequestCount, Registration
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
from beneficiate.models.audit import AuditEntry, AuditHead, AuditState, AuditText
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
from beneficiate.models.data_copies import DataCopy
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.erasures import Erasure, ErasureEmail
from beneficiate.models.facts import Fact
from beneficiate.models.form_creations import FormCreation
from beneficiate.models.imports import ImportedRow, MemberImport, MemberImportRow
from beneficiate.models.notices import AwayNotice, NoticeEmail, NoticePreferences, PushMessage, PushSubscription
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
from beneficiate.models.retention import Retention
from beneficiate.models.rollups import AppointmentRollup, FactAgent, FactRollup, RollupState
from beneficiate.models.second_factors import RecoveryCode, SecondFactor, SignInChallenge
from beneficiate.models.service_levels import DeadlineMove, ServiceLevel

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
    Registration,
    AccountEmail,
    EmailRequestCount,
    SignIn,
    SignInThrottle,
    SignInChallenge,
    SecondFactor,
    RecoveryCode,
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
    AuditHead,
    AuditState,
    AuditText,
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
    DataCopy,
    DataRequest,
    DataRequestEvent,
    Topic,
    ServiceLevel,
    Chat,
    DeadlineMove,
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
    FormCreation,
    ImportedRow,
    MemberImport,
    MemberImportRow,
    Fact,
    FactRollup,
    AppointmentRollup,
    FactAgent,
    RollupState,
    Retention,
    NoticePreferences,
    PushSubscription,
    AwayNotice,
    PushMessage,
    NoticeEmail,
    Erasure,
    ErasureEmail,
]
