"""Chats against a simple model: in whatever order of commands, the counts are right."""

from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from beneficiate.actions import chats, messages
from beneficiate.errors import ChatIsClosed, ChatIsTaken, Conflict, Problem
from beneficiate.models.base import database
from beneficiate.models.chats import CLOSED, SUPPORT, Chat, Message
from beneficiate.protocol.commands import CloseChat, MarkRead, OpenChat, SendMessage
from beneficiate.queries.chats import MessagePageQuery, list_messages
from beneficiate.unit_of_work import BatchItem, UnitOfWork
from tests.factories import Person, agent, direct_chat, member, support_chat
from tests.unit_of_work import call


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


EXAMPLES = {"sqlite": 40, "postgresql": 8}
STEPS = 30


@dataclass
class Room:
    """The expected state of a chat."""

    sides: dict[str, Person | None]
    lines: list[tuple[str, str, int]] = field(default_factory=list)
    """Side, text, id."""
    sent: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """Side and client id: the text and the id of the message."""
    read: dict[str, int] = field(default_factory=lambda: {"user": 0, "other": 0})
    delivered: dict[str, int] = field(default_factory=lambda: {"user": 0, "other": 0})
    is_closed: bool = False

    def unread(self, side: str) -> int:
        return sum(writer not in (side, "system") for writer, _, _ in self.lines[self.read[side] :])


