"""Access of every role to every command and API call, for every kind of row.

The tables are the expectation. `ack` and `resumed` mean that it was done; anything else is the code of the refusal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from beneficiate.models.accounts import Agent
from beneficiate.models.audit import AuditEntry, AuditText
from beneficiate.models.call_centre import CannedReply, Topic
from beneficiate.models.chats import CLOSED, Chat, ChatEvent, Mention, Message, Note, Rating
from tests.audit import audit_triggers_off
from tests.databases import BACKENDS
from tests.factories import Person, agent, connect_socket, direct_chat, member, supervisor, support_chat
from tests.http_client import call_api

# Who may do what does not depend on the database.
pytestmark = pytest.mark.parametrize("backend", BACKENDS[:1], indirect=True)

DONE = ("ack", "resumed")
MISSING = 2_000_000_000
Table = dict[tuple[str, str], str]
"""Role and thing: the outcome."""

# support: the member's and the agent's; direct: of the two members; desk: of the agent and the supervisor;
# closed: once the member's and the agent's; waiting: the other member's, nobody has it; former: its agent is inactive
# now; hers: the inactive agent's own as a member, with the other agent.
CHAT_COMMANDS = {
    "chat_message": """
                 support    direct     desk       closed       waiting    former     hers       missing
member           ack        ack        not_found  chat_closed  not_found  not_found  not_found  not_found
other_member     not_found  ack        not_found  not_found    ack        not_found  not_found  not_found
agent            ack        not_found  ack        chat_closed  not_found  not_found  not_found  not_found
other_agent      not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
supervisor       not_found  not_found  ack        not_found    not_found  not_found  not_found  not_found
inactive_agent   not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
""",
    "agent_chat_message": """
                 support    direct     desk       closed       waiting    former     hers       missing
member           ack        not_found  not_found  chat_closed  not_found  not_found  not_found  not_found
other_member     not_found  not_found  not_found  not_found    ack        not_found  not_found  not_found
agent            ack        not_found  not_found  chat_closed  not_found  not_found  not_found  not_found
other_agent      not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
supervisor       not_found  not_found  not_found  not_found    not_found  not_found  not_found  not_found
inactive_agent   not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
""",
    "message_read": """
                 support    direct     desk       closed       waiting    former     hers       missing
member           ack        ack        not_found  ack          not_found  not_found  not_found  not_found
other_member     not_found  ack        not_found  not_found    ack        not_found  not_found  not_found
agent            ack        not_found  ack        ack          not_found  not_found  not_found  not_found
other_agent      not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
supervisor       not_found  not_found  ack        not_found    not_found  not_found  not_found  not_found
inactive_agent   not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
""",
    "typing": """
                 support    direct     desk       closed       waiting    former     hers       missing
member           ack        ack        not_found  chat_closed  not_found  not_found  not_found  not_found
other_member     not_found  ack        not_found  not_found    ack        not_found  not_found  not_found
agent            ack        not_found  ack        chat_closed  not_found  not_found  not_found  not_found
other_agent      not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
supervisor       not_found  not_found  ack        not_found    not_found  not_found  not_found  not_found
inactive_agent   not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
""",
    "close_chat": """
                 support    direct     desk       closed       waiting    former     hers       missing
member           ack        ack        not_found  chat_closed  not_found  not_found  not_found  not_found
other_member     not_found  ack        not_found  not_found    ack        not_found  not_found  not_found
agent            ack        not_found  ack        chat_closed  not_found  not_found  not_found  not_found
other_agent      not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
supervisor       not_found  not_found  ack        not_found    not_found  not_found  not_found  not_found
inactive_agent   not_found  not_found  not_found  not_found    not_found  not_found  ack        not_found
""",
    "resume": """
                 support    direct     desk       closed       waiting    former     hers       missing
