"""What the audit log records, as people read it: kinds of entries, fields that changed, subjects, roles.

`tests/domain/test_audit_kinds.py` compares the kinds with those that the actions record.
"""

from collections.abc import Mapping
from typing import NamedTuple

from beneficiate.domain.retention import RETAINED_KINDS

PERSONAL_DATA, CHATS, APPOINTMENTS = "Datos personales", "Chats", "Citas"
PAYMENTS, TEAM, SIGN_INS = "Pagos", "Equipo y ajustes", "Ingresos"


class AuditKind(NamedTuple):
    """A kind of entry: what was done, the icon beside it, and the group of kinds to which it belongs."""

    label: str
    icon: str
    group: str


AUDIT_KINDS = {
    "people.view": AuditKind("Abrió los datos de un afiliado", "eye", PERSONAL_DATA),
    "people.reveal": AuditKind("Vio los datos de contacto", "eye", PERSONAL_DATA),
    "people.erase": AuditKind("Borró los datos de un afiliado", "trash-2", PERSONAL_DATA),
    "people.search": AuditKind("Buscó a una persona", "search", PERSONAL_DATA),
    "consents.grant": AuditKind("Autorizó el uso de sus datos", "shield-check", PERSONAL_DATA),
    "consents.by_phone": AuditKind("Registró que autorizó guardar el motivo", "smartphone", PERSONAL_DATA),
    "consents.withdraw": AuditKind("Retiró una autorización", "shield-check", PERSONAL_DATA),
    "copies.request": AuditKind("Pidió la copia de sus datos", "download", PERSONAL_DATA),
    "copies.download": AuditKind("Descargó la copia de sus datos", "download", PERSONAL_DATA),
    "audit.export": AuditKind("Descargó la auditoría", "download", PERSONAL_DATA),
    "audit.join": AuditKind("Dio un puesto en la cadena a registros que no lo tenían", "triangle-alert", TEAM),
    "payments.export": AuditKind("Descargó los pagos", "download", PERSONAL_DATA),
    "reports.export": AuditKind("Descargó un reporte", "download", PERSONAL_DATA),
    "requests.file": AuditKind("Registró una solicitud de datos", "inbox", PERSONAL_DATA),
    "requests.assign": AuditKind("Asignó una solicitud de datos", "user-check", PERSONAL_DATA),
    "requests.ask": AuditKind("Pidió información para una solicitud", "circle-question-mark", PERSONAL_DATA),
    "requests.complete": AuditKind("Completó una solicitud de datos", "paperclip", PERSONAL_DATA),
    "requests.extend": AuditKind("Prorrogó una solicitud de datos", "calendar-clock", PERSONAL_DATA),
    "requests.answer": AuditKind("Respondió una solicitud de datos", "mail", PERSONAL_DATA),
    "requests.withdraw": AuditKind("Desistió de una solicitud propia", "circle-x", PERSONAL_DATA),
    "requests.lapse": AuditKind("Dio por desistida una solicitud incompleta", "circle-x", PERSONAL_DATA),
    "requests.breach": AuditKind("Venció una solicitud de datos", "triangle-alert", PERSONAL_DATA),
    "chats.take": AuditKind("Tomó un chat", "user-check", CHATS),
    "chats.open": AuditKind("Abrió un chat", "message-square", CHATS),
    "chats.give": AuditKind("Asignó un chat", "user-check", CHATS),
    "chats.transfer": AuditKind("Transfirió un chat", "arrow-right-left", CHATS),
    "chats.return": AuditKind("Devolvió un chat a la fila", "undo-2", CHATS),
    "chats.unanswered": AuditKind("Volvió a la fila un chat sin respuesta", "hourglass", CHATS),
    "chats.to_bot": AuditKind("Pasó un chat al asistente", "bot", CHATS),
    "chats.close": AuditKind("Cerró un chat", "check", CHATS),
    "chats.reopen": AuditKind("Reabrió un chat", "message-square", CHATS),
    "chats.note": AuditKind("Escribió una nota", "pencil", CHATS),
    "chats.tag": AuditKind("Puso una etiqueta", "tag", CHATS),
    "chats.untag": AuditKind("Quitó una etiqueta", "tag", CHATS),
    "message.recall": AuditKind("Deshizo un envío", "undo-2", CHATS),
    "appointments.book": AuditKind("Pidió una cita", "calendar-plus", APPOINTMENTS),
    "appointments.assign": AuditKind("Asignó el horario de una cita", "calendar-clock", APPOINTMENTS),
    "appointments.confirm": AuditKind("Confirmó una cita", "calendar-check", APPOINTMENTS),
    "appointments.move": AuditKind("Movió una cita", "calendar-clock", APPOINTMENTS),
    "appointments.cancel": AuditKind("Canceló una cita", "calendar-x", APPOINTMENTS),
    "appointments.attend": AuditKind("Marcó una cita como atendida", "user-check", APPOINTMENTS),
    "appointments.miss": AuditKind("Marcó que alguien no asistió", "user-x", APPOINTMENTS),
    "appointments.expire": AuditKind("Venció una solicitud de cita", "hourglass", APPOINTMENTS),
    "appointments.wait": AuditKind("Puso una cita en lista de espera", "hourglass", APPOINTMENTS),
    "appointments.decline_offer": AuditKind("Rechazó un horario ofrecido", "x", APPOINTMENTS),
    "appointments.expire_offer": AuditKind("Venció un horario ofrecido", "hourglass", APPOINTMENTS),
    "payments.activate": AuditKind("Activó un plan a mano", "wallet", PAYMENTS),
    "payments.settle": AuditKind("Activó un plan pagado", "wallet", PAYMENTS),
    "payments.revoke": AuditKind("Quitó un plan por un pago anulado", "circle-x", PAYMENTS),
    "payments.flag": AuditKind("Dejó un pago por revisar", "triangle-alert", PAYMENTS),
    "payments.expire": AuditKind("Venció un pago", "hourglass", PAYMENTS),
    "payments.release": AuditKind("Liberó un pago en duda", "wallet", PAYMENTS),
    "payments.resolve": AuditKind("Cerró una revisión", "circle-check", PAYMENTS),
    "agents.availability": AuditKind("Cambió su disponibilidad", "bell", TEAM),
    "agents.away": AuditKind("Puso a un agente ausente", "bell", TEAM),
    "canned.write": AuditKind("Escribió una respuesta lista", "pencil", TEAM),
    "canned.deactivate": AuditKind("Desactivó una respuesta lista", "pencil", TEAM),
    "backups.restore": AuditKind("Restauró una copia de seguridad", "undo-2", TEAM),
    "emails.retry": AuditKind("Reintentó un correo", "send", TEAM),
    "legacy.import": AuditKind("Importó datos del servicio anterior", "download", TEAM),
    "members.preview": AuditKind("Subió un archivo de afiliados", "file-text", TEAM),
    "members.confirm": AuditKind("Confirmó la importación de afiliados", "user-plus", TEAM),
    "members.discard": AuditKind("Descartó un archivo de afiliados", "x", TEAM),
    "members.import": AuditKind("Importó afiliados de un archivo", "user-plus", TEAM),
    "staff.invite": AuditKind("Invitó a alguien al equipo", "user-plus", TEAM),
    "staff.resend_invitation": AuditKind("Envió otra invitación", "mail", TEAM),
    "staff.cancel_invitation": AuditKind("Anuló una invitación", "x", TEAM),
    "staff.accept_invitation": AuditKind("Aceptó su invitación", "user-check", TEAM),
    "staff.save": AuditKind("Cambió los datos de alguien del equipo", "users-round", TEAM),
    "topics.save": AuditKind("Cambió un tema", "tag", TEAM),
    "professionals.save": AuditKind("Cambió a un profesional", "user-check", TEAM),
    "professionals.set_day": AuditKind("Cambió un día de un profesional", "calendar-days", TEAM),
    "specialties.save": AuditKind("Cambió una especialidad", "file-text", TEAM),
    "plans.save": AuditKind("Cambió un plan", "credit-card", TEAM),
    "hours.set_week": AuditKind("Cambió el horario de la semana", "clock", TEAM),
    "hours.set_day": AuditKind("Cambió el horario de un día", "clock", TEAM),
    "hours.forget_day": AuditKind("Quitó el horario de un día", "clock", TEAM),
    "retention.clear": AuditKind("Borró lo escrito en chats de hace tiempo", "history", CHATS),
    "retention.delete": AuditKind("Borró registros de hace tiempo", "history", TEAM),
    "blocks.lift": AuditKind("Levantó un bloqueo", "lock", TEAM),
    "retention.save": AuditKind("Cambió cuánto se conserva", "history", TEAM),
    "levels.save": AuditKind("Cambió los niveles de servicio", "gauge", TEAM),
    "levels.inherit": AuditKind("Dejó un tema con los niveles de la general", "gauge", TEAM),
    "accounts.sign_in": AuditKind("Ingresó", "lock", SIGN_INS),
    "accounts.sign_out": AuditKind("Terminó un ingreso", "log-out", SIGN_INS),
    "factor.enrol": AuditKind("Activó su segundo paso", "shield-check", SIGN_INS),
    "factor.recover": AuditKind("Ingresó con un código de recuperación", "key-round", SIGN_INS),
    "factor.renew_codes": AuditKind("Pidió códigos de recuperación nuevos", "key-round", SIGN_INS),
    "factor.turn_off": AuditKind("Quitó su segundo paso", "shield-check", SIGN_INS),
    "factor.reset": AuditKind("Restableció el segundo paso de alguien", "shield-check", SIGN_INS),
    "factor.require": AuditKind("Terminó ingresos que no tenían el segundo paso", "shield-check", SIGN_INS),
    "accounts.create": AuditKind("Creó una cuenta", "plus", SIGN_INS),
    "accounts.reset_password": AuditKind("Recuperó su contraseña", "lock", SIGN_INS),
    "accounts.change_password": AuditKind("Cambió su contraseña", "lock", SIGN_INS),
    "accounts.change_email": AuditKind("Cambió su correo", "mail", SIGN_INS),
    "accounts.change_phone": AuditKind("Cambió su celular", "pencil", SIGN_INS),
    "accounts.set_active": AuditKind("Activó o desactivó una cuenta", "lock", SIGN_INS),
}
"""Every code that `AuditEntry.what` has, in the order in which one chooses. A code keeps its meaning."""

