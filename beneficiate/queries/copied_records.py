"""What a copy has of a member's account and appointments."""

from peewee import JOIN, ModelSelect

from beneficiate.domain.booking.presentation import APPOINTMENT_STATUS_NAMES
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.appointments import (
    Appointment,
    AppointmentChange,
    AppointmentEmail,
    Hold,
    Reminder,
    WaitingListEntry,
)
from beneficiate.models.consents import Consent
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.professionals import Professional, Specialty, Township
from beneficiate.queries.consents import HEALTH_DATA, PERSONAL_DATA
from beneficiate.queries.copied_tables import OF_TEAM, SENDING_FIELDS, TECHNICAL, CopiedTable, read_column
from beneficiate.views.account import DOCUMENT_TYPE_NAMES

CONSENT_KIND_NAMES = {PERSONAL_DATA: "Datos personales", HEALTH_DATA: "Datos de salud"}
ROLE_NAMES = {"member": "Usted", "agent": "Agente", "supervisor": "Supervisor", "system": "El sistema"}


def _join_appointment(user_id: int, query: ModelSelect) -> ModelSelect:
    return query.join(Appointment).where(Appointment.user == user_id)


def _select_appointments(user_id: int) -> ModelSelect:
    query = Appointment.select().join(Specialty).switch(Appointment).join(Township).switch(Appointment)
    return query.join(Professional, JOIN.LEFT_OUTER).where(Appointment.user == user_id)


def _select_holds(user_id: int) -> ModelSelect:
    return Hold.select().join(Professional).where(Hold.user == user_id)


def _select_waiting_list(user_id: int) -> ModelSelect:
    query = _join_appointment(user_id, WaitingListEntry.select()).switch(WaitingListEntry)
    return query.join(Professional, JOIN.LEFT_OUTER, on=WaitingListEntry.offered_professional)


PROFESSIONAL_NAME = Professional.first_name.concat(" ").concat(Professional.last_name)

