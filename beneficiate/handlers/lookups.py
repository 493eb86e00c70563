"""Searches of the staff that name a person: counted, and written to the audit."""

from beneficiate.actions.contacts import PersonLookup, record_lookup
from beneficiate.handlers.base import BaseHandler
from beneficiate.views.masking import lookup_kind


async def count_lookup(handler: BaseHandler, text: str, *, is_name_counted: bool = False) -> None:
    """Record a search by document, telephone or e-mail; one for a name where `is_name_counted`.

    Raises RateLimited when this person searches for too many people.
    """
    kind = lookup_kind(text) or ("name" if is_name_counted and text.strip() else "")
    if not kind:
        return
    is_new = await handler.run_action(record_lookup, PersonLookup(kind, text, handler.remote_address))
    if is_new:
        handler.context.limiters.lookups.acquire(handler.actor.user_id)
