"""What is as long as it may be can be stored: no command and no API call answers `internal` to its longest texts.

The values are generated from the Structs of the command tables and of the API, on both databases: SQLite takes a text
that is longer than its column, PostgreSQL does not.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from msgspec import inspect as types
from tornado.ioloop import IOLoop

from beneficiate.audiences import Audience
from beneficiate.errors import Problem
from beneficiate.handlers.api import ApiHandler
from beneficiate.models.call_centre import CannedReply, Topic
from beneficiate.models.chats import Message, Note
from beneficiate.protocol.commands import LegacyCommand
from beneficiate.protocol.envelope import Command, message_type
from beneficiate.routes import ROUTES
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.websockets import commands as tables
from tests.actions.payment_steps import NOW
from tests.factories import (
    Person,
    agent,
    member_with_plan,
    supervisor,
    support_chat,
    township,
)
from tests.http_client import call_api
from tests.unit_of_work import call

LETTERS = ("\U0001d400", "\U0001f600", "ﷺ")
"""Two of four bytes, the first of which is a letter that folds to `a`; the third folds to eighteen."""
UNBOUNDED_CHARS = 10_000
"""The length of a text whose Struct names none: the frame, the body or the URL bounds it."""
QUERY_CHARS = 1000
PLAIN_TEXTS = {"status": "CANCELLED", "email": "nadie@pruebas.co", "shortcut": "saludo", "topic": "citas"}
ROLES = {
    "member": tables.MEMBER_COMMANDS,
    "agent": tables.AGENT_COMMANDS,
    "supervisor": tables.SUPERVISOR_COMMANDS,
}


class Cast(NamedTuple):
    """The people, and the ids that the fields of their commands name."""

    people: dict[str, Person]
    ids: dict[str, int]


def create_cast() -> Cast:
    people = {"member": member_with_plan(), "agent": agent(), "supervisor": supervisor()}
    chat = support_chat(people["member"], people["agent"], last_seq=1)
    sent = {"chat": chat, "seq": 1, "message": "Hola", "sent_at": NOW}
    note = Note.create(chat=chat, author=people["agent"].id, text="a", after_seq=1, created_at=NOW)
    reply = CannedReply.create(shortcut="a", title="a", text="a", updated_at=NOW)
    Topic.create(code="citas", name="Citas")
    ids = {
        "chat_id": chat.id,
        "message_id": Message.create(sender_type="USER", sender_id=people["member"].id, **sent).id,
        "note_id": note.id,
        "reply_id": reply.id,
        "user_id": people["member"].id,
        "agent_id": people["supervisor"].agent_id,
        "city_id": township().id,
    }
    return Cast(people, ids)


def variants(struct: Any, ids: dict[str, int], letter: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of a Struct: each text in turn as long as it may be with the others plain, and all at once."""
    fields = [field for field in types.type_info(struct).fields if field.encode_name not in _hidden(struct)]
    texts = [field.encode_name for field in fields if _is_text(field.type)]
    for longest in (texts, *([name] for name in texts if len(texts) > 1)):
        yield {
            field.encode_name: _value(
                field.type, field.encode_name, ids, letter if field.encode_name in longest else ""
            )
            for field in fields
            if field.required or field.encode_name in longest or field.encode_name in ids
        }


def _hidden(struct: Any) -> set[str]:
    """Return the fields that no action reads: the reference, and what old clients say about themselves."""
    return (
        {"id", *LegacyCommand.__annotations__} - set(struct.__annotations__) if issubclass(struct, Command) else set()
    )


def _is_text(kind: types.Type) -> bool:
    if isinstance(kind, types.Metadata):
        return _is_text(kind.type)
    return isinstance(kind, types.StrType) or (isinstance(kind, types.UnionType) and any(map(_is_text, kind.types)))


def _value(kind: types.Type, name: str, ids: dict[str, int], letter: str) -> Any:
    """Return a valid value of a type; a text is as many letters as it may have, or without a letter a plain one."""
    if isinstance(kind, types.Metadata):
        return _value(kind.type, name, ids, letter)
    if isinstance(kind, types.UnionType):
        wanted = next((one for one in kind.types if _is_text(one)), kind.types[0])
        return _value(wanted, name, ids, letter)
    if isinstance(kind, types.StrType):
        return letter * (kind.max_length or UNBOUNDED_CHARS) if letter else PLAIN_TEXTS.get(name, "Texto")
    if isinstance(kind, types.IntType):
        return ids.get(name, max(kind.ge or 1, 1))
    if isinstance(kind, types.LiteralType):
        return kind.values[0]
    if isinstance(kind, types.DictType):
        return {str(ids["chat_id"]): 0}
    return {types.BoolType: True, types.ListType: []}[type(kind)]


def test_no_command_fails_for_the_longest_texts(db):
    cast, failed = create_cast(), []
    for role, table in ROLES.items():
        for struct, letter in product(table, LETTERS):
            for fields in variants(struct, cast.ids, letter):
                command = msgspec.convert({"event": message_type(struct), **fields}, struct)
                with db.atomic() as unit:
                    try:
                        call(table[struct].action, UnitOfWork(cast.people[role].actor, NOW), command)
                    except Problem:
                        pass  # refused with a code of its own
                    except Exception as problem:  # noqa: BLE001  all that fail are shown at once
                        failed.append((role, message_type(struct), repr(problem)))
                    unit.rollback()
    assert failed == []


def test_no_call_of_the_api_fails_for_the_longest_texts(io_loop: IOLoop, start):
    server = io_loop.run_sync(lambda: start(lookups_per_minute=10**6, sign_in_attempts=10**6))
    answered = io_loop.run_sync(lambda: _call_everything(server.port, create_cast()), timeout=60)
    assert [path for path, status in answered if status == 500] == []
    stored = {"medical-appointment/create-pending", "medical-appointment/cancel/1"}
    assert stored <= {path for path, status in answered if status in (200, 201)}


async def _call_everything(port: int, cast: Cast) -> list[tuple[str, int]]:
    """Return the path and the status of each call."""
    answered = []
    for route in ROUTES:
        path = route.path.removeprefix("/api/v1/").replace(r"(\d+)", "1")
        if not issubclass(route.handler, ApiHandler) or "*" in path:
            continue
        # A sign-in costs some tenths of a second.
        is_open = route.audience is Audience.ANYONE
        pairs = product(("member",) if is_open else ROLES, LETTERS[:1] if is_open else LETTERS)
        # One open appointment a specialty: each request has another.
        for specialty_id, (role, letter) in enumerate(pairs, 1):
            for target, body, method in _calls(route.handler, path, cast.ids | {"specialty_id": specialty_id}, letter):
                answer = await call_api(port, target, cast.people[role], body, method)
                answered.append((path, answer.status))
    return answered


def _calls(
    handler: type[ApiHandler], path: str, ids: dict[str, int], letter: str
) -> Iterator[tuple[str, dict[str, Any] | None, str]]:
    """Yield the path, the body and the method of each call of a handler."""
    for name, kind in handler.query_params.items():
        if kind == "string":
            yield f"{path}?{name}={quote(letter * QUERY_CHARS)}", None, "GET"
    methods = [name for name in ("post", "put") if getattr(handler, name) is not getattr(ApiHandler, name)]
    for method in methods if handler.request_type else ():
        for fields in variants(handler.request_type, ids, letter):
            yield path, fields, method.upper()
