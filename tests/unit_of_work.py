"""Run actions and queries without a loop."""

from dataclasses import replace

from beneficiate.domain.booking.rules import DEFAULT_RULES
from beneficiate.limits import Quotas
from beneficiate.settings import Settings
from beneficiate.unit_of_work import BatchedAction

MANY = 1_000_000
UNLIMITED = replace(
    DEFAULT_RULES,
    quotas=Quotas.from_settings(
        Settings(
            open_appointments=MANY, open_per_specialty=MANY, bookings_per_hour=MANY, appointment_changes_per_hour=MANY
        )
    ),
)
"""The rules for tests of what is not about how much one member may book."""


def call(action, uow, command=None):
    """Return what an action, a batched action or a query returns in this unit of work; raise its Problem."""
    if isinstance(action, BatchedAction):
        result = action.run_one(uow, command)
    else:
        result = action(uow) if command is None else action(uow, command)
    uow.finish()
    return result
