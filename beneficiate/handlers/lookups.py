"""Searches of the staff that name a person by document, telephone or e-mail: counted, and written to the audit."""

from beneficiate.actions.contacts import PersonLookup, record_lookup
from beneficiate.handlers.base import BaseHandler
from beneficiate.views.masking import lookup_kind


async def count_lookup(handler: BaseHandler, text: str) -> None:
    """Record a search, unless it is for a name. Raises RateLimited when this person searches for too many people."""
    kind = lookup_kind(text)
    if not kind:
        return
    is_new = await handler.run_action(record_lookup, PersonLookup(kind, text, handler.remote_address))
    if is_new:
        handler.context.limiters.lookups.acquire(handler.actor.user_id)
