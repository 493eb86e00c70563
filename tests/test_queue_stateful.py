"""The queue in whatever order of commands: no chat waits while an agent who may take it has capacity."""

from contextlib import ExitStack
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from beneficiate.actions import assignment, chats, messages, queue
from beneficiate.errors import Problem
from beneficiate.models.accounts import AVAILABLE, AWAY, OFFLINE, Agent, User
from beneficiate.models.base import database
from beneficiate.models.call_centre import Skill
from beneficiate.models.chats import ACTIVE, CLOSED, RETURNED, SUPPORT, TRANSFERRED, WAITING, Chat, ChatEvent, Message
from beneficiate.protocol.commands import CloseChat, OpenChat, SendMessage
from beneficiate.protocol.events import ChatInitiated, QueueLengthChanged
from beneficiate.protocol.queue import (
    AssignChat,
    ChatUnassigned,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    SetAvailability,
    TakeChat,
    TransferChat,
)
from beneficiate.queries.assignment import count_chats_by_agent, list_queue_positions
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.actions.conftest import db  # noqa: F401
from tests.actions.queue_steps import OPEN_HOURS_NOW, available_agent, create_topic
from tests.factories import member, supervisor
from tests.unit_of_work import call

EXAMPLES = {"sqlite": 40, "postgresql": 8}
STEPS = 40
GIVEN_BY_HAND = (assignment.PICKED, assignment.GIVEN)


def reconcile(uow):
    """Run what follows each change of an agent."""
    assignment.lock_queue()
    assignment.assign_waiting_chats(uow)


