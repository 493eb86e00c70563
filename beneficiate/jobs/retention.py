"""Deletes what was kept as long as supervisors have chosen, part by part."""

import structlog

from beneficiate.actions.retention import (
    ROWS_PER_PART,
    clear_messages,
    delete_old_rows,
    finish_clearing,
    record_clearing,
)
from beneficiate.context import AppContext
from beneficiate.deferred_problems import DeferredProblems
from beneficiate.queries.retention import RETAINED_TABLES, list_chat_files, list_clearable_chats
from beneficiate.services.search_index import fill_search_index, merge_deleted_words

log = structlog.get_logger(__name__)


async def delete_what_is_old(context: AppContext) -> None:
    """Delete old rows of every kind, those behind one that fails as well. Two processes may do it at once."""
    problems = DeferredProblems()
    for place in range(len(RETAINED_TABLES)):
        with problems.defer():
            while not context.is_stopping:
                if await context.store.run_in_background(delete_old_rows, place) < ROWS_PER_PART:
                    break
    problems.raise_first()


async def clear_old_chats(context: AppContext) -> None:
    """Clear the messages, the files and all else that was written in chats that were closed long ago."""
    cleared = 0
    while not context.is_stopping and (chats := await context.store.read(list_clearable_chats)):
        done = 0
        for chat_id in chats:
            done += await _clear_chat(context, chat_id)
        if not done:
            break
        cleared += done
    if cleared:
        await fill_search_index(context.store, lambda: context.is_stopping)
        await merge_deleted_words(context.store, lambda: context.is_stopping)
        await context.store.run(record_clearing, cleared)
        log.info("old_chats_cleared", chats=cleared)


async def _clear_chat(context: AppContext, chat_id: int) -> bool:
    while await context.store.run_in_background(clear_messages, chat_id):
        if context.is_stopping:
            return False
    await context.attachments.delete_files(await context.store.read(list_chat_files, [chat_id]))
    return await context.store.run(finish_clearing, chat_id)
