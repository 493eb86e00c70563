"""What is promised to members: supervisors change it by topic. Each change is a new version; chats keep theirs."""

from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.actions import assignment, audit, deadline_moves
from beneficiate.actions.administration import Changes
from beneficiate.domain.service_levels.fields import (
    PROMISED_FIELDS,
    ServiceLevelFields,
    parse_service_level,
    service_level_texts,
)
from beneficiate.errors import OutdatedForm
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.service_level_pages import access_level_topic, find_last_version
from beneficiate.queries.service_levels import load_levels_in_force, promised_times
from beneficiate.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SaveServiceLevel:
    """The fields of a topic, by its code, as they were typed, and the version that the form has shown."""

    code: str
    version: int
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InheritServiceLevel:
    """The topic that gets what all others have, the version that the page has shown; for its open chats too or not."""

    code: str
    version: int
    moves_open: bool = False


def save_service_level(uow: UnitOfWork, command: SaveServiceLevel) -> None:
    """Promise from now on what was typed, to the open chats too if that was chosen.

    Raises NotFound, InvalidForm with a sentence for each field, OutdatedForm when somebody else saved meanwhile.
    """
    require_supervisor(uow.actor)
    fields = parse_service_level(command.typed)
    topic_id = access_level_topic(command.code)
    last = _require_version(topic_id, command.version)
    before = None if last is None or last.is_inherited else service_level_texts(promised_times(last), last.goal)
    after = service_level_texts(fields.promised, fields.goal)
    if before == after and not fields.moves_open:
        return
    if before != after:
        _add_version(uow, topic_id, command.version, fields)
    if fields.moves_open:
        # Read again: a topic that had none of its own has one now.
        deadline_moves.promise_to_open_chats(uow, load_levels_in_force()[topic_id])
    changes = _describe_changes(before or {}, after) | {"moves_open": (None, fields.moves_open)}
    audit.record_audit(uow, "levels.save", _subject(command.code), changes=changes)


def inherit_service_level(uow: UnitOfWork, command: InheritServiceLevel) -> None:
    """Let the chats of a topic that come from now on have what all others have, and the open ones if that was chosen.

    Raises NotFound, OutdatedForm. A topic that inherits already is left as it is.
    """
    require_supervisor(uow.actor)
    topic_id = access_level_topic(command.code)
    last = _require_version(topic_id, command.version)
    if topic_id is None or last is None or last.is_inherited:
        return
    version = last.version + 1
    level = ServiceLevel.create(
        topic=topic_id, version=version, is_inherited=True, saved_at=uow.now, saved_by=uow.actor.user_id
    )
    if command.moves_open:
        deadline_moves.promise_to_open_chats(uow, level)
    changes = _describe_changes(service_level_texts(promised_times(last), last.goal), {})
    changes |= {"moves_open": (None, command.moves_open)}
    audit.record_audit(uow, "levels.inherit", _subject(command.code), changes=changes)


def _require_version(topic_id: int | None, version: int) -> ServiceLevel | None:
    """Return the last version of a topic, with the queue locked, as new chats do. Raises OutdatedForm."""
    assignment.lock_queue()
    last = find_last_version(topic_id)
    if (last.version if last else 0) != version:
        raise OutdatedForm
    return last


def _describe_changes(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    """Return what changes of the texts of a service level; for which chats it is, is none of them."""
    pairs = ((name, before.get(name), after.get(name)) for name in PROMISED_FIELDS)
    return {f"level_{name}": (old, new) for name, old, new in pairs if old != new}


def _add_version(uow: UnitOfWork, topic_id: int | None, version: int, fields: ServiceLevelFields) -> None:
    ServiceLevel.create(
        topic=topic_id,
        version=version + 1,
        **fields.promised._asdict(),
        goal=fields.goal,
        saved_at=uow.now,
        saved_by=uow.actor.user_id,
    )


def _subject(code: str) -> str:
    return f"service_level:{code or 'general'}"