class Queue(RuleBasedStateMachine):
    """Three agents with different skills, six members, a supervisor and a clock."""

    agents_ = st.integers(0, 2)
    members_ = st.integers(0, 5)
    picks = st.integers(0, 20)

    @initialize()
    def people(self):
        self.stack = ExitStack()
        self.unit = self.stack.enter_context(database.obj.atomic())
        self.now = OPEN_HOURS_NOW
        topics = self.topics = [create_topic("citas"), create_topic("pagos")]
        self.agents = [
            available_agent("Yuliana", capacity=1, topics=topics),
            available_agent("Omar", capacity=1, topics=topics[:1], is_online=False),
            available_agent("Inés", capacity=1),
        ]
        self.members = [member() for _ in range(6)]
        self.marta = supervisor()
        self.join_together([None, "citas", "pagos", None])

    @rule(who=members_, about=st.sampled_from([None, "citas", "pagos"]))
    def join(self, who, about):
        self._do(queue.join_queue, RequestAgent(topic=about), self.members[who])

    @rule(about=st.lists(st.sampled_from([None, None, "citas", "pagos", "nada"]), min_size=6, max_size=6))
    def join_together(self, about):
        items = [BatchItem(who.actor, RequestAgent(topic=one)) for who, one in zip(self.members, about, strict=False)]
        uow = UnitOfWork(SYSTEM, self._tick())
        results = queue.join_queue.function(uow, items)
        assert [isinstance(one, Problem) for one in results] == [one == "nada" for one in about]

    @rule(who=agents_, availability=st.sampled_from([AVAILABLE, AVAILABLE, AWAY, OFFLINE]))
    def set_availability(self, who, availability):
        self._do(queue.change_availability, SetAvailability(availability=availability), self.agents[who])

    @rule(who=agents_)
    def come(self, who):
        User.update(online_status=True).where(User.id == self.agents[who].id).execute()
        self._do(assignment.on_agents_online, {self.agents[who].id})

    @rule(who=agents_)
    def leave(self, who):
        agent = self.agents[who]
        was_here = set(self._ids(Chat.agent == agent.agent_id, Chat.status == ACTIVE, Chat.agent_was_here))
        User.update(online_status=False).where(User.id == agent.id).execute()
        self._do(assignment.on_agents_offline, {agent.id})
        assert not was_here & set(self._ids(Chat.agent == agent.agent_id))

    @rule(who=agents_, which=picks)
    def take(self, who, which):
        if chat := self._pick(which, Chat.status == WAITING):
            assert (
                self._do(queue.take_chat, TakeChat(chat_id=chat), self.agents[who]).agent_id
                == self.agents[who].agent_id
            )

    @rule(who=agents_, whom=members_)
    def open(self, who, whom):
        self._do(chats.open_support_chat, OpenChat(user_id=self.members[whom].id), self.agents[who])

    @rule(which=picks, by_agent=st.booleans())
    def close(self, which, by_agent):
        if chat := self._pick(which, Chat.status != CLOSED):
            who = self._agent_of(chat) if by_agent else None
            assert self._do(chats.close_chat, CloseChat(chat_id=chat), who or self._member_of(chat)) is None

    @rule(which=picks, by_agent=st.booleans())
    def reopen(self, which, by_agent):
        if chat := self._pick(which, Chat.status == CLOSED):
            who = (self._agent_of(chat) if by_agent else None) or self._member_of(chat)
            self._do(queue.reopen_chat, ReopenChat(chat_id=chat), who)

    @rule(which=picks, whom=agents_, about=st.sampled_from([None, "citas", "pagos"]))
    def transfer(self, which, whom, about):
        if chat := self._pick(which, Chat.status == ACTIVE):
            target = {"topic": about} if about else {"agent_id": self.agents[whom].agent_id}
            self._do(queue.transfer_chat, TransferChat(chat_id=chat, **target), self._agent_of(chat))

    @rule(which=picks)
    def return_(self, which):
        if chat := self._pick(which, Chat.status == ACTIVE):
            assert self._do(queue.return_chat, ReturnChat(chat_id=chat), self._agent_of(chat)) is None

    @rule(which=picks, whom=agents_)
    def give(self, which, whom):
        if chat := self._pick(which, Chat.status != CLOSED):
            command = AssignChat(chat_id=chat, agent_id=self.agents[whom].agent_id)
            assert self._do(queue.assign_chat, command, self.marta) is None
            assert Chat.get_by_id(chat).agent_id == self.agents[whom].agent_id

    @rule(which=picks, by_agent=st.booleans())
    def say(self, which, by_agent):
        if chat := self._pick(which, Chat.status == ACTIVE):
            who = self._agent_of(chat) if by_agent else self._member_of(chat)
            self._do(messages.send_messages, SendMessage(chat_id=chat, message="Hola"), who)
            assert not by_agent or Chat.get_by_id(chat).reply_due_at is None

    @rule(seconds=st.sampled_from([1, 20, 61]))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)
        due = self._ids(Chat.status == ACTIVE, Chat.reply_due_at <= self.now)
        assert self._do(assignment.return_unanswered_chats, None) == len(due)
        assert not self._ids(Chat.reply_due_at <= self.now)

    @rule(who=agents_, capacity=st.integers(0, 2))
    def change_capacity(self, who, capacity):
        Agent.update(capacity=capacity).where(Agent.id == self.agents[who].agent_id).execute()
        self._do(reconcile, None)

    @rule(who=agents_, code=st.integers(0, 1))
    def learn(self, who, code):
        row = {"agent": self.agents[who].agent_id, "topic": self.topics[code]}
        if Skill.insert(row).on_conflict_ignore().as_rowcount().execute():
            self._do(reconcile, None)

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def no_chat_waits_while_an_agent_could_take_it(self):
        waiting = list(Chat.select().where(Chat.kind == SUPPORT, Chat.status == WAITING))
        load = count_chats_by_agent([one.agent_id for one in self.agents])
        for row in Agent.select().where(Agent.availability == AVAILABLE):
            if load.get(row.id, 0) < row.capacity and row.user.online_status:
                known = {one.topic_id for one in Skill.select().where(Skill.agent == row.id)}
                assert not [chat.id for chat in waiting if chat.topic_id is None or chat.topic_id in known]

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def a_chat_is_with_one_or_waits(self):
        for chat in Chat.select():
            if chat.status == WAITING:
                assert (chat.agent_id, chat.assigned_at, chat.reply_due_at) == (None, None, None)
                assert chat.queued_at is not None
            elif chat.status == ACTIVE:
                assert chat.agent_id is not None
                assert chat.assigned_at is not None
                assert not chat.is_front
            else:
                assert chat.reply_due_at is None
            assert chat.wanted_agent_id is None

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def a_member_has_one_open_chat(self):
        for who in self.members:
            assert Chat.select().where(Chat.user == who.id, Chat.status != CLOSED).count() <= 1

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def positions_have_no_gap(self):
        found = list_queue_positions(UnitOfWork(SYSTEM, self.now))
        assert [one.position for one in found] == list(range(1, len(found) + 1))
        rows = [Chat.get_by_id(one.chat_id) for one in found]
        assert {row.id for row in rows} == set(self._ids(Chat.status == WAITING))
        keys = [(not row.is_front, row.queued_at, row.id) for row in rows]
        assert keys == sorted(keys)

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def messages_have_no_gap(self):
        for chat in Chat.select():
            seqs = [line.seq for line in Message.select().where(Message.chat == chat.id).order_by(Message.seq)]
            assert seqs == list(range(1, chat.last_seq + 1))

    def teardown(self):
        if hasattr(self, "unit"):
            self.unit.rollback()
            self.stack.close()

    def _tick(self):
        """Return a moment of its own for each unit of work, so that their order is known."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def _do(self, action, command, who=None):
        """Run one action in a unit of its own; return its result or problem, and check what it assigned by itself."""
        uow = UnitOfWork(who.actor if who else SYSTEM, self._tick())
        before = ChatEvent.select().count()
        try:
            with database.obj.atomic():
                return call(action, uow, command)
        except Problem as problem:
            uow.outgoing.clear()
            return problem
        finally:
            self._check(uow, before)

    def _check(self, uow, before):
        """Check that assignments respect the capacity, and that everybody concerned was notified."""
        new = list(ChatEvent.select().order_by(ChatEvent.id).offset(before))
        load = count_chats_by_agent([one.agent_id for one in self.agents])
        for event in new:
            if event.kind == assignment.ASSIGNED and not any(
                other.kind in GIVEN_BY_HAND and other.agent_id == event.agent_id for other in new
            ):
                assert load[event.agent_id] <= Agent.get_by_id(event.agent_id).capacity
        outgoing = [one.event for one in uow.outgoing]
        opened = [(one.chat.id, one.chat.agent_id) for one in outgoing if isinstance(one, ChatInitiated)]
        handed = (assignment.ASSIGNED, *GIVEN_BY_HAND)
        assert set(opened) >= {(one.chat_id, one.agent_id) for one in new if one.kind in handed}
        left = [one.chat_id for one in outgoing if isinstance(one, ChatUnassigned)]
        back = (RETURNED, TRANSFERRED, assignment.NO_REPLY, assignment.AGENT_LOST)
        assert sorted(left) == sorted(one.chat_id for one in new if one.kind in back)
        emitted = [one.waiting for one in outgoing if isinstance(one, QueueLengthChanged)]
        assert not emitted or emitted[-1] == len(self._ids(Chat.status == WAITING))

    def _ids(self, *where):
        return [id_ for (id_,) in Chat.select(Chat.id).where(Chat.kind == SUPPORT, *where).order_by(Chat.id).tuples()]

    def _pick(self, which, *where):
        found = self._ids(*where)
        return found[which % len(found)] if found else None

    def _agent_of(self, chat):
        agent_id = Chat.get_by_id(chat).agent_id
        return next((one for one in self.agents if one.agent_id == agent_id), None)

    def _member_of(self, chat):
        user_id = Chat.get_by_id(chat).user_id
        return next(one for one in self.members if one.id == user_id)


def test_queue_keeps_its_invariants(db, backend):  # noqa: F811
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=EXAMPLES[backend], stateful_step_count=STEPS, deadline=None, suppress_health_check=slow
        ),
    )
