"""What of the staff's pages and calls opens the data of a member is recorded."""

from asyncio import Future

from beneficiate.actions.data_views import OpenedData, record_data_view
from beneficiate.errors import Problem
from beneficiate.handlers.base import BaseHandler
from beneficiate.logs import log_repeated_warning
from beneficiate.queries.access import STAFF_ROLES


def note_opened(handler: BaseHandler, part: str, subject: str) -> None:
    """Let it be recorded that the actor opened this part of the data of whom the subject belongs to; nobody waits.

    Called once the data was read and before it is sent: who goes away while it is sent has opened it too. Members open
    their own.
    """
    if handler.actor.role in STAFF_ROLES:
        store, opened = handler.context.store, OpenedData(part, subject)
        store.run_in_background(record_data_view, opened, handler.actor).add_done_callback(_log_failure)


def _log_failure(recorded: "Future[None]") -> None:
    problem = recorded.exception()
    if isinstance(problem, Problem):
        log_repeated_warning("data_view_not_recorded", code=problem.code)