member           resumed    resumed    not_found  resumed      not_found  not_found  not_found  not_found
other_member     not_found  resumed    not_found  not_found    resumed    not_found  not_found  not_found
agent            resumed    not_found  resumed    resumed      not_found  not_found  not_found  not_found
other_agent      not_found  not_found  not_found  not_found    not_found  not_found  resumed    not_found
supervisor       not_found  not_found  resumed    not_found    not_found  not_found  not_found  not_found
inactive_agent   not_found  not_found  not_found  not_found    not_found  not_found  resumed    not_found
""",
}
CHAT_COMMANDS["stop_typing"] = CHAT_COMMANDS["typing"]

# Commands of the staff that members never see: for any support chat, whoever has it, and for no direct one.
STAFF_COMMANDS = """
                 support    direct     desk       closed       waiting    former     hers       missing
member           unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
other_member     unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
agent            ack        not_found  not_found  ack          ack        ack        ack        not_found
other_agent      ack        not_found  not_found  ack          ack        ack        ack        not_found
supervisor       ack        not_found  not_found  ack          ack        ack        ack        not_found
inactive_agent   unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
"""
CHAT_COMMANDS |= dict.fromkeys(("add_note", "tag_chat", "untag_chat", "view_chat", "leave_chat"), STAFF_COMMANDS)
# The messages are the user's: in the chat called desk, the agent's own.
CHAT_COMMANDS["recall_message"] = """
                 support    direct     desk       closed       waiting    former     hers       missing
member           unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
other_member     unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
agent            not_found  not_found  ack        not_found    not_found  not_found  not_found  not_found
other_agent      not_found  not_found  not_found  not_found    not_found  not_found  not_found  not_found
supervisor       not_found  not_found  not_found  not_found    not_found  not_found  not_found  not_found
inactive_agent   unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
"""
# mentioned: of a note that names the agent and the supervisor.
THING_COMMANDS = {
    "see_mentions": """
                 mentioned  missing
member           unknown    unknown
other_member     unknown    unknown
agent            ack        not_found
other_agent      not_found  not_found
supervisor       ack        not_found
inactive_agent   unknown    unknown
""",
    "use_canned": """
                 reply      missing
member           unknown    unknown
other_member     unknown    unknown
agent            ack        not_found
other_agent      ack        not_found
supervisor       ack        not_found
inactive_agent   unknown    unknown
""",
}
CHAT_COMMANDS |= {
    "take_chat": """
                 support     direct     desk       closed       waiting    former      hers        missing
member           unknown     unknown    unknown    unknown      unknown    unknown     unknown     unknown
other_member     unknown     unknown    unknown    unknown      unknown    unknown     unknown     unknown
agent            ack         not_found  not_found  chat_closed  ack        chat_taken  chat_taken  not_found
other_agent      chat_taken  not_found  not_found  chat_closed  ack        chat_taken  ack         not_found
supervisor       chat_taken  not_found  not_found  chat_closed  ack        chat_taken  chat_taken  not_found
inactive_agent   unknown     unknown    unknown    unknown      unknown    unknown     unknown     unknown
""",
    "return_chat": """
                 support    direct     desk       closed       waiting    former     hers       missing
member           unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
other_member     unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
agent            ack        not_found  not_found  chat_closed  not_found  not_found  not_found  not_found
other_agent      not_found  not_found  not_found  chat_closed  not_found  not_found  ack        not_found
supervisor       not_found  not_found  not_found  chat_closed  not_found  not_found  not_found  not_found
inactive_agent   unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
""",
    "reopen_chat": """
                 support    direct     desk       closed     waiting    former     hers       missing
member           ack        not_found  not_found  conflict   not_found  not_found  not_found  not_found
other_member     not_found  not_found  not_found  not_found  ack        not_found  not_found  not_found
agent            ack        not_found  not_found  conflict   not_found  not_found  not_found  not_found
other_agent      not_found  not_found  not_found  not_found  not_found  not_found  ack        not_found
supervisor       not_found  not_found  not_found  not_found  not_found  not_found  not_found  not_found
inactive_agent   not_found  not_found  not_found  not_found  not_found  not_found  ack        not_found
""",
    "rate_chat": """
                 support    direct     desk       closed     waiting    former     hers       missing
