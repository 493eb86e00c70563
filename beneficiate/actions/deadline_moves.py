"""Deadlines of the open chats, counted again when business hours or promises have changed, some chats at a time.

Messages wait for the chats that are locked: so each transaction locks some, and moves them. The first go with the
change itself; a job does the rest. A message in a chat that is still to come is judged by the deadline that everybody
saw until then.
"""

from peewee import fn

from beneficiate.actions.deadlines import refresh_deadlines
from beneficiate.models.base import lock_rows
from beneficiate.models.chats import CLOSED, SUPPORT, Chat
from beneficiate.models.service_levels import DeadlineMove, ServiceLevel
from beneficiate.queries.service_level_pages import is_promised_by
from beneficiate.queries.service_levels import load_levels_in_force
from beneficiate.unit_of_work import UnitOfWork

CHATS_PER_MOVE = 500
"""Who writes in one of them waits for 25 ms, if the members of all of them wait."""


def promise_to_open_chats(uow: UnitOfWork, level: ServiceLevel) -> None:
    """Promise the open chats that a service level is for what it says, and move their deadlines.

    One that is inherited promises those of its topic what all others have.
    """
    _begin_move(uow, level)


def refresh_open_chats(uow: UnitOfWork) -> None:
    """Count the deadlines of all open chats again: the business hours have changed."""
    _begin_move(uow, None)


def move_next_deadlines(uow: UnitOfWork) -> bool:
    """Move the deadlines of the next chats; return whether there may be others. Changes go in their order."""
    move: DeadlineMove | None = lock_rows(DeadlineMove.select().order_by(DeadlineMove.id)).first()
    if move is None:
        return False
    _move_some(uow, move)
    return True


def _begin_move(uow: UnitOfWork, level: ServiceLevel | None) -> None:
    """Move the first ones, unless those of an earlier change are still to come."""
    is_first = not DeadlineMove.select().exists()
    newest_id = Chat.select(fn.MAX(Chat.id)).scalar() or 0
    move = DeadlineMove.create(service_level=level, until_chat_id=newest_id)
    if is_first:
        _move_some(uow, move)


def _move_some(uow: UnitOfWork, move: DeadlineMove) -> None:
    """Move the next ones, and store how far that is; delete the move after the last ones.

    Chats whose members do not wait are locked too: a message that is about to be stored may let them wait, by the hours
    of before.
    """
    is_open = (Chat.kind == SUPPORT) & (Chat.status != CLOSED)
    is_next = is_open & (Chat.id > move.last_chat_id) & (Chat.id <= move.until_chat_id)
    query = Chat.select(Chat.id).where(is_next).order_by(Chat.id).limit(CHATS_PER_MOVE)
    ids = [chat_id for (chat_id,) in lock_rows(query).tuples()]
    refresh_deadlines(uow, ids if move.service_level_id is None else _promise(move.service_level, ids))
    if len(ids) < CHATS_PER_MOVE:
        move.delete_instance()
    else:
        move.last_chat_id = ids[-1]
        move.save(only=[DeadlineMove.last_chat_id])


def _promise(level: ServiceLevel, chat_ids: list[int]) -> list[int]:
    """Promise those of these chats that a service level is for what it says; return which they are."""
    levels = load_levels_in_force()
    condition = Chat.id.in_(chat_ids) & is_promised_by(level.topic_id, levels)
    given = levels.get(None) if level.is_inherited else level
    Chat.update(service_level=given).where(condition).execute()
    return [chat_id for (chat_id,) in Chat.select(Chat.id).where(condition).tuples()]
