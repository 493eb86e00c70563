"""Who of the staff opened the data of a member."""

import json

from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry, AuditState
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.data_views import DataViewList, describe_view

VIEWS_PER_PAGE = 20
_KINDS = ("people.view", "people.reveal")


def list_data_views(uow: UnitOfWork, before: int | None = None) -> DataViewList:
    """Return who opened the data of the actor, 20 at a time, the newest first; `before` is the last of a page.

    Neither addresses nor searches: they are of the staff, and of what is said about others.
    """
    is_own = (AuditEntry.person_id == uow.actor.user_id) & AuditEntry.what.in_(_KINDS)
    query = AuditEntry.select().where(is_own).order_by(AuditEntry.id.desc()).limit(VIEWS_PER_PAGE + 1)
    rows = list(query if before is None else query.where(AuditEntry.id < before))
    shown = rows[:VIEWS_PER_PAGE]
    joined_at = User.select(User.created_at).where(User.id == uow.actor.user_id).scalar()
    recorded_since = AuditState.select(AuditState.views_since).scalar()
    return DataViewList(
        views=[
            describe_view(row.at, row.actor_name, row.actor_role, json.loads(row.after).get("part")) for row in shown
        ],
        before=shown[-1].id if len(rows) > len(shown) else None,
        since=max(joined_at, recorded_since) if recorded_since else joined_at,
        is_first=before is None,
    )
