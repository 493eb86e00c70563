"""What is remembered: every table of the house."""

from beneficiate.models.appointments import Appointment, AppointmentChange, Hold, Letter, Reminder, Tick, Wait
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import Row
from beneficiate.models.care import (
    Availability,
    AvailabilityException,
    Department,
    Professional,
    ProfessionalSpecialty,
    Specialty,
    Township,
)
from beneficiate.models.chats import Attachment, Chat, ChatEvent, ChatTag, Line, Mention, Note, Rating, Tag
from beneficiate.models.consents import Consent
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.payments import Payment, Plan, PlanLetter, Review, Subscription, Transaction, WompiEvent
from beneficiate.models.people import Agent, Beneficiary, Connection, Process, SignIn, Supervisor, Throttle, User
from beneficiate.models.staff import CannedReply, OpeningBlock, OpeningException, Routing, Skill, Topic

TABLES: list[type[Row]] = [
    Department,
    Township,
    Specialty,
    User,
    Beneficiary,
    Agent,
    Supervisor,
    SignIn,
    Throttle,
    Process,
    Connection,
    Professional,
    ProfessionalSpecialty,
    Plan,
    Payment,
    Subscription,
    Transaction,
    WompiEvent,
    Review,
    PlanLetter,
    AuditEntry,
    Skill,
    Routing,
    OpeningBlock,
    OpeningException,
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
    Chat,
    Line,
    Availability,
    AvailabilityException,
    Appointment,
    AppointmentChange,
    Hold,
    Tick,
    Reminder,
    Wait,
    Letter,
    Dialogue,
]
