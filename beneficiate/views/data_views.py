"""Who of the staff opened the data of a member, as the member reads it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.domain.audit_kinds import ACTOR_ROLES, VIEWED_PARTS
from beneficiate.views.site import SiteView

REVEALED_CONTACT = "Sus datos de contacto"


@dataclass(frozen=True)
class DataView:
    """Who opened what, and when; the name and the role are those of that moment."""

    at: datetime
    name: str
    role: str
    part: str


@dataclass(frozen=True)
class DataViewList:
    """The newest 20 or the next ones; `before` is where those after them begin, None without.

    `since` is from when on it is recorded.
    """

    views: list[DataView]
    before: int | None
    since: datetime
    is_first: bool


@dataclass(frozen=True)
class DataViewsPage(SiteView):
    """`/mi/vistas`."""

    template: ClassVar[str] = "account/views.html"

    views: DataViewList


def describe_view(at: datetime, name: str, role: str, part: str | None) -> DataView:
    """Return a view in words; without a part, the contact was revealed."""
    shown = REVEALED_CONTACT if part is None else VIEWED_PARTS.get(part, part)
    return DataView(at, name or ACTOR_ROLES.get(role, role), ACTOR_ROLES.get(role, role), shown)
