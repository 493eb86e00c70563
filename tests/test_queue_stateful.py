"""The queue in whatever order of commands: who waits longest comes first, and nobody waits beside a free agent.

The test keeps its own record of since when each member waits; the database must agree after every step.
"""

from contextlib import ExitStack
from datetime import timedelta

import pytest
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

from beneficiate.actions import assignment, chats, messages, queue, unanswered
from beneficiate.actions.availability import change_availability, set_agent_away
from beneficiate.domain.booking.rules import BusinessRules
from beneficiate.errors import Problem
from beneficiate.models.accounts import AVAILABLE, AWAY, OFFLINE, Agent, User
from beneficiate.models.base import database
from beneficiate.models.call_centre import Skill
from beneficiate.models.chats import (
    ACTIVE,
    CLOSED,
    REOPENED,
    RETURNED,
    SUPPORT,
    TRANSFERRED,
    WAITING,
    Chat,
    ChatEvent,
    Message,
)
from beneficiate.protocol.commands import CloseChat, OpenChat, SendMessage
from beneficiate.protocol.events import ChatInitiated, QueueLengthChanged
from beneficiate.protocol.queue import (
    AssignChat,
    ChatUnassigned,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    SetAgentAway,
    SetAvailability,
    TakeChat,
    TransferChat,
)
from beneficiate.queries.assignment import count_chats_by_agent, list_queue_positions
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW, available_agent, create_topic, set_online
from tests.factories import member, supervisor
from tests.queue_invariants import (
    check_chats_are_with_one_or_wait,
    check_members_have_one_open_chat,
    check_nobody_waits_beside_a_free_agent,
    check_nobody_waits_for_an_absent_agent,
    check_positions_have_no_gap,
    count_unanswered_chats,
)
from tests.unit_of_work import call


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