member           not_found  not_found  not_found  ack        not_found  not_found  not_found  not_found
other_member     not_found  not_found  not_found  not_found  not_found  not_found  not_found  not_found
agent            unknown    unknown    unknown    unknown    unknown    unknown    unknown    unknown
other_agent      unknown    unknown    unknown    unknown    unknown    unknown    unknown    unknown
supervisor       unknown    unknown    unknown    unknown    unknown    unknown    unknown    unknown
inactive_agent   not_found  not_found  not_found  not_found  not_found  not_found  not_found  not_found
""",
    "assign_chat": """
                 support    direct     desk       closed       waiting    former     hers       missing
member           unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
other_member     unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
agent            unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
other_agent      unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
supervisor       ack        not_found  not_found  chat_closed  ack        ack        ack        not_found
inactive_agent   unknown    unknown    unknown    unknown      unknown    unknown    unknown    unknown
""",
}
CHAT_COMMANDS["transfer_chat"] = CHAT_COMMANDS["give_to_bot"] = CHAT_COMMANDS["return_chat"]

QUEUE_COMMANDS = {
    "request_agent": """
                 nothing  known    unheard_of  shut
member           ack      ack      not_found   not_found
other_member     ack      ack      not_found   not_found
agent            unknown  unknown  unknown     unknown
other_agent      unknown  unknown  unknown     unknown
supervisor       unknown  unknown  unknown     unknown
inactive_agent   ack      ack      not_found   not_found
free             ack      ack      not_found   not_found
""",
    "set_agent_away": """
                 agent       other_agent  inactive_agent  missing
member           unknown     unknown      unknown         unknown
other_member     unknown     unknown      unknown         unknown
agent            unknown     unknown      unknown         unknown
other_agent      unknown     unknown      unknown         unknown
supervisor       agent_away  agent_away   not_found       not_found
inactive_agent   unknown     unknown      unknown         unknown
free             unknown     unknown      unknown         unknown
""",
    "set_availability": """
                 available  away     offline
member           unknown    unknown  unknown
other_member     unknown    unknown  unknown
agent            ack        ack      ack
other_agent      ack        ack      ack
supervisor       ack        ack      ack
inactive_agent   unknown    unknown  unknown
free             unknown    unknown  unknown
""",
}
TOPICS = {"nothing": None, "known": "citas", "unheard_of": "nada", "shut": "cerrado"}

# free: a member without a chat; gone: a deactivated one.
OPEN_COMMANDS = """
                 member      other_member  free     inactive_agent  agent      supervisor  gone       missing
member           unknown     unknown       unknown  unknown         unknown    unknown     unknown    unknown
other_member     unknown     unknown       unknown  unknown         unknown    unknown     unknown    unknown
agent            ack         ack           ack      chat_taken      not_found  not_found   not_found  not_found
other_agent      chat_taken  ack           ack      ack             not_found  not_found   not_found  not_found
supervisor       chat_taken  ack           ack      chat_taken      not_found  not_found   not_found  not_found
inactive_agent   unknown     unknown       unknown  unknown         unknown    unknown     unknown    unknown
"""

API_CALLS = {
    "GET agent-chat/messages/{chat}": """
                 support  direct  desk  closed  waiting  former  hers  missing  zero  huge
nobody           401      401     401   401     401      401     401   401      401   401
member           200      200     404   200     404      404     404   404      404   404
other_member     404      200     404   404     200      404     404   404      404   404
agent            200      404     200   200     200      200     200   404      404   404
other_agent      200      404     404   200     200      200     200   404      404   404
supervisor       200      404     200   200     200      200     200   404      404   404
inactive_agent   404      404     404   404     404      404     200   404      404   404
""",
    "GET agent-chat/notes/{chat}": """
                 support  direct  desk  closed  waiting  former  hers  missing  zero  huge
nobody           401      401     401   401     401      401     401   401      401   401
member           403      403     403   403     403      403     403   403      403   403
other_member     403      403     403   403     403      403     403   403      403   403
agent            200      404     404   200     200      200     200   404      404   404
other_agent      200      404     404   200     200      200     200   404      404   404
supervisor       200      404     404   200     200      200     200   404      404   404
inactive_agent   403      403     403   403     403      403     403   403      403   403
""",
    "GET {tool}": """
                 agent-chat/conversations  agent-chat/mentions  agent-chat/tags  canned-replies  search
