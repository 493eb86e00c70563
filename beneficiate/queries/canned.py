"""Replies that are written once: found by what agents type, and worded for one member."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from peewee import ModelSelect

from beneficiate.errors import NotFound
from beneficiate.models.appointments import Appointment
from beneficiate.models.people import User
from beneficiate.models.staff import CannedReply
from beneficiate.protocol.envelope import Id
from beneficiate.queries.access import access_case
from beneficiate.queries.accounts import running_plan
from beneficiate.scheduling.lifecycle import OPEN
from beneficiate.search import fold, is_in
from beneficiate.store import Work
from beneficiate.wording import as_date, as_moment, render

SHOWN = 50
_MOMENT = timedelta(microseconds=1)


class CannedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A reply that is written once; `text` may have variables like `{{member.first_name}}`."""

    id: Id
    shortcut: str
    title: str
    text: str
    uses: int
    is_active: bool
    updated_at: datetime


class RenderedReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply worded for one chat. `unknown` names the variables that stay as they are written."""

    id: Id
    text: str
    unknown: list[str]


@dataclass(frozen=True, slots=True)
class Sought:
    """What an agent typed after the `/`; `with_inactive` also finds what is not used any more, for supervisors."""

    text: str
    with_inactive: bool = False


@dataclass(frozen=True, slots=True)
class For:
    """A reply for the member of a chat."""

    reply_id: int
    chat_id: int


def find(work: Work, sought: Sought) -> list[CannedPicture]:
    """At most 50 replies: those whose shortcut begins so first, then the most used. Nothing typed finds all."""
    query = CannedReply.select().order_by(CannedReply.uses.desc(), CannedReply.title, CannedReply.id)
    if not (sought.with_inactive and work.actor.role == "supervisor"):
        query = query.where(CannedReply.is_active)
    typed = sought.text.strip().removeprefix("/").lower()
    found = [row for row in query if is_in(typed, f"{row.shortcut} {row.title} {row.text}")] if fold(typed) else query
    by_shortcut = sorted(found, key=lambda row: not (typed and row.shortcut.startswith(typed)))
    return [picture(row) for row in by_shortcut[:SHOWN]]


def rendered(work: Work, wanted: For) -> RenderedReply:
    """A reply worded for the member of a support chat and the one who asks. Raises NotFound."""
    seat = access_case(work.actor, wanted.chat_id)
    row = CannedReply.get_or_none(CannedReply.id == wanted.reply_id, CannedReply.is_active)
    if row is None:
        raise NotFound
    wording = render(row.text, values_for(work, seat.user_id))
    return RenderedReply(id=row.id, text=wording.text, unknown=wording.unknown)


def values_for(work: Work, user_id: int) -> dict[str, str]:
    """What the variables mean for a member now; one that means nothing (no plan, no appointment) is empty."""
    member = User.get_by_id(user_id)
    plan = running_plan(user_id, work.now)
    visit = _next_visit(work, user_id).first()
    return {
        "member.first_name": member.first_name,
        "member.last_name": member.last_name,
        "agent.first_name": User.get_by_id(work.actor.user_id).first_name,
        "plan.name": plan["name"] if plan else "",
        "plan.ends_on": as_date(plan["ends_at"] - _MOMENT) if plan else "",
        "appointment.next": as_moment(visit.starts_at) if visit else "",
    }


def picture(row: CannedReply) -> CannedPicture:
    """A reply as it goes over the wire."""
    return CannedPicture(
        id=row.id,
        shortcut=row.shortcut,
        title=row.title,
        text=row.text,
        uses=row.uses,
        is_active=row.is_active,
        updated_at=row.updated_at,
    )


def _next_visit(work: Work, user_id: int) -> ModelSelect:
    return (
        Appointment.select(Appointment.starts_at)
        .where(Appointment.user == user_id, Appointment.status.in_(list(OPEN)), Appointment.starts_at > work.now)
        .order_by(Appointment.starts_at)
        .limit(1)
    )