EXAMPLES = {"sqlite": 16, "postgresql": 6}
STEPS = 40
GIVEN_BY_HAND = (assignment.PICKED, assignment.GIVEN)
TO_THE_FRONT = (RETURNED, TRANSFERRED, assignment.NO_REPLY, assignment.AGENT_LOST)
TO_THE_BACK = (assignment.QUEUED, REOPENED, assignment.AGENT_ABSENT)
UNANSWERED_CHATS = BusinessRules().unanswered_chats


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
        self.since = {}  # chat id -> since when its member waits for an answer
        self.in_front = set()  # ids of the chats that an agent gave back while the member waited
        topics = self.topics = [create_topic("citas"), create_topic("pagos")]
        self.agents = [
            available_agent("Yuliana", capacity=4, topics=topics),
            available_agent("Omar", capacity=1, topics=topics[:1], is_online=False),
            available_agent("Inés", capacity=1),
        ]
        self.members = [member() for _ in range(6)]
        self.marta = supervisor()
        self.join_together([None, "citas", "pagos", None])

    @rule(who=members_, about=st.sampled_from([None, "citas", "pagos"]))
    def join(self, who, about):
        chat = self._do(queue.join_queue, RequestAgent(topic=about), self.members[who])
        self.since.setdefault(chat.id, self.now)
        self._run_jobs()

    @rule(about=st.lists(st.sampled_from([None, None, "citas", "pagos", "nada"]), min_size=6, max_size=6))
    def join_together(self, about):
        items = [BatchItem(who.actor, RequestAgent(topic=one)) for who, one in zip(self.members, about, strict=False)]
        uow = UnitOfWork(SYSTEM, self._tick())
        before = ChatEvent.select().count()
        results = queue.join_queue.function(uow, items)
        assert [isinstance(one, Problem) for one in results] == [one == "nada" for one in about]
        for chat in results:
            if not isinstance(chat, Problem):
                self.since.setdefault(chat.id, self.now)
        self._check(uow, before)
        # Whoever asks while their agent is absent is queued by a job.
        self._run_jobs()

    @rule(who=agents_, availability=st.sampled_from([AVAILABLE, AVAILABLE, AWAY, OFFLINE]))
    def set_availability(self, who, availability):
        self._do(change_availability, SetAvailability(availability=availability), self.agents[who])

    @rule(who=agents_)
    def come(self, who):
        User.update(online_status=True).where(User.id == self.agents[who].id).execute()
        self._do(unanswered.on_agents_online, {self.agents[who].id})

    @rule(who=agents_)
    def set_away(self, who):
        """A supervisor sends an agent to a pause; they go back themselves."""
        agent = self.agents[who]
        self._do(set_agent_away, SetAgentAway(agent_id=agent.agent_id), self.marta)
        assert Agent.get_by_id(agent.agent_id).availability != AVAILABLE
        self._do(change_availability, SetAvailability(availability=AVAILABLE), agent)

    @rule(who=agents_)
    def receive(self, who):
        """What was sent to an agent has been written to their connection."""
        agent = self.agents[who]
        if self._is_online(agent):
            self._do(unanswered.start_reply_clocks, None, agent)
            assert not self._ids(Chat.agent == agent.agent_id, Chat.needs_first_reply, Chat.reply_due_at.is_null())

    @rule(who=agents_)
    def leave(self, who):
        agent = self.agents[who]
        had = self._ids(Chat.agent == agent.agent_id, Chat.status == ACTIVE)
        quiet = {chat: Chat.get_by_id(chat).last_seq for chat in had if chat not in self.since}
        set_online(agent, is_online=False)
        self._do(unanswered.on_agents_offline, {agent.id})
        # Where nobody waits the chat stays, and no member is told.
        assert self._ids(Chat.agent == agent.agent_id, Chat.status == ACTIVE) == sorted(quiet)
        assert quiet == {chat: Chat.get_by_id(chat).last_seq for chat in quiet}

    @rule(who=agents_, which=picks)
    def take(self, who, which):
        chat = self._pick(which, Chat.status == WAITING)
        if chat and self._is_online(self.agents[who]):
            assert (
                self._do(queue.take_chat, TakeChat(chat_id=chat), self.agents[who]).agent_id
                == self.agents[who].agent_id
            )

    @rule(who=agents_, whom=members_)
    def open(self, who, whom):
        if self._is_online(self.agents[who]):
            self._do(chats.open_support_chat, OpenChat(user_id=self.members[whom].id), self.agents[who])

    @rule(which=picks, by_agent=st.booleans())
    def close(self, which, by_agent):
        if chat := self._pick(which, Chat.status != CLOSED):
            who = self._agent_of(chat) if by_agent else None
            assert self._do(chats.close_chat, CloseChat(chat_id=chat), who or self._member_of(chat)) is None
            self.since.pop(chat, None)

    @rule(which=picks, by_agent=st.booleans())
    def reopen(self, which, by_agent):
        if chat := self._pick(which, Chat.status == CLOSED):
            agent = self._agent_of(chat) if by_agent else None
            result = self._do(queue.reopen_chat, ReopenChat(chat_id=chat), agent or self._member_of(chat))
            if agent is None and not isinstance(result, Problem):
                self.since[chat] = self.now

    @rule(which=picks, whom=agents_, about=st.sampled_from([None, "citas", "pagos"]))
    def transfer(self, which, whom, about):
        chat = self._pick(which, Chat.status == ACTIVE)
        if chat and self._agent_of(chat):
            target = {"topic": about} if about else {"agent_id": self.agents[whom].agent_id}
            command = TransferChat(chat_id=chat, if_absent="queue", **target)
            if self._do(queue.transfer_chat, command, self._agent_of(chat)) is None:
                self.since.setdefault(chat, self.now)

    @rule(which=picks)
    def return_(self, which):
        chat = self._pick(which, Chat.status == ACTIVE)
        if chat and self._agent_of(chat):
            assert self._do(queue.return_chat, ReturnChat(chat_id=chat), self._agent_of(chat)) is None
            self.since.setdefault(chat, self.now)

    @rule(which=picks, whom=agents_)
    def give(self, which, whom):
        if chat := self._pick(which, Chat.status != CLOSED):
            before, agent = Chat.get_by_id(chat).agent_id, self.agents[whom]
            command = AssignChat(chat_id=chat, agent_id=agent.agent_id, if_absent="queue")
            assert self._do(queue.assign_chat, command, self.marta) is None
            if before not in (None, agent.agent_id):
                self.since.setdefault(chat, self.now)
            if self._is_online(agent):
                assert Chat.get_by_id(chat).agent_id == agent.agent_id

    @rule(which=picks, by_agent=st.booleans())
    def say(self, which, by_agent):
        if chat := self._pick(which, Chat.status == ACTIVE):
            agent = self._agent_of(chat) if by_agent else None
            self._do(messages.send_messages, SendMessage(chat_id=chat, message="Hola"), agent or self._member_of(chat))
            if agent:
                self.since.pop(chat, None)
                row = Chat.get_by_id(chat)
                assert (row.needs_first_reply, row.reply_due_at) == (False, None)
            else:
                self.since.setdefault(chat, self.now)
            self._run_jobs()

    @rule(seconds=st.sampled_from([1, 20, 61]))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)
        due = self._ids(Chat.status == ACTIVE, Chat.reply_due_at <= self.now)
        assert self._do(unanswered.return_unanswered_chats, None) == len(due)
        assert not self._ids(Chat.reply_due_at <= self.now)
        self._run_jobs()

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
        check_nobody_waits_beside_a_free_agent(UNANSWERED_CHATS)

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def a_chat_is_with_one_or_waits(self):
        check_chats_are_with_one_or_wait()

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def clock_of_who_waits_never_starts_again(self):
        rows = {chat.id: chat.awaiting_since for chat in Chat.select() if chat.awaiting_since is not None}
        assert rows == self.since
        assert self.since.keys() >= set(self._ids(Chat.status == WAITING))

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def nobody_waits_for_an_agent_who_is_not_there(self):
        check_nobody_waits_for_an_absent_agent()

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def a_member_has_one_open_chat(self):
        check_members_have_one_open_chat()

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def positions_have_no_gap(self):
        check_positions_have_no_gap(self.now)
        found = list_queue_positions(UnitOfWork(SYSTEM, self.now))
        keys = [(one.chat_id not in self.in_front, self.since[one.chat_id], one.chat_id) for one in found]
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
        for event in new:
            if event.kind in TO_THE_FRONT:
                self.in_front.add(event.chat_id)
            elif event.kind in TO_THE_BACK:
                self.in_front.discard(event.chat_id)
        load = count_chats_by_agent([one.agent_id for one in self.agents])
        for event in new:
            if event.kind == assignment.ASSIGNED and not any(
                other.kind in GIVEN_BY_HAND and other.agent_id == event.agent_id for other in new
            ):
                assert load[event.agent_id] <= Agent.get_by_id(event.agent_id).capacity
                assert count_unanswered_chats(event.agent_id) <= UNANSWERED_CHATS
        outgoing = [one.event for one in uow.outgoing]
        opened = [(one.chat.id, one.chat.agent_id) for one in outgoing if isinstance(one, ChatInitiated)]
        handed = (assignment.ASSIGNED, *GIVEN_BY_HAND)
        assert set(opened) >= {(one.chat_id, one.agent_id) for one in new if one.kind in handed}
        left = [one.chat_id for one in outgoing if isinstance(one, ChatUnassigned)]
        back = (*TO_THE_FRONT, assignment.AGENT_ABSENT)
        assert sorted(left) == sorted(one.chat_id for one in new if one.kind in back)
        emitted = [one.waiting for one in outgoing if isinstance(one, QueueLengthChanged)]
        assert not emitted or emitted[-1] == len(self._ids(Chat.status == WAITING))

    def _run_jobs(self):
        """Run what a job runs every second."""
        self._do(unanswered.return_chats_of_absent_agents, None)
        self._do(assignment.assign_next_chats, None)

    def _ids(self, *where):
        return [id_ for (id_,) in Chat.select(Chat.id).where(Chat.kind == SUPPORT, *where).order_by(Chat.id).tuples()]

    def _pick(self, which, *where):
        found = self._ids(*where)
        return found[which % len(found)] if found else None

    def _is_online(self, who):
        return User.get_by_id(who.id).online_status

    def _agent_of(self, chat):
        """Return the agent of a chat, who is online and can act; or None."""
        agent_id = Chat.get_by_id(chat).agent_id
        return next((one for one in self.agents if one.agent_id == agent_id and self._is_online(one)), None)

    def _member_of(self, chat):
        user_id = Chat.get_by_id(chat).user_id
        return next(one for one in self.members if one.id == user_id)


def test_queue_keeps_its_invariants(db, backend):
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=EXAMPLES[backend], stateful_step_count=STEPS, deadline=None, suppress_health_check=slow
        ),
    )