(
    VIEWED_PANEL,
    VIEWED_CHAT,
    VIEWED_APPOINTMENT,
    VIEWED_FILE,
    VIEWED_AUDIT,
    VIEWED_COMMENT,
    VIEWED_REQUEST,
    VIEWED_SEARCH,
) = ("panel", "chat", "appointment", "file", "audit", "comment", "request", "search")
"""The parts of a member's data that the staff opens: the `part` of a `people.view`."""
VIEWED_PARTS = {
    VIEWED_PANEL: "Su ficha",
    VIEWED_CHAT: "Una conversación",
    VIEWED_APPOINTMENT: "Una cita",
    VIEWED_FILE: "Un archivo",
    VIEWED_AUDIT: "Un registro de la auditoría",
    VIEWED_COMMENT: "El comentario de una calificación",
    VIEWED_REQUEST: "Una solicitud sobre sus datos",
    VIEWED_SEARCH: "Un mensaje, en una búsqueda",
}
"""Their names, for the member and for the supervisors."""

AUDIT_FIELDS = {
    "address": "Dirección",
    "actor": "Quién",
    "agent": "Agente",
    "agent_code": "Código",
    "assignee": "La tiene",
    "attachment": "Archivo",
    "availability": "Disponibilidad",
    "backed_up_at": "Fecha de la copia",
    "capacity": "Chats a la vez",
    "chat": "Chat",
    "confirms_itself": "Se confirma sola",
    "consent": "Autorización",
    "reasons": "Motivos de citas borrados",
    "version": "Versión del texto",
    "duration_minutes": "Minutos por cita",
    "buffer_minutes": "Pausa después",
    "license_number": "Registro",
    "mode": "Cómo atiende",
    "description": "Descripción",
    "due_on": "Vence",
    "duration_days": "Días",
    "max_beneficiaries": "Personas además del afiliado",
    "moved": "Citas que cambian de lugar",
    "outside": "Citas por fuera",
    "price": "Precio",
    "schedule_type": "Quién le pone las citas",
    "specialties": "Especialidades",
    "township_id": "Municipio",
    "email": "Correo",
    "first_name": "Nombres",
    "hours": "Horario",
    "is_active": "Activa",
    "kind": "Tipo",
    "last_name": "Apellidos",
    "level_avisar": "Avisar antes",
    "level_meta": "Cumplir al menos",
    "level_primera": "Primera respuesta",
    "level_resolver": "Resolver en",
    "level_siguiente": "Respuestas siguientes",
    "message": "Mensaje",
    "moves_open": "También los chats abiertos",
    "name": "Nombre",
    "note": "Nota",
    "part": "Qué se abrió",
    "professional": "Profesional",
    "request": "Solicitud",
    "review": "Revisión",
    "role": "Rol",
    "rows": "Registros",
    **{one.column: f"Días de {one.many}" for one in RETAINED_KINDS.values()},
    "sends_links": "Envía enlaces para la contraseña",
    "search": "Se buscó por",
    "second_factor": "Segundo paso",
    "shortcut": "Atajo",
    "sign_ins": "Ingresos abiertos",
    "since": "Desde",
    "starts_at": "Horario",
    "status": "Estado",
    "subject": "Asunto",
    "tab": "Lista",
    "tag": "Etiqueta",
    "text": "Texto",
    "title": "Título",
    "topic": "Tema",
    "topics": "Temas",
    "transaction": "Transacción",
    "tries": "Intentos",
    "until": "Hasta",
    "week": "Semana",
}
"""Names of the fields of `before` and `after`; another one is shown by its code."""

