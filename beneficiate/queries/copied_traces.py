"""What a copy has of sign-ins, e-mails about the account, who looked at the data, and what was counted."""

import json

from peewee import ModelSelect

from beneficiate.domain.audit_kinds import ACTOR_ROLES, AUDIT_KINDS, VIEWED_PARTS
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import SignIn, User, UserConnection
from beneficiate.models.appointments import Appointment
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import SUPPORT, Chat
from beneficiate.models.data_copies import DataCopy
from beneficiate.models.facts import Fact
from beneficiate.models.quotas import QuotaUse
from beneficiate.queries.copied_tables import OF_TEAM, SENDING_FIELDS, TECHNICAL, CopiedRow, CopiedTable, read_column
from beneficiate.views.data_copies import CODE, CopiedColumn

SHOWN_ACTS = (
    "people.view",
    "people.reveal",
    "consents.grant",
    "consents.by_phone",
    "consents.withdraw",
    "copies.request",
    "copies.download",
)
"""Who of the staff looked, and what the member did with the rights over their data."""
SIGN_IN_NAMES = {"page": "Página web", "api": "Chat o aplicación"}
OPENS_ACCOUNT = "Es secreto: con eso se entra a su cuenta."
CHAIN = "Prueba que nadie cambió el registro; no dice nada de usted."


def _select_account_emails(user_id: int) -> ModelSelect:
    address = User.select(User.email).where(User.id == user_id)
    return AccountEmail.select().where((AccountEmail.user == user_id) | (AccountEmail.email == address))


def _select_acts(user_id: int) -> ModelSelect:
    return AuditEntry.select().where(AuditEntry.person_id == user_id, AuditEntry.what.in_(SHOWN_ACTS))


def _select_facts(user_id: int) -> ModelSelect:
    chats = Chat.select(Chat.id).where(Chat.user == user_id, Chat.kind == SUPPORT)
    appointments = Appointment.select(Appointment.id).where(Appointment.user == user_id)
    # Two searches by their indexes: one condition with OR would read all facts.
    ids = Fact.select(Fact.id).where(Fact.chat_id.in_(chats)) | (
        Fact.select(Fact.id).where(Fact.appointment_id.in_(appointments))
    )
    return Fact.select().where(Fact.id.in_(ids))


def _name_part(row: CopiedRow) -> CopiedRow:
    """Say what was opened; the rest of what an entry has is of whom it tells."""
    part = json.loads(str(row.pop("after"))).get("part")
    return {**row, "part": part}