RECORD_TABLES = (
    CopiedTable(
        "account",
        "Su cuenta",
        User,
        lambda user_id: User.select().join(Township, JOIN.LEFT_OUTER).where(User.id == user_id),
        (User.id,),
        (
            read_column("id", "Número interno", User.id),
            read_column("email", "Correo", User.email),
            read_column("first_name", "Nombres", User.first_name),
            read_column("last_name", "Apellidos", User.last_name),
            read_column("document_type", "Tipo de documento", User.document_type, names=DOCUMENT_TYPE_NAMES),
            read_column("document_number", "Número de documento", User.document_number),
            read_column("phone", "Celular", User.phone),
            read_column("birth_date", "Fecha de nacimiento", User.birth_date),
            read_column("city", "Municipio", Township.name, "township"),
            read_column("is_active", "Cuenta activa", User.is_active),
            read_column("online_status", "En línea", User.online_status),
            read_column("last_seen", "Última vez en línea", User.last_seen),
            read_column("created_at", "Cuenta creada", User.created_at),
        ),
        {
            "password_hash": "Es secreto. De su contraseña solo guardamos una huella, con la que nadie la puede saber.",
            "tokens_valid_after": TECHNICAL,
        },
    ),
    CopiedTable(
        "beneficiaries",
        "Sus beneficiarios",
        Beneficiary,
        lambda user_id: Beneficiary.select().join(Township, JOIN.LEFT_OUTER).where(Beneficiary.user == user_id),
        (Beneficiary.id,),
        (
            read_column("id", "Número interno", Beneficiary.id),
            read_column("first_name", "Nombres", Beneficiary.first_name),
            read_column("last_name", "Apellidos", Beneficiary.last_name),
            read_column("document_type", "Tipo de documento", Beneficiary.document_type, names=DOCUMENT_TYPE_NAMES),
            read_column("document_number", "Número de documento", Beneficiary.document_number),
            read_column("birth_date", "Fecha de nacimiento", Beneficiary.birth_date),
            read_column("relationship", "Parentesco", Beneficiary.relationship),
            read_column("city", "Municipio", Township.name, "township"),
            read_column("removed_at", "Quitado", Beneficiary.removed_at),
            read_column("created_at", "Agregado", Beneficiary.created_at),
        ),
    ),
    CopiedTable(
        "consents",
        "Sus autorizaciones",
        Consent,
        lambda user_id: Consent.select().where(Consent.user == user_id),
        (Consent.id,),
        (
            read_column("id", "Número interno", Consent.id),
            read_column("kind", "De qué", Consent.kind, names=CONSENT_KIND_NAMES),
            read_column("version", "Versión del texto", Consent.version),
            read_column("address", "Dirección de internet desde la que la dio", Consent.address),
            read_column("given_at", "Dada", Consent.given_at),
            read_column("withdrawn_at", "Retirada", Consent.withdrawn_at),
        ),
    ),
    CopiedTable(
        "appointments",
        "Sus citas",
        Appointment,
        _select_appointments,
        (Appointment.id,),
        (
            read_column("id", "Número interno", Appointment.id),
            read_column("ticket_number", "Tiquete", Appointment.ticket_number),
            read_column("beneficiary_id", "Beneficiario (vacío: usted)", Appointment.beneficiary),
            read_column("specialty", "Especialidad", Specialty.name, "specialty"),
            read_column("city", "Municipio", Township.name, "township"),
            read_column("professional", "Profesional", PROFESSIONAL_NAME, "professional"),
            read_column("status", "Estado", Appointment.status, names=APPOINTMENT_STATUS_NAMES),
            read_column("first_time", "Primera vez", Appointment.first_time),
            read_column("reason", "Motivo", Appointment.notes),
            read_column("starts_at", "Horario", Appointment.starts_at),
            read_column("duration_minutes", "Minutos", Appointment.duration_minutes),
            read_column("version", "Cambios", Appointment.version),
            read_column("expires_at", "Vence si nadie la atiende", Appointment.expires_at),
            read_column("created_at", "Pedida", Appointment.created_at),
            read_column("updated_at", "Último cambio", Appointment.updated_at),
        ),
        {"request_key": TECHNICAL},
    ),
    CopiedTable(
        "appointment_changes",
        "Historia de sus citas",
        AppointmentChange,
        lambda user_id: _join_appointment(user_id, AppointmentChange.select()),
        (AppointmentChange.id,),
        (
            read_column("id", "Número interno", AppointmentChange.id),
            read_column("appointment_id", "Cita", AppointmentChange.appointment),
            read_column("from_status", "Antes", AppointmentChange.from_status, names=APPOINTMENT_STATUS_NAMES),
            read_column("to_status", "Después", AppointmentChange.to_status, names=APPOINTMENT_STATUS_NAMES),
            read_column("actor_role", "Quién", AppointmentChange.actor_role, names=ROLE_NAMES),
            read_column("reason", "Explicación", AppointmentChange.reason),
            read_column("starts_at", "Horario", AppointmentChange.starts_at),
            read_column("at", "Fecha", AppointmentChange.at),
        ),
        {"actor": OF_TEAM},
    ),
    CopiedTable(
        "holds",
        "Horarios apartados mientras los confirma",
        Hold,
        _select_holds,
        (Hold.id,),
        (
            read_column("id", "Número interno", Hold.id),
            read_column("professional", "Profesional", PROFESSIONAL_NAME, "professional"),
            read_column("starts_at", "Horario", Hold.starts_at),
            read_column("expires_at", "Hasta cuándo", Hold.expires_at),
        ),
    ),
    CopiedTable(
        "waiting_list",
        "Lista de espera",
        WaitingListEntry,
        _select_waiting_list,
        (WaitingListEntry.id,),
        (
            read_column("id", "Número interno", WaitingListEntry.id),
            read_column("appointment_id", "Cita", WaitingListEntry.appointment),
            read_column("status", "Estado", WaitingListEntry.status),
            read_column("offered_professional", "Profesional ofrecido", PROFESSIONAL_NAME, "offered_professional"),
            read_column("offered_at", "Horario ofrecido", WaitingListEntry.offered_at),
            read_column("offer_expires_at", "La oferta vence", WaitingListEntry.offer_expires_at),
            read_column("created_at", "Desde", WaitingListEntry.created_at),
        ),
        {"hold": TECHNICAL},
    ),
    CopiedTable(
        "reminders",
        "Recordatorios de sus citas",
        Reminder,
        lambda user_id: _join_appointment(user_id, Reminder.select()),
        (Reminder.id,),
        (
            read_column("id", "Número interno", Reminder.id),
            read_column("appointment_id", "Cita", Reminder.appointment),
            read_column("hours_before", "Horas antes", Reminder.hours_before),
            read_column("due_at", "Para cuándo", Reminder.due_at),
            read_column("sent_at", "Enviado", Reminder.sent_at),
        ),
        {"version": TECHNICAL},
    ),
    CopiedTable(
        "booking_dialogue",
        "Lo que le ha dicho al asistente de la próxima cita",
        Dialogue,
        lambda user_id: Dialogue.select().where(Dialogue.user == user_id),
        (Dialogue.id,),
        (
            read_column("id", "Número interno", Dialogue.id),
            read_column("draft", "Respuestas, como las guarda el asistente (JSON)", Dialogue.draft),
            read_column("updated_at", "Último cambio", Dialogue.updated_at),
        ),
    ),
    CopiedTable(
        "appointment_emails",
        "Correos sobre sus citas",
        AppointmentEmail,
        lambda user_id: _join_appointment(user_id, AppointmentEmail.select()),
        (AppointmentEmail.id,),
        (
            read_column("id", "Número interno", AppointmentEmail.id),
            read_column("appointment_id", "Cita", AppointmentEmail.appointment),
            read_column("kind", "Cuál", AppointmentEmail.kind),
            read_column("created_at", "Escrito", AppointmentEmail.created_at),
            read_column("sent_at", "Enviado", AppointmentEmail.sent_at),
        ),
        {"version": TECHNICAL, **SENDING_FIELDS},
    ),
)
"""In the order in which a member reads them."""
