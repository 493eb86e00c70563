"""Searches of the staff that may find people: each is counted by person, and written to the audit."""

from collections.abc import Callable
from typing import TypeVar

from beneficiate.actions.contacts import record_lookup
from beneficiate.handlers.base import BaseHandler
from beneficiate.queries.lookups import PersonLookup, is_recent_lookup
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.masking import is_reference, lookup_kind

C = TypeVar("C")
R = TypeVar("R")


async def search_people(
    handler: BaseHandler, query: Callable[[UnitOfWork, C], R], command: C, text: str, *, has_references: bool = False
) -> R:
    """Run a query that finds people by a text, after it was counted and recorded; without a text, as any query.

    Raises RateLimited when the actor searches for too many people, and what the query raises.
    """
    if not text.strip():
        return await handler.run_query(query, command)
    await count_lookup(handler, text, has_references=has_references)
    return await handler.run_search(query, command)


async def count_lookup(handler: BaseHandler, text: str, *, has_references: bool = False) -> None:
    """Count and record a search for people, by whatever they are found.

    A list is loaded again with each change, and a search has pages: the same text is one search for ten minutes. The
    number of an appointment or a payment is no person where it is searched by such (`has_references`). A refused search
    is not recorded, so that it is refused again; two that come at the same moment are both. Raises RateLimited.
    """
    kind = "" if has_references and is_reference(text) else lookup_kind(text)
    if not kind:
        return
    lookup = PersonLookup(kind, text)
    if await handler.run_query(is_recent_lookup, lookup):
        return
    await handler.context.limiters.lookups.acquire(handler.actor.user_id)
    await handler.run_action(record_lookup, lookup)
