"""Canned replies: found by what agents type, and filled in for one member."""

from dataclasses import dataclass
from datetime import timedelta

from peewee import ModelSelect

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.domain.canned_replies import fill_variables, format_date_and_time
from beneficiate.errors import NotFound
from beneficiate.folding import fold
from beneficiate.formatting import format_long_date
from beneficiate.models.accounts import User
from beneficiate.models.appointments import Appointment
from beneficiate.models.call_centre import CannedReply
from beneficiate.queries.access import access_support_chat, require_supervisor
from beneficiate.queries.accounts import find_current_plan
from beneficiate.queries.administration import MAX_ROWS, find_last_change, page_rows
from beneficiate.search import matches_query
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import AdministrationList, ListFilters
from beneficiate.views.canned_replies import (
    ACTIVE_REPLIES,
    INACTIVE_REPLIES,
    REPLY_STATES,
    CannedReplyPayload,
    RenderedReply,
    ReplyRow,
    serialize_canned_reply,
)
from beneficiate.views.edit_forms import SavedRow

MAX_REPLIES_SHOWN = 50
_ONE_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class CannedReplyQuery:
    """The text that an agent typed after `/`; `with_inactive` adds inactive replies, for supervisors."""

    text: str
    with_inactive: bool = False


@dataclass(frozen=True, slots=True)
class ReplyForChat:
    """A canned reply for the member of a chat."""

    reply_id: int
    chat_id: int


def find_canned_replies(uow: UnitOfWork, search_query: CannedReplyQuery) -> list[CannedReplyPayload]:
    """Return at most 50 replies: those whose shortcut begins with the text first, then the most used."""
    query = CannedReply.select().order_by(CannedReply.uses.desc(), CannedReply.title, CannedReply.id)
    if not (search_query.with_inactive and uow.actor.role == "supervisor"):
        query = query.where(CannedReply.is_active)
    typed = search_query.text.strip().removeprefix("/").lower()
    found = (
        [row for row in query if matches_query(typed, f"{row.shortcut} {row.title} {row.text}")]
        if fold(typed)
        else query
    )
    by_shortcut = sorted(found, key=lambda row: not (typed and row.shortcut.startswith(typed)))
    return [serialize_canned_reply(row) for row in by_shortcut[:MAX_REPLIES_SHOWN]]


def render_canned_reply(uow: UnitOfWork, request: ReplyForChat) -> RenderedReply:
    """Return a reply filled in for the member of a support chat and the actor. Raises NotFound."""
    access = access_support_chat(uow.actor, request.chat_id)
    row = CannedReply.get_or_none(CannedReply.id == request.reply_id, CannedReply.is_active)
    if row is None:
        raise NotFound
    filled = fill_variables(row.text, load_variable_values(uow, access.user_id))
    return RenderedReply(id=row.id, text=filled.text, unknown=filled.unknown)


def load_reply_list(uow: UnitOfWork, filters: ListFilters) -> AdministrationList[ReplyRow]:
    """Return a page of all replies, by title, for supervisors. Raises NotFound."""
    require_supervisor(uow.actor)
    return page_rows([_describe_reply(row) for row in CannedReply.select().limit(MAX_ROWS)], filters, REPLY_STATES)


def load_reply(uow: UnitOfWork, reply_id: int) -> tuple[ReplyRow | None, SavedRow]:
    """Return a reply as the list and as the form show it; without a row for a new one. Raises NotFound."""
    require_supervisor(uow.actor)
    if reply_id == 0:
        return None, SavedRow({"shortcut": "", "title": "", "text": "", "estado": ACTIVE_STATE}, 0)
    row = CannedReply.get_or_none(CannedReply.id == reply_id)
    if row is None:
        raise NotFound("No encontramos esa respuesta.")
    state = ACTIVE_STATE if row.is_active else INACTIVE_STATE
    values = {"shortcut": row.shortcut, "title": row.title, "text": row.text, "estado": state}
    last_change = find_last_change(f"canned_reply:{row.id}", "canned.write", "canned.deactivate")
    return _describe_reply(row), SavedRow(values, row.version, last_change)


def load_variable_values(uow: UnitOfWork, user_id: int) -> dict[str, str]:
    """Return the values of the variables for a member; empty for those without one, such as without a plan."""
    member = User.get_by_id(user_id)
    plan = find_current_plan(user_id, uow.now)
    appointment = _select_next_appointment(uow, user_id).first()
    return {
        "member.first_name": member.first_name,
        "member.last_name": member.last_name,
        "agent.first_name": User.get_by_id(uow.actor.user_id).first_name,
        "plan.name": plan["name"] if plan else "",
        "plan.ends_on": format_long_date(plan["ends_at"] - _ONE_MICROSECOND) if plan else "",
        "appointment.next": format_date_and_time(appointment.starts_at) if appointment else "",
    }


def _select_next_appointment(uow: UnitOfWork, user_id: int) -> ModelSelect:
    return (
        Appointment.select(Appointment.starts_at)
        .where(
            Appointment.user == user_id, Appointment.status.in_(list(OPEN_STATUSES)), Appointment.starts_at > uow.now
        )
        .order_by(Appointment.starts_at)
        .limit(1)
    )


def _describe_reply(row: CannedReply) -> ReplyRow:
    return ReplyRow(
        row_id=row.id,
        name=row.title,
        state=ACTIVE_REPLIES if row.is_active else INACTIVE_REPLIES,
        search_text=f"{row.shortcut} {row.title} {row.text}",
        shortcut=row.shortcut,
        uses=row.uses,
    )
