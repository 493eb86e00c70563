"""The filters of the audit log: as they are typed, with the ids of what they name, as conditions of a query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peewee import Expression

from beneficiate.domain.audit_kinds import AUDIT_KINDS, AUDIT_SUBJECTS, SYSTEM_NAME
from beneficiate.domain.dates import FIRST_DAY, LAST_DAY, parse_typed_date
from beneficiate.errors import InvalidForm
from beneficiate.folding import fold
from beneficiate.models.appointments import Appointment
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database
from beneficiate.models.payments import Payment
from beneficiate.protocol.envelope import MAX_ID
from beneficiate.queries import people
from beneficiate.queries.appointments import day_bounds
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.audit_log import TypedFilters
from beneficiate.views.masking import lookup_kind

MAX_ACTORS = 5_000
"""Names under which people have acted; the search by name reads them all, each once."""
MAX_SUBJECT_CHARS = 64
MIN_REFERENCE_CHARS = 8
MAX_PAYMENTS = 50
# A jump through the index from one name to the next, however many entries each has.
_ACTORS = f"""
WITH RECURSIVE actors(id, actor_id, actor_name) AS (
    SELECT id, actor_id, actor_name FROM audit_entries WHERE id = (
        SELECT id FROM audit_entries WHERE actor_id IS NOT NULL ORDER BY actor_id, actor_name LIMIT 1)
    UNION ALL
    SELECT entry.id, entry.actor_id, entry.actor_name FROM actors JOIN audit_entries entry ON entry.id = (
        SELECT following.id FROM audit_entries following WHERE following.actor_id IS NOT NULL
        AND (following.actor_id, following.actor_name) > (actors.actor_id, actors.actor_name)
        ORDER BY following.actor_id, following.actor_name LIMIT 1)
)
SELECT actor_id, actor_name FROM actors LIMIT {MAX_ACTORS}
"""  # noqa: S608  a number of ours


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """The filters after they were read; None where there is none. Days are those of Bogotá."""

    actor: str
    member: str
    subject: str
    kind: str
    since: date | None
    until: date | None
    before: int | None


@dataclass(frozen=True, slots=True)
class FoundFilters:
    """The filters with the ids of what they name; None where nothing is asked for."""

    actor_ids: list[int] | None
    has_system: bool
    person_ids: list[int] | None
    subjects: list[str] | None
    kind: str
    since: datetime | None
    until: datetime | None
    before: int | None


def parse_audit_filters(typed: TypedFilters, before: str = "") -> AuditFilters:
    """Return the filters that were typed; `before` is where a page begins. Raises InvalidForm, by parameter."""
    wrong: dict[str, str] = {}
    since, until = _parse_day(typed.since, "desde", wrong), _parse_day(typed.until, "hasta", wrong)
    if since is not None and until is not None and until < since:
        wrong["hasta"] = "El último día es anterior al primero."
    if typed.kind and typed.kind not in AUDIT_KINDS:
        wrong["tipo"] = "Elija un tipo de la lista."
    if typed.member.strip() and not lookup_kind(typed.member):
        wrong["afiliado"] = "Escriba al menos dos letras del nombre, o el documento."
    is_place = before.isascii() and before.isdecimal() and len(before) < 11 and 0 < int(before) <= MAX_ID
    if before and not is_place:
        wrong["antes"] = "Esa página no existe. Vuelva a los registros más recientes."
    if wrong:
        raise InvalidForm(wrong)
    texts = (typed.actor.strip(), typed.member.strip(), typed.subject.strip(), typed.kind)
    return AuditFilters(*texts, since, until, int(before) if before else None)


def find_audit_filters(uow: UnitOfWork, filters: AuditFilters) -> FoundFilters:
    """Return the ids of those whom the filters name. Raises InvalidForm, by parameter."""
    actor_ids = _find_actors(filters.actor) if filters.actor else None
    return FoundFilters(
        actor_ids=actor_ids,
        has_system=bool(filters.actor) and fold(SYSTEM_NAME).startswith(fold(filters.actor) or "?"),
        person_ids=people.find_few_users(filters.member, "afiliado") if filters.member else None,
        subjects=_find_subjects(filters.subject) if filters.subject else None,
        kind=filters.kind,
        since=day_bounds(filters.since)[0] if filters.since else None,
        until=day_bounds(filters.until + timedelta(days=1))[0] if filters.until else None,
        before=filters.before,
    )


def audit_conditions(found: FoundFilters) -> Iterable[Expression]:
    """Yield the conditions that an entry has to meet, none without filters."""
    if found.actor_ids is not None:
        is_actor = AuditEntry.actor_id.in_(found.actor_ids)
        yield is_actor | AuditEntry.actor_id.is_null() if found.has_system else is_actor
    if found.person_ids is not None:
        yield AuditEntry.person_id.in_(found.person_ids)
    if found.subjects is not None:
        yield AuditEntry.subject.in_(found.subjects)
    if found.kind:
        yield AuditEntry.what == found.kind
    if found.since is not None:
        yield AuditEntry.at >= found.since
    if found.until is not None:
        yield AuditEntry.at < found.until
    if found.before is not None:
        yield AuditEntry.id < found.before


def _parse_day(text: str, name: str, wrong: dict[str, str]) -> date | None:
    if not text.strip():
        return None
    day = parse_typed_date(text)
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        wrong[name] = "Esa fecha no es válida. Escríbala como 25/8/2026."
        return None
    return day


def _find_actors(text: str) -> list[int]:
    """Return the ids of those who have acted under a name whose words begin so."""
    wanted = fold(text).split()
    found = set()
    for actor_id, name in database.execute_sql(_ACTORS).fetchall():
        words = fold(name).split()
        if wanted and all(any(word.startswith(part) for word in words) for part in wanted):
            found.add(int(actor_id))
    return sorted(found)


def _find_subjects(text: str) -> list[str]:
    """Return the subjects that a ticket, a reference of a payment, or a subject itself means. Raises InvalidForm."""
    name, kind, rest = text.upper(), *text.partition(":")[::2]
    if name.startswith("APT-"):
        found = [f"appointment:{id_}" for (id_,) in _select_tickets(name)]
    elif name.startswith("BNF-") and len(name) >= len("BNF-") + MIN_REFERENCE_CHARS:
        found = [f"payment:{id_}" for (id_,) in _select_payments(name.removeprefix("BNF-").lower())]
    elif kind in AUDIT_SUBJECTS and len(text) <= MAX_SUBJECT_CHARS:
        return [f"{kind}:{rest.strip()}" if rest else kind]
    else:
        sentence = "Escriba el número de una cita (APT-…), la referencia de un pago (BNF-…) o un asunto como chat:12."
        raise InvalidForm({"asunto": sentence})
    if not found:
        raise InvalidForm({"asunto": f"No encontramos «{text[:MAX_SUBJECT_CHARS]}». Revise cómo está escrito."})
    return found


def _select_tickets(ticket: str) -> Iterable[tuple[int]]:
    return Appointment.select(Appointment.id).where(Appointment.ticket_number == ticket).tuples()  # type: ignore[no-any-return]


def _select_payments(beginning: str) -> Iterable[tuple[str]]:
    return Payment.select(Payment.id).where(Payment.id.startswith(beginning)).limit(MAX_PAYMENTS).tuples()  # type: ignore[no-any-return]
