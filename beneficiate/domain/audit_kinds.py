"""What the audit log records, as people read it: kinds of entries, fields that changed, subjects, roles.

`tests/domain/test_audit_kinds.py` compares the kinds with those that the actions record.
"""

from typing import NamedTuple

PERSONAL_DATA, CHATS, APPOINTMENTS, PAYMENTS, TEAM, SIGN_INS = (
    "Datos personales",
    "Chats",
    "Citas",
    "Pagos",
    "Equipo y ajustes",
    "Ingresos",
)


class AuditKind(NamedTuple):
    """A kind of entry: what was done, the icon beside it, and the group of kinds to which it belongs."""

    label: str
    icon: str
    group: str


AUDIT_KINDS = {
    "people.reveal": AuditKind("Vio los datos de contacto", "eye", PERSONAL_DATA),
    "people.search": AuditKind("Buscó a una persona", "search", PERSONAL_DATA),
    "audit.export": AuditKind("Descargó la auditoría", "download", PERSONAL_DATA),
    "payments.export": AuditKind("Descargó los pagos", "download", PERSONAL_DATA),
    "chats.give": AuditKind("Asignó un chat", "user-check", CHATS),
    "message.recall": AuditKind("Deshizo un envío", "undo-2", CHATS),
    "payments.activate": AuditKind("Activó un plan a mano", "wallet", PAYMENTS),
    "payments.release": AuditKind("Liberó un pago en duda", "wallet", PAYMENTS),
    "payments.resolve": AuditKind("Cerró una revisión", "circle-check", PAYMENTS),
    "canned.write": AuditKind("Escribió una respuesta lista", "pencil", TEAM),
    "canned.deactivate": AuditKind("Desactivó una respuesta lista", "pencil", TEAM),
    "emails.retry": AuditKind("Reintentó un correo", "send", TEAM),
    "hours.set_week": AuditKind("Cambió el horario de la semana", "clock", TEAM),
    "hours.set_day": AuditKind("Cambió el horario de un día", "clock", TEAM),
    "hours.forget_day": AuditKind("Quitó el horario de un día", "clock", TEAM),
}
"""Every code that `AuditEntry.what` has, in the order in which one chooses. A code keeps its meaning."""

AUDIT_FIELDS = {
    "actor": "Quién",
    "agent": "Agente",
    "attachment": "Archivo",
    "chat": "Chat",
    "hours": "Horario",
    "is_active": "Activa",
    "kind": "Tipo",
    "message": "Mensaje",
    "review": "Revisión",
    "rows": "Registros",
    "search": "Se buscó por",
    "shortcut": "Atajo",
    "since": "Desde",
    "status": "Estado",
    "subject": "Asunto",
    "tab": "Lista",
    "text": "Texto",
    "title": "Título",
    "tries": "Intentos",
    "until": "Hasta",
    "week": "Semana",
}
"""Names of the fields of `before` and `after`; another one is shown by its code."""

AUDIT_SUBJECTS = {
    "AppointmentEmail": "Correo de una cita",
    "PlanEmail": "Correo de un plan",
    "audit": "Auditoría",
    "canned_reply": "Respuesta lista",
    "chat": "Chat",
    "day": "Día",
    "document": "Búsqueda por número",
    "email": "Búsqueda por correo",
    "hours": "Horario",
    "message": "Mensaje",
    "name": "Búsqueda por nombre",
    "payment": "Pago",
    "payments": "Pagos",
    "user": "Persona",
}
"""Names of what stands before the colon of a subject; another one is shown by its code."""
DIGEST_SUBJECTS = ("document", "email", "name")
"""Subjects whose rest is a digest, which tells people nothing."""

ACTOR_ROLES = {"agent": "Agente", "member": "Afiliado", "supervisor": "Supervisor", "system": "Tarea programada"}
SYSTEM_NAME = "Sistema"


def describe_kind(what: str) -> AuditKind:
    """Return the kind of a code; a code that an older or a newer version recorded is its own label."""
    return AUDIT_KINDS.get(what) or AuditKind(what, "info", TEAM)


def kinds_by_group() -> dict[str, dict[str, str]]:
    """Return the labels by code of each group, by the names of the groups."""
    groups: dict[str, dict[str, str]] = {}
    for code, kind in AUDIT_KINDS.items():
        groups.setdefault(kind.group, {})[code] = kind.label
    return groups