TRACE_TABLES = (
    CopiedTable(
        "looks",
        "Quién vio sus datos, y lo que usted decidió sobre ellos",
        AuditEntry,
        _select_acts,
        (AuditEntry.id,),
        (
            read_column("id", "Número interno", AuditEntry.id),
            read_column("at", "Fecha", AuditEntry.at),
            read_column("name", "Quién", AuditEntry.actor_name),
            read_column("role", "Función", AuditEntry.actor_role, names=ACTOR_ROLES),
            read_column("what", "Qué", AuditEntry.what, names={code: AUDIT_KINDS[code].label for code in SHOWN_ACTS}),
            read_column("after", "", AuditEntry.after),
        ),
        {
            "actor_id": OF_TEAM,
            "address": "Es de quien lo hizo, no suyo.",
            "request_id": TECHNICAL,
            "subject": TECHNICAL,
            "person_id": "Es usted.",
            "before": "Aquí siempre está vacío, o dice lo mismo que sus autorizaciones.",
            "reason": "Aquí siempre está vacío.",
            "position": CHAIN,
            "previous_hash": CHAIN,
            "hash": CHAIN,
        },
        derive=_name_part,
        derived=(CopiedColumn("part", "Qué parte", CODE, VIEWED_PARTS),),
        hidden=("after",),
    ),
    CopiedTable(
        "sign_ins",
        "Dónde ha ingresado",
        SignIn,
        lambda user_id: SignIn.select().where(SignIn.user == user_id),
        (SignIn.id,),
        (
            read_column("id", "Número interno", SignIn.id),
            read_column("kind", "Desde", SignIn.kind, names=SIGN_IN_NAMES),
            read_column("created_at", "Ingresó", SignIn.created_at),
            read_column("expires_at", "Vence", SignIn.expires_at),
            read_column("ended_at", "Terminó", SignIn.ended_at),
        ),
        {
            "family": OPENS_ACCOUNT,
            "secret_hash": OPENS_ACCOUNT,
            "exchanged_hash": OPENS_ACCOUNT,
            "exchanged_at": TECHNICAL,
        },
    ),
    CopiedTable(
        "connections",
        "Ventanas con el chat abierto",
        UserConnection,
        lambda user_id: UserConnection.select().where(UserConnection.user == user_id),
        (UserConnection.id,),
        (
            read_column("id", "Número interno", UserConnection.id),
            read_column("sign_in_id", "Ingreso", UserConnection.sign_in),
            read_column("opened_at", "Abierta", UserConnection.opened_at),
            read_column("closed_at", "Cerrada", UserConnection.closed_at),
        ),
        {"process": TECHNICAL},
    ),
    CopiedTable(
        "account_emails",
        "Correos sobre su cuenta",
        AccountEmail,
        _select_account_emails,
        (AccountEmail.id,),
        (
            read_column("id", "Número interno", AccountEmail.id),
            read_column("kind", "Cuál", AccountEmail.kind),
            read_column("email", "A qué correo", AccountEmail.email),
            read_column("created_at", "Pedido", AccountEmail.created_at),
            read_column("expires_at", "Sirve hasta", AccountEmail.expires_at),
            read_column("sent_at", "Enviado", AccountEmail.sent_at),
        ),
        {"registration": TECHNICAL, "token_hash": OPENS_ACCOUNT, "account_version": OPENS_ACCOUNT, **SENDING_FIELDS},
    ),
    CopiedTable(
        "facts",
        "Lo que contamos del servicio que recibió",
        Fact,
        _select_facts,
        (Fact.id,),
        (
            read_column("id", "Número interno", Fact.id),
            read_column("at", "Fecha", Fact.at),
            read_column("kind", "Qué", Fact.kind),
            read_column("detail", "Detalle", Fact.detail),
            read_column("chat_id", "Conversación", Fact.chat_id),
            read_column("span", "Vez", Fact.span),
            read_column("appointment_id", "Cita", Fact.appointment_id),
            read_column("topic", "Tema", Fact.topic),
            read_column("duration_s", "Segundos", Fact.duration_s),
            read_column("value", "Valor", Fact.value),
            read_column("starts_at", "Horario", Fact.starts_at),
        ),
        {
            "payment_id": "Lo de un pago está completo en sus pagos.",
            "agent_id": OF_TEAM,
            "agent_name": OF_TEAM,
            "agent_code": OF_TEAM,
            "actor_role": OF_TEAM,
        },
    ),
    CopiedTable(
        "limits",
        "Lo que ha usado de sus límites",
        QuotaUse,
        lambda user_id: QuotaUse.select().where(QuotaUse.user == user_id),
        (QuotaUse.id,),
        (
            read_column("id", "Número interno", QuotaUse.id),
            read_column("quota", "Límite", QuotaUse.quota),
            read_column("used", "Usado", QuotaUse.used),
            read_column("began_at", "Desde", QuotaUse.began_at),
        ),
    ),
    CopiedTable(
        "copies",
        "Copias de sus datos que ha pedido",
        DataCopy,
        lambda user_id: DataCopy.select().where(DataCopy.user == user_id),
        (DataCopy.id,),
        (
            read_column("id", "Número interno", DataCopy.id),
            read_column("status", "Estado", DataCopy.status),
            read_column("requested_at", "Pedida", DataCopy.requested_at),
            read_column("ready_at", "Lista", DataCopy.ready_at),
            read_column("expires_at", "Hasta cuándo", DataCopy.expires_at),
            read_column("size", "Bytes", DataCopy.size),
            read_column("downloads", "Descargas", DataCopy.downloads),
        ),
        {
            "claim": TECHNICAL,
            "claimed_at": TECHNICAL,
            "tries": TECHNICAL,
            "done": TECHNICAL,
            "total": TECHNICAL,
            "file_id": TECHNICAL,
        },
    ),
)
"""In the order in which a member reads them."""
