"""Everything that a copy of a member's data has, and what it does not have, with the reason.

A new table that leads to a person has to be in one of the two: `tests/queries/test_copied_data.py` compares them with
all models.
"""

from beneficiate.models.account_emails import EmailRequestCount, Registration
from beneficiate.models.accounts import Agent, SignInThrottle, StaffInvitation, Supervisor
from beneficiate.models.appointments import Tick
from beneficiate.models.audit import AuditEntry, AuditText
from beneficiate.models.base import BaseModel
from beneficiate.models.call_centre import Skill
from beneficiate.models.chats import Chat, Mention, Note
from beneficiate.models.erasures import Erasure, ErasureEmail
from beneficiate.models.form_creations import FormCreation
from beneficiate.models.imports import MemberImport, MemberImportRow
from beneficiate.models.payments import WompiEvent
from beneficiate.models.people import PersonWord
from beneficiate.models.rollups import AppointmentRollup, FactAgent, FactRollup
from beneficiate.models.second_factors import RecoveryCode, SecondFactor, SignInChallenge
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.queries.copied_chats import CONVERSATION_TABLES
from beneficiate.queries.copied_notices import NOTICE_TABLES
from beneficiate.queries.copied_purchases import PURCHASE_TABLES
from beneficiate.queries.copied_records import RECORD_TABLES
from beneficiate.queries.copied_requests import REQUEST_TABLES
from beneficiate.queries.copied_traces import TRACE_TABLES
from beneficiate.views.data_copies import NotCopied

COPIED_TABLES = (*RECORD_TABLES, *REQUEST_TABLES, *PURCHASE_TABLES, *NOTICE_TABLES, *TRACE_TABLES, *CONVERSATION_TABLES)
OF_STAFF = "Son las cuentas del equipo, no de los afiliados."

NOT_COPIED: dict[type[BaseModel], tuple[str, str]] = {
    Note: ("Notas internas del equipo", "Son apuntes de trabajo de quien atiende; no son datos que usted nos dio."),
    Mention: ("Menciones en notas internas", "Dicen a quién del equipo le avisa una nota."),
    Registration: (
        "Registros sin confirmar",
        "Cualquiera puede escribir un correo ajeno; se borran en una semana. Lo confirmado está en su cuenta.",
    ),
    MemberImport: ("Archivos de afiliados", "Dicen quién del equipo subió un archivo y cuántas filas tenía."),
    MemberImportRow: (
        "Filas de un archivo por importar",
        "Se borran cuando se importan o se descartan; lo importado está en su cuenta.",
    ),
    WompiEvent: (
        "Avisos de Wompi como llegaron",
        "Dicen lo mismo que sus intentos de pago, con la firma de Wompi.",
    ),
    Erasure: ("Solicitudes de borrar la cuenta", "Usted las ve en su página, y de lo hecho tiene la constancia."),
    ErasureEmail: ("La constancia por enviar", "Se borra en cuanto se envía."),
    AuditText: ("Textos del registro de auditoría", "Es la prueba de lo que hizo el equipo, con sus palabras."),
    Tick: ("Horarios ocupados", "Se sacan de sus citas: cada una ocupa sus minutos."),
    PersonWord: ("Palabras para buscarlo", "Se sacan de su nombre y su celular."),
    FormCreation: ("Formularios ya enviados", "Son huellas para no crear dos veces lo mismo; se borran en una semana."),
    SignInThrottle: ("Contraseñas mal escritas", "Se cuentan con una huella que no dice de quién son."),
    EmailRequestCount: ("Correos pedidos", "Se cuentan con una huella que no dice de quién son."),
    SignInChallenge: ("Ingresos a medias", OF_STAFF),
    SecondFactor: ("Segundo paso del ingreso", OF_STAFF),
    RecoveryCode: ("Códigos de recuperación", OF_STAFF),
    StaffInvitation: ("Invitaciones", OF_STAFF),
    Agent: ("Agentes", OF_STAFF),
    Supervisor: ("Supervisores", OF_STAFF),
    Skill: ("Temas de los agentes", OF_STAFF),
    ServiceLevel: ("Niveles de servicio", "Son promesas iguales para todos; guardan qué supervisor las escribió."),
    FactRollup: ("Totales de los reportes", "Son sumas de todos: no se sabe de quién."),
    AppointmentRollup: ("Totales de citas", "Son sumas de todos: no se sabe de quién."),
    FactAgent: ("Nombres de agentes en los reportes", OF_STAFF),
}
"""What leads to a person and is not copied: what it is, and why."""
NOT_COPIED_PARTS: tuple[tuple[type[BaseModel], str, str], ...] = (
    (
        AuditEntry,
        "Lo demás del registro de auditoría",
        "Es la prueba de lo que hizo el equipo, con sus direcciones y búsquedas. Quién vio sus datos sí está.",
    ),
    (Chat, "Conversaciones del equipo entre sí", "Son de otras personas y de su trabajo."),
)
"""Rows of copied tables that are left out."""


def list_not_copied() -> list[NotCopied]:
    """Return what a copy does not have, for its member: whole tables, rows, then fields of the tables that it has."""
    tables = [NotCopied(what, why) for what, why in NOT_COPIED.values()]
    rows = [NotCopied(what, why) for _, what, why in NOT_COPIED_PARTS]
    fields = [
        NotCopied(f"{table.title}: {name}", why) for table in COPIED_TABLES for name, why in table.left_out.items()
    ]
    return [*tables, *rows, *fields]