class Chats(RuleBasedStateMachine):
    """Members and agents who open, write, resend, read and close."""

    rooms = Bundle("rooms")
    sides = st.sampled_from(["user", "other"])
    positions = st.integers(0, 30)

    @initialize(target=rooms)
    def people(self):
        self.stack = ExitStack()
        self.unit = self.stack.enter_context(database.obj.atomic())
        self.members, self.agents = [member(), member()], [agent(), agent()]
        waiting, direct = support_chat(self.members[0], None), direct_chat(*self.members)
        self.model = {
            waiting.id: Room({"user": self.members[0], "other": None}),
            direct.id: Room(dict(zip(("user", "other"), self.members, strict=True))),
        }
        self.send_a_batch(direct.id, "other", ["a", "b", "a"])
        return multiple(*self.model)

    @rule(target=rooms, who=st.integers(0, 1), whom=st.integers(0, 1))
    def open(self, who, whom):
        member_, agent_ = self.members[whom], self.agents[who]
        held = [
            (chat_id, room)
            for chat_id, room in self.model.items()
            if room.sides["user"] is member_ and room.sides["other"] not in self.members and not room.is_closed
        ]
        result = self._do(chats.open_support_chat, OpenChat(user_id=member_.id), agent_)
        if held and held[0][1].sides["other"] not in (None, agent_):
            assert isinstance(result, ChatIsTaken)
            return multiple()
        if held:
            chat_id, room = held[0]
            assert result.id == chat_id
            if room.sides["other"] is None:
                room.sides["other"] = agent_
                last = Message.select().where(Message.chat == chat_id).order_by(Message.seq.desc()).first()
                assert (last.sender_type, last.message) == ("SYSTEM", f"Le responde {agent_.user.first_name}.")
                room.lines.append(("system", last.message, last.id))
            return multiple()
        assert result.id not in self.model
        self.model[result.id] = Room({"user": member_, "other": agent_})
        return result.id

    @rule(chat=rooms, side=sides, text=st.sampled_from(["a", "b"]), client_id=st.sampled_from([None, "c1", "c2"]))
    def send(self, chat, side, text, client_id):
        room = self.model[chat]
        if room.sides[side] is None:
            return
        result = self._do(
            messages.send_messages, SendMessage(chat_id=chat, message=text, client_id=client_id), room.sides[side]
        )
        known = room.sent.get((side, client_id))
        if known is not None:
            assert (isinstance(result, Conflict)) if known[0] != text else (result.id == known[1])
        elif room.is_closed:
            assert isinstance(result, ChatIsClosed)
        else:
            room.lines.append((side, text, result.id))
            assert (result.seq, result.message) == (len(room.lines), text)
            if client_id is not None:
                room.sent[side, client_id] = (text, result.id)

    @rule(chat=rooms, side=sides, texts=st.lists(st.sampled_from(["a", " ", "b"]), min_size=2, max_size=4))
    def send_a_batch(self, chat, side, texts):
        room = self.model[chat]
        if room.sides[side] is None or room.is_closed:
            return
        actor = room.sides[side].actor
        uow = UnitOfWork(actor, Chat.get_by_id(chat).updated_at)
        results = messages.send_messages.function(
            uow, [BatchItem(actor, SendMessage(chat_id=chat, message=text)) for text in texts]
        )
        for text, result in zip(texts, results, strict=True):
            assert isinstance(result, Problem) == (text == " ")
            if text != " ":
                room.lines.append((side, text, result.id))
        assert [outgoing_event.event.message.id for outgoing_event in uow.outgoing] == [
            result.id for result in results if not isinstance(result, Problem)
        ]

    @rule(chat=rooms, side=sides, position=positions)
    def read(self, chat, side, position):
        room = self.model[chat]
        if room.sides[side] is None or not room.lines:
            return
        position %= len(room.lines)
        mark = MarkRead(chat_id=chat, message_id=room.lines[position][2])
        assert self._do(messages.mark_read, mark, room.sides[side]) is None
        room.read[side] = max(room.read[side], position + 1)
        room.delivered[side] = max(room.delivered[side], room.read[side])

    @rule(chat=rooms, side=sides, position=positions)
    def deliver(self, chat, side, position):
        room = self.model[chat]
        if room.sides[side] is None or not room.lines:
            return
        position %= len(room.lines)
        mark = messages.MarkDelivered(chat, position + 1, room.lines[position][2])
        assert self._do(messages.mark_delivered, mark, room.sides[side]) is None
        room.delivered[side] = max(room.delivered[side], position + 1)

    @rule(chat=rooms, side=sides)
    def close(self, chat, side):
        room = self.model[chat]
        if room.sides[side] is None:
            return
        result = self._do(chats.close_chat, CloseChat(chat_id=chat), room.sides[side])
        if room.is_closed:
            assert isinstance(result, ChatIsClosed)
            return
        last = Message.select().where(Message.chat == chat).order_by(Message.seq.desc()).first()
        room.lines.append(("system", last.message, last.id))
        room.is_closed = True

    @invariant()
    def every_chat_is_as_the_model_says(self):
        for chat_id, room in getattr(self, "model", {}).items():
            chat = Chat.get_by_id(chat_id)
            stored = list(Message.select().where(Message.chat == chat_id).order_by(Message.seq))
            assert [line.seq for line in stored] == list(range(1, len(room.lines) + 1))
            assert [(line.message, line.id) for line in stored] == [(text, id_) for _, text, id_ in room.lines]
            assert (chat.last_seq, chat.status == CLOSED) == (len(room.lines), room.is_closed)
            assert chat.last_line == next((text for who, text, _ in reversed(room.lines) if who != "system"), "")
            for side in ("user", "other"):
                counts = [getattr(chat, f"{side}_{name}") for name in ("read_seq", "delivered_seq", "unread")]
                assert counts == [room.read[side], room.delivered[side], room.unread(side)]
                assert counts[0] <= counts[1] <= chat.last_seq

    @invariant()
    def what_is_shown_has_the_right_state(self):
        for chat_id, room in getattr(self, "model", {}).items():
            shown = list_messages(UnitOfWork(room.sides["user"].actor, None), MessagePageQuery(chat_id, limit=100))
            for line, (side, _, _) in zip(shown, room.lines, strict=True):
                reader = "other" if side == "user" else "user"
                state = "READ" if line.seq <= room.read[reader] else "SENT"
                if state == "SENT" and line.seq <= room.delivered[reader]:
                    state = "DELIVERED"
                assert line.status == state

    @invariant()
    def a_member_has_one_open_support_chat(self):
        for somebody in getattr(self, "members", ()):
            open_ = Chat.select().where(Chat.user == somebody.id, Chat.kind == SUPPORT, Chat.status != CLOSED)
            assert open_.count() <= 1

    def teardown(self):
        if hasattr(self, "unit"):
            self.unit.rollback()
            self.stack.close()

    def _do(self, action, command, who):
        """Run one action in a unit of work of its own and return its result or its problem."""
        now = max(chat.updated_at for chat in Chat.select(Chat.updated_at).where(Chat.id.in_(list(self.model))))
        uow = UnitOfWork(who.actor, now)
        try:
            with database.obj.atomic():
                return call(action, uow, command)
        except Problem as problem:
            return problem


def test_chats_keep_their_invariants(db, backend):
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Chats,
        settings=settings(
            max_examples=EXAMPLES[backend], stateful_step_count=STEPS, deadline=None, suppress_health_check=slow
        ),
    )
