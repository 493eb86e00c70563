"""Notices to people who are away: dispatched when they are due, and their pushes sent."""

import asyncio

from beneficiate.actions.away_notices import MAX_NOTICES_PER_RUN, dispatch_due_notices, notice_unread_messages
from beneficiate.actions.push_messages import PUSH_BATCH_SIZE, claim_pushes, record_push_results
from beneficiate.context import AppContext
from beneficiate.queries.notices import find_unread_chats

MAX_BATCHES_PER_RUN = 5


async def dispatch_notices(context: AppContext) -> None:
    """Turn the notices that are due into pushes and e-mails, and find what agents have not read."""
    if unread := await context.store.read(find_unread_chats):
        await context.store.run(notice_unread_messages, unread)
    for _ in range(MAX_BATCHES_PER_RUN):
        if await context.store.run(dispatch_due_notices) < MAX_NOTICES_PER_RUN:
            return


async def send_due_pushes(context: AppContext) -> None:
    """Send the pushes that are due; without keys none is sent."""
    if not context.push.is_on:
        return
    for _ in range(MAX_BATCHES_PER_RUN):
        batch = await context.store.run(claim_pushes)
        if batch:
            results = await asyncio.gather(*(context.push.send(push) for push in batch))
            await context.store.run(record_push_results, results)
        if len(batch) < PUSH_BATCH_SIZE:
            return