nobody           401                       401                  401              401             401
member           403                       403                  403              403             403
other_member     403                       403                  403              403             403
agent            200                       200                  200              200             200
other_agent      200                       200                  200              200             200
supervisor       200                       200                  200              200             200
inactive_agent   403                       403                  403              403             403
""",
    "GET agent-chat/user/{person}": """
                 member  other_member  agent  supervisor  zero  huge
nobody           401     401           401    401         401   401
member           200     404           404    404         404   404
other_member     404     200           404    404         404   404
agent            200     200           200    200         404   404
other_agent      200     200           200    200         404   404
supervisor       200     200           200    200         404   404
inactive_agent   404     404           404    404         404   404
""",
    "GET agent-chat/agent/{desk}": """
                 agent  other_agent  inactive_agent  zero  huge
nobody           401    401          401             401   401
member           403    403          403             403   403
other_member     403    403          403             403   403
agent            200    200          200             404   404
other_agent      200    200          200             404   404
supervisor       200    200          200             404   404
inactive_agent   403    403          403             403   403
""",
    "POST chats": """
                 member  other_member  agent  other_agent  supervisor  inactive_agent  gone  zero  huge  missing
nobody           401     401           401    401          401         401             401   401   401   401
member           404     404           404    404          404         404             404   422   422   404
other_member     404     404           404    404          404         404             404   422   422   404
agent            404     404           404    201          201         404             404   422   422   404
other_agent      404     404           201    404          201         404             404   422   422   404
supervisor       404     404           201    201          404         404             404   422   422   404
inactive_agent   404     404           404    404          404         404             404   422   422   404
""",
    "GET {place}": """
                 agent-chat/online-users  townships/departments  townships/1  townships/0  plans/all  widget
