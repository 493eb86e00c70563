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
from beneficiate.models.chats import Chat, Line
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.payments import Payment, Plan, PlanLetter, Review, Subscription, Transaction, WompiEvent
from beneficiate.models.people import Agent, Beneficiary, Connection, Process, SignIn, Supervisor, Throttle, User

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