AUDIT_VALUES = {
    ("availability", "available"): "Disponible",
    ("availability", "away"): "Ausente",
    ("availability", "offline"): "Sin conexión",
    ("consent", "health_data"): "Datos de salud",
    ("consent", "personal_data"): "Datos personales",
    ("kind", "api"): "Chat o aplicación",
    ("kind", "claim"): "Reclamo",
    ("kind", "query"): "Consulta",
    ("kind", "page"): "Página web",
    **{("part", part): name for part, name in VIEWED_PARTS.items()},
    ("role", "agent"): "Agente",
    ("role", "supervisor"): "Supervisor",
    ("search", "document"): "Número",
    ("search", "email"): "Correo",
    ("search", "member"): "Un afiliado",
    ("search", "name"): "Nombre",
    ("search", "reference"): "Referencia",
}
"""Names of values, by field; another one is shown as it is."""

AUDIT_SUBJECTS = {
    "AppointmentEmail": "Correo de una cita",
    "PlanEmail": "Correo de un plan",
    "agent": "Agente",
    "appointment": "Cita",
    "audit": "Auditoría",
    "backup": "Copia de seguridad",
    "canned_reply": "Respuesta lista",
    "chat": "Chat",
    "data_copy": "Copia de datos",
    "day": "Día",
    "document": "Búsqueda por número",
    "email": "Búsqueda por correo",
    "file": "Archivo",
    "hours": "Horario",
    "limit": "Límite",
    "import": "Importación",
    "member_import": "Archivo de afiliados",
    "message": "Mensaje",
    "name": "Búsqueda por nombre",
    "payment": "Pago",
    "payments": "Pagos",
    "plan": "Plan",
    "professional": "Profesional",
    "request": "Solicitud",
    "retention": "Retención",
    "service_level": "Niveles de servicio",
    "specialty": "Especialidad",
    "topic": "Tema",
    "reports": "Reportes",
    "user": "Persona",
}
"""Names of what stands before the colon of a subject; another one is shown by its code."""
DIGEST_SUBJECTS = ("document", "email", "name")
"""Subjects whose rest is a digest, which tells people nothing."""

ACTOR_ROLES = {"agent": "Agente", "member": "Afiliado", "supervisor": "Supervisor", "system": "Tarea programada"}
SYSTEM_NAME = "Sistema"


def describe_kind(what: str, after: Mapping[str, object] | None = None) -> AuditKind:
    """Return the kind of a code, as exactly as what it changed says it.

    A code that an older or a newer version recorded is its own label.
    """
    kind = AUDIT_KINDS.get(what) or AuditKind(what, "info", TEAM)
    is_active = after.get("is_active") if after else None
    if what == "accounts.set_active" and isinstance(is_active, bool):
        return kind._replace(label="Activó una cuenta" if is_active else "Desactivó una cuenta")
    return kind


def kinds_by_group() -> dict[str, dict[str, str]]:
    """Return the labels by code of each group, by the names of the groups."""
    groups: dict[str, dict[str, str]] = {}
    for code, kind in AUDIT_KINDS.items():
        groups.setdefault(kind.group, {})[code] = kind.label
    return groups