nobody           401                      401                    401          401          200        200
member           200                      200                    200          404          200        200
other_member     200                      200                    200          404          200        200
agent            200                      200                    200          404          200        200
other_agent      200                      200                    200          404          200        200
supervisor       200                      200                    200          404          200        200
inactive_agent   200                      200                    200          404          200        200
""",
}
COMMAND_FIELDS = {"add_note": {"text": "Nota"}, "tag_chat": {"tag": "Urgente"}, "untag_chat": {"tag": "Urgente"}}
CHAT_COLUMNS = (
    Chat.id,
    Chat.status,
    Chat.user,
    Chat.agent,
    Chat.peer,
    Chat.last_seq,
    Chat.last_line,
    Chat.closed_at,
    Chat.closed_by,
    Chat.user_read_seq,
    Chat.user_unread,
    Chat.other_read_seq,
    Chat.other_unread,
    Chat.topic,
    Chat.awaiting_since,
    Chat.is_front,
    Chat.wanted_agent,
    Chat.assigned_at,
    Chat.reply_due_at,
    Chat.bot_muted,
)


@dataclass
class Cast:
    """The users and the chats between them."""

    people: dict[str, Person]
    chats: dict[str, int]
    lines: dict[str, int]
    desks: dict[str, int]


@pytest.fixture
def server(io_loop, start):
    """Run a server where a message can be undone for as long as a busy machine needs, without jobs.

    One of them returns the chat of the inactive agent, which is about who may do what before that.
    """
    running = io_loop.run_sync(lambda: start(undo_s=600))
    for job in running._jobs:
        job.stop()
    return running


@pytest.fixture
def cast(server):
    ana, beto, dora, marta = member("Ana"), member("Beto"), member("Dora"), supervisor("Marta")
    yuliana, omar, ines = agent("Yuliana"), agent("Omar"), agent("Inés")
    for code, is_active in (("citas", True), ("cerrado", False)):
        Topic.create(code=code, name=code, is_active=is_active)
    chats = {
        "support": support_chat(ana, yuliana),
        "direct": direct_chat(ana, beto),
        "desk": direct_chat(yuliana, marta),
        "closed": support_chat(ana, yuliana, status=CLOSED, closed_at=datetime.now(UTC)),
        "waiting": support_chat(beto, None),
        "former": support_chat(dora, ines),
        "hers": support_chat(ines, omar),
    }
    Agent.update(status="INACTIVE").where(Agent.id == ines.agent_id).execute()
    lines = {name: _line(chat) for name, chat in chats.items()}
    people = {
        "member": ana,
        "other_member": beto,
        "agent": yuliana,
        "other_agent": omar,
        "supervisor": marta,
        "inactive_agent": ines,
        "free": member("Flor"),
        "gone": member("Gil", is_active=False),
    }
    ids = {name: chat.id for name, chat in chats.items()}
    desks = {name: people[name].agent_id for name in ("agent", "other_agent", "inactive_agent")}
    return Cast(people, {**ids, "missing": MISSING}, {**lines, "missing": lines["support"]}, desks)


@pytest.mark.parametrize("command", CHAT_COMMANDS)
@pytest.mark.gen_test
async def test_chat_command_is_for_participants(server, cast, command):
    expected = _table(CHAT_COMMANDS[command])
    received = await _send_all(server, cast, expected, command, lambda chat: _fields(cast, command, chat))
    assert received == expected


@pytest.mark.parametrize("command", QUEUE_COMMANDS)
@pytest.mark.gen_test
async def test_members_request_agents_and_staff_sets_its_availability(server, cast, command):
    expected = _table(QUEUE_COMMANDS[command])
    fields = {
        "request_agent": lambda thing: {"topic": TOPICS[thing]},
        "set_agent_away": lambda thing: {"agent_id": cast.desks.get(thing, MISSING)},
        "set_availability": lambda thing: {"availability": thing},
    }
    received = await _send_all(server, cast, expected, command, fields[command])
    assert received == expected


@pytest.mark.gen_test
async def test_command_about_a_mention_or_a_reply_is_for_the_staff_concerned(server, cast):
    note = Note.create(
        chat=cast.chats["support"], author=cast.people["agent"].id, text="a", after_seq=1, created_at=datetime.now(UTC)
    )
    for role in ("agent", "supervisor"):
        Mention.create(note=note.id, user=cast.people[role].id)
    reply = CannedReply.create(shortcut="a", title="a", text="a", updated_at=datetime.now(UTC))
    fields = {"mentioned": {"note_id": note.id}, "reply": {"reply_id": reply.id}}
    for command, table in THING_COMMANDS.items():
        expected, missing = _table(table), {("note_id" if command == "see_mentions" else "reply_id"): MISSING}
        received = await _send_all(
            server, cast, expected, command, lambda thing, missing=missing: fields.get(thing, missing)
        )
        assert received == expected


@pytest.mark.gen_test
async def test_only_staff_opens_chats_and_only_with_unassigned_members(server, cast):
    expected = _table(OPEN_COMMANDS)
    ids = {name: somebody.id for name, somebody in cast.people.items()} | {"missing": MISSING}
    received = await _send_all(server, cast, expected, "initiate_chat", lambda name: {"user_id": ids[name]})
    assert received == expected


@pytest.mark.gen_test
async def test_api_call_is_for_those_concerned(server, cast):
    people = {name: somebody.id for name, somebody in cast.people.items()}
    odd = {"zero": 0, "huge": 2**31, "missing": MISSING}
    ids = {"chat": cast.chats | odd, "person": people | odd, "desk": cast.desks | odd}
    for template, table in API_CALLS.items():
        expected, got = _table(table), {}
        for role, thing in expected:
            who = cast.people.get(role)
            path = template.split(" ")[1].format(
                place=thing, tool=thing, **{kind: known.get(thing) for kind, known in ids.items()}
            )
            body = {"user_id": ids["person"][thing]} if template.startswith("POST") else None
            before = _rows()
            answer = await call_api(server.port, path, who, body)
            got[role, thing] = str(answer.status)
            if answer.status < 300:
                assert answer.json["statusCode"] == answer.status
                Chat.delete().where(Chat.id.not_in([row[0] for row in before[0]])).execute()
            else:
                assert set(answer.json) == {"error", "code", "statusCode", "timestamp"}
                assert answer.json["statusCode"] == answer.status
                assert _rows() == before
        assert got == expected, template


@pytest.mark.gen_test
async def test_staff_sees_support_chats_of_a_user_but_not_direct_ones(server, cast):
    async def listed(role):
        answer = await call_api(server.port, f"agent-chat/user/{cast.people['member'].id}", cast.people[role])
        return {chat["id"] for chat in answer.data}

    support = {cast.chats["support"], cast.chats["closed"]}
    assert await listed("supervisor") == await listed("other_agent") == support
    assert await listed("member") == support | {cast.chats["direct"]}


async def _send_all(
    server: Any,
    cast: Cast,
    expected: Table,
    command: str,
    fields: Callable[[str], dict[str, Any]],
) -> Table:
    """Return the answer to each role for each thing; a refusal changes no row and keeps the connection open."""
    clients = {role: await connect_socket(server.port, cast.people[role]) for role, _ in expected}
    received, before = {}, _rows()
    # Refused commands first, since successful ones change the chats.
    for role, thing in sorted(expected, key=lambda cell: expected[cell] in DONE):
        answer = await clients[role].request(command, **fields(thing))
        received[role, thing] = answer.get("code", answer["event"]).removesuffix("_event")
        if received[role, thing] in DONE:
            _restore(before)
        else:
            assert _rows() == before, (role, thing)
            assert (await clients[role].request("ping"))["event"] == "pong"
    return received


def _fields(cast: Cast, command: str, chat: str) -> dict[str, Any]:
    chat_id = cast.chats[chat]
    if command in COMMAND_FIELDS:
        return {"chat_id": chat_id, **COMMAND_FIELDS[command]}
    if command == "resume":
        return {"chats": {str(chat_id): 0}}
    if command in ("message_read", "recall_message"):
        return {"chat_id": chat_id, "message_id": cast.lines[chat]}
    if command in ("transfer_chat", "assign_chat"):
        whom = {"topic": "citas"} if command == "transfer_chat" else {"agent_id": cast.desks["other_agent"]}
        return {"chat_id": chat_id, **whom, "note": "Ya la conoce"}
    if command == "rate_chat":
        return {"chat_id": chat_id, "score": 5}
    return {"chat_id": chat_id, "message": "Hola"} if "chat_message" in command else {"chat_id": chat_id}


def _line(chat: Chat) -> int:
    """Create a first message, of the user's side."""
    Chat.update(last_seq=1, last_line="Hola", other_unread=1).where(Chat.id == chat.id).execute()
    sent = {"chat": chat.id, "seq": 1, "message": "Hola", "sent_at": chat.created_at}
    return int(Message.create(sender_type="USER", sender_id=chat.user_id, **sent).id)


def _rows() -> tuple[list[Any], ...]:
    """Return the rows of chats (without delivery marks), messages, events, ratings and the audit log.

    That one of the staff has read something is written while others are under way already.
    """
    acts = AuditEntry.select().where(AuditEntry.what != "people.view")
    queries = (Chat.select(*CHAT_COLUMNS), Message.select(), ChatEvent.select(), Rating.select(), acts)
    return tuple(list(query.order_by(query.model.id).tuples()) for query in queries)


def _restore(before: tuple[list[Any], ...]) -> None:
    chats = before[0]
    # Nothing was written apart before the commands.
    AuditText.delete().execute()
    with audit_triggers_off():
        for table, rows in zip((Chat, Message, ChatEvent, Rating, AuditEntry), before, strict=True):
            table.delete().where(table.id.not_in([row[0] for row in rows])).execute()
    for row in chats:
        Chat.update(dict(zip(CHAT_COLUMNS[1:], row[1:], strict=True))).where(Chat.id == row[0]).execute()


def _table(text: str) -> Table:
    head, *rows = (line.split() for line in text.strip().splitlines())
    return {(role, thing): cell for role, *cells in rows for thing, cell in zip(head, cells, strict=True)}
