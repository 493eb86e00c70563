"""The supervisors' page of the audit log: its filters, its entries, and whether the chain of hashes is whole."""

from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import groupby
from typing import ClassVar
from urllib.parse import urlencode

from beneficiate.domain.audit_kinds import (
    ACTOR_ROLES,
    AUDIT_SUBJECTS,
    DIGEST_SUBJECTS,
    PERSONAL_DATA,
    SYSTEM_NAME,
    AuditKind,
    kinds_by_group,
)
from beneficiate.formatting import bogota_date
from beneficiate.views.audit_changes import AuditChange, ReferredNames
from beneficiate.views.avatars import avatar_color, initials_of
from beneficiate.views.master_detail import EmptyText
from beneficiate.views.pages import StaffPage
from beneficiate.views.payments import payment_reference

FILTER_NAMES = ("quien", "afiliado", "asunto", "tipo", "desde", "hasta")
"""The parameters of the page, in the order of the fields of `TypedFilters`."""
_SUBJECT_PATHS = {
    "payment": "/supervisor/pagos/{}",
    "chat": "/agente?chat={}",
    "appointment": "/agente/citas?cita={}",
    "request": "/supervisor/solicitudes/{}",
}


@dataclass(frozen=True)
class TypedFilters:
    """The filters as they were typed: who acted, the member, the subject, the kind, the first and the last day."""

    actor: str = ""
    member: str = ""
    subject: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not any(astuple(self))

    @property
    def kinds(self) -> dict[str, dict[str, str]]:
        """The kinds to choose from, their labels by code, in groups."""
        return kinds_by_group()

    @property
    def query(self) -> str:
        """The filters as a query string, without those that are empty."""
        return urlencode({name: text for name, text in zip(FILTER_NAMES, astuple(self), strict=True) if text})


@dataclass(frozen=True)
class AuditActor:
    """Who acted, as they were then; nobody but the system has no id. `avatar_color` is from 1, 0 for the system."""

    user_id: int | None
    name: str
    role: str
    initials: str
    avatar_color: int


@dataclass(frozen=True)
class AuditedPerson:
    """The member whom an entry concerns, as they are called now, with the document masked."""

    user_id: int
    name: str
    document: str


@dataclass(frozen=True)
class AuditEntryView:
    """An entry; `position` is None until it is in the chain. `has_words`: it shows what was written about a member."""

    entry_id: int
    position: int | None
    at: datetime
    actor: AuditActor
    kind: AuditKind
    code: str
    subject: str
    subject_path: str
    person: AuditedPerson | None
    changes: list[AuditChange]
    reason: str
    address: str
    request_id: str
    hash: str
    previous_hash: str
    has_words: bool = False

    @property
    def is_reveal(self) -> bool:
        """Whether personal data was shown to somebody."""
        return self.kind.group == PERSONAL_DATA


@dataclass(frozen=True)
class ChainStatus:
    """How far the chain was verified, when, where it breaks, and the position of its newest entry."""

    position: int
    verified_at: datetime | None
    broken_position: int | None
    broken_reason: str
    newest: int

    _SENTENCES: ClassVar[dict[str, str]] = {
        "missing": "Falta ese registro.",
        "changed": "Su contenido ya no corresponde con su huella.",
        "relinked": "No sigue al que estaba antes de él.",
    }

    @property
    def whole(self) -> int:
        """Up to which entry the chain is whole, as far as is known."""
        return self.position if self.broken_position is None else self.broken_position - 1

    @property
    def whole_sentence(self) -> str:
        """What is still certain where the chain breaks."""
        if not self.whole:
            return "No se puede asegurar ninguno."
        before = "El anterior está completo" if self.whole == 1 else f"Los {self.whole} anteriores están completos"
        return f"{before}; de ahí en adelante no se puede asegurar."

    @property
    def pending(self) -> int:
        """How many entries were written since."""
        return max(0, self.newest - self.position)

    @property
    def broken_sentence(self) -> str:
        """What is wrong where the chain breaks."""
        return self._SENTENCES.get(self.broken_reason, "")


@dataclass(frozen=True)
class AuditList:
    """A page of entries, the newest first; `before` is the id from which the next page goes on, None on the last."""

    typed: TypedFilters
    entries: list[AuditEntryView]
    before: int | None
    is_first: bool

    @property
    def days(self) -> list[list[AuditEntryView]]:
        """The entries of each day in Bogotá."""
        return [list(entries) for _, entries in groupby(self.entries, lambda entry: bogota_date(entry.at))]

    @property
    def empty_text(self) -> EmptyText:
        """What the list says without entries."""
        if not self.is_first:
            return EmptyText("En esta página ya no hay registros", "Vuelva a los más recientes.")
        if self.typed.is_empty:
            return EmptyText("Todavía no hay registros", "Aquí aparece lo que hace el equipo, desde la primera vez.")
        return EmptyText("Nada con esos filtros", "Quite alguno, o revise cómo está escrito el nombre.")


@dataclass(frozen=True)
class AuditLogOverview(StaffPage):
    """`/supervisor/auditoria`; `wrong` has a sentence by parameter. Without a list the filters are wrong."""

    template: ClassVar[str] = "audit_log/audit_log.html"

    typed: TypedFilters
    wrong: dict[str, str]
    audit: AuditList | None
    chain: ChainStatus


@dataclass(frozen=True)
class SingleAuditEntry(StaffPage):
    """`/supervisor/auditoria/:id`: one entry with everything that it has."""

    template: ClassVar[str] = "audit_log/entry.html"

    audited: AuditEntryView


def describe_audit_actor(user_id: int | None, name: str, role: str) -> AuditActor:
    """Return who acted as the page shows them."""
    role_name = ACTOR_ROLES.get(role, role)
    if user_id is None:
        return AuditActor(None, SYSTEM_NAME, role_name, "", 0)
    shown = name or f"Persona {user_id}"
    return AuditActor(user_id, shown, role_name, initials_of(shown), avatar_color(user_id))


def describe_subject(subject: str, names: ReferredNames) -> str:
    """Return a subject in words: `Pago BNF-6F1C0C5E`, `Chat 12`, `Búsqueda por nombre`."""
    kind, _, rest = subject.partition(":")
    label = AUDIT_SUBJECTS.get(kind, kind)
    if not rest or kind in DIGEST_SUBJECTS:
        return label
    if kind == "payment":
        return f"{label} {payment_reference(rest)}"
    number = int(rest) if rest.isascii() and rest.isdecimal() else 0
    name = names.get((kind, number), rest)
    # `Plan Familiar` says what it is, and so does the name of a person.
    is_said = name.startswith(f"{label} ") or (kind == "user" and name != rest)
    return name if is_said else f"{label} {name}"


def subject_path(subject: str) -> str:
    """Return the page of a subject; empty without one."""
    kind, _, rest = subject.partition(":")
    return _SUBJECT_PATHS[kind].format(rest) if kind in _SUBJECT_PATHS and rest else ""
