"""Forms that create a row create it once, however often they are sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from beneficiate.models.form_creations import FormCreation
from beneficiate.unit_of_work import UnitOfWork

C = TypeVar("C")
KEPT = timedelta(days=7)
"""For so long a form that comes again, as with the button to go back, leads to what it has created."""


@dataclass(frozen=True, slots=True)
class CreateOnce(Generic[C]):
    """An action that creates a row and returns its id, its command, and the key of the form that was sent."""

    key: str
    action: Callable[[UnitOfWork, C], int]
    command: C


def create_once(uow: UnitOfWork, command: CreateOnce[C]) -> int:
    """Create a row, unless this form of the actor has done so before, and return its id. Raises what the action does.

    Of two that come at once the second waits for the first: both insert the same key.
    """
    claim = FormCreation.insert(user=uow.actor.user_id, key=command.key, created_at=uow.now).on_conflict_ignore()
    own = (FormCreation.user == uow.actor.user_id) & (FormCreation.key == command.key)
    if not claim.as_rowcount().execute():
        return int(FormCreation.get(own).row_id)
    row_id = command.action(uow, command.command)
    FormCreation.update(row_id=row_id).where(own).execute()
    FormCreation.delete().where(FormCreation.created_at < uow.now - KEPT).execute()
    return row_id
