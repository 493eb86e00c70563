"""The topics that members may ask about: supervisors add, rename and deactivate them; none is ever deleted."""

from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.actions import assignment, audit
from beneficiate.actions.administration import Changes, change_columns, count_version, require_version
from beneficiate.actions.board import emit_board_outdated
from beneficiate.domain.administration import (
    ACTIVE_STATE,
    STATES,
    check_name,
    choose_code,
    clean_line,
    refuse_invalid,
)
from beneficiate.errors import InvalidForm, NotFound
from beneficiate.folding import fold_name
from beneficiate.models.call_centre import Topic
from beneficiate.queries.access import require_supervisor
from beneficiate.text_limits import MAX_TOPIC_CODE_CHARS
from beneficiate.unit_of_work import UnitOfWork

MAX_TOPIC_NAME_CHARS = 40
MAX_TOPICS = 100
"""Of more than some dozen nobody chooses well; all are shown on every form of the staff."""


@dataclass(frozen=True, slots=True)
class SaveTopic:
    """A topic as typed, by the names of the fields, and the version that the form has shown; a new one has no id."""

    topic_id: int
    version: int
    typed: Mapping[str, str]


def save_topic(uow: UnitOfWork, command: SaveTopic) -> int:
    """Create or change a topic, assign what may be assigned now, and return its id.

    Raises NotFound, InvalidForm, OutdatedForm when somebody else saved meanwhile.
    """
    require_supervisor(uow.actor)
    # Locked like everything that the queue depends on; so a name is taken once, too.
    assignment.lock_queue()
    name, state = clean_line(command.typed.get("nombre", "")), command.typed.get("estado", "")
    refuse_invalid(
        {
            "nombre": check_name(name, MAX_TOPIC_NAME_CHARS, "el nombre"),
            "estado": (state in STATES, "Elija si está activo."),
        }
    )
    topics = list(Topic.select())
    if any(fold_name(topic.name) == fold_name(name) and topic.id != command.topic_id for topic in topics):
        raise InvalidForm({"nombre": "Ya hay un tema con ese nombre."})
    if command.topic_id == 0:
        return _create_topic(uow, name, topics)
    topic = next((topic for topic in topics if topic.id == command.topic_id), None)
    if topic is None:
        raise NotFound("No encontramos ese tema.")
    changes = change_columns(topic, {"name": name, "is_active": state == ACTIVE_STATE})
    if changes:
        require_version(topic, command.version)
        count_version(topic)
        _finish(uow, topic, changes)
    return int(topic.id)


def _create_topic(uow: UnitOfWork, name: str, topics: list[Topic]) -> int:
    if len(topics) >= MAX_TOPICS:
        raise InvalidForm({"nombre": f"Ya hay {MAX_TOPICS} temas. Use uno de los inactivos."})
    topic = Topic.create(code=choose_code(name, {one.code for one in topics}, MAX_TOPIC_CODE_CHARS), name=name)
    _finish(uow, topic, {"name": (None, name)})
    return int(topic.id)


def _finish(uow: UnitOfWork, topic: Topic, changes: Changes) -> None:
    emit_board_outdated(uow)
    assignment.assign_waiting_chats(uow, is_changed=False)
    audit.record_audit(uow, "topics.save", f"topic:{topic.id}", changes=changes)
