"""The board in whatever order of commands: its numbers are those of a count of our own, and stay what they were.

The steps are those of the queue's test. This one keeps its own record of what was opened, answered, closed and rated;
the board, the lists behind its figures and the tables must agree with it after every step.
"""

import statistics
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from beneficiate.actions import chats, messages, queue
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.measures import bucket_of, upper_bound
from beneficiate.errors import Problem
from beneficiate.models.chats import ACTIVE, CLOSED, WAITING, Chat
from beneficiate.protocol.queue import RateChat
from beneficiate.queries.board import BOARD_CODES, FactListQuery, load_board, load_fact_list
from beneficiate.queries.fact_lists import list_facts
from beneficiate.queries.metrics import compute_figures, select_day
from beneficiate.unit_of_work import UnitOfWork
from tests.test_queue_stateful import Queue


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


EXAMPLES = {"sqlite": 5, "postgresql": 2}
STEPS = 25
LISTED_PER_STEP = 4
REMEMBERED = 3


class BoardMachine(Queue):
    """The queue with ratings, watched by a supervisor."""

    def _record(self):
        """Return what was counted so far."""
        return self.__dict__.setdefault(
            "record", {"first": [], "next": [], "closed": Counter(), "scores": [], "answered": set(), "figures": []}
        )

    @rule(which=Queue.picks, score=st.integers(1, 5))
    def rate(self, which, score):
        if chat := self._pick(which, Chat.status == CLOSED):
            self._do(queue.rate_chat, RateChat(chat_id=chat, score=score), self._member_of(chat))

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def board_is_what_was_counted(self):
        record, figures = self._record(), self._board().figures
        value = {code: figures[code].figure.value for code in BOARD_CODES}
        first = sorted(record["first"])
        assert figures["first_response"].count == len(first)
        if first:
            assert value["first_response"] == pytest.approx(statistics.fmean(first))
            assert value["first_response_max"] == first[-1]
            median = upper_bound(bucket_of(first[(len(first) - 1) // 2]))
            assert value["first_response_median"] == min(median, first[-1])
        assert (value["missed"], value["resolved"]) == (record["closed"]["missed"], record["closed"]["answered"])
        assert figures["ratings"].count == len(record["scores"])
        if record["scores"]:
            assert value["satisfaction"] == pytest.approx(statistics.fmean(record["scores"]))

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def board_is_what_the_tables_say(self):
        board = self._board()
        waiting, active = self._ids(Chat.status == WAITING), self._ids(Chat.status == ACTIVE)
        assert board.figures["waiting"].count == len(waiting) == sum(one.shown.count for one in board.by_topic)
        assert sorted(row.chat_id for row in board.waiting) == waiting
        assert board.figures["active"].count == len(active)
        assert sorted(chat.chat_id for agent in board.agents for chat in agent.chats) == active
        assert {agent.agent_id: len(agent.chats) for agent in board.agents} == {
            agent.agent_id: agent.load for agent in board.agents
        }
        longest = max((self.now - self.since[chat] for chat in waiting), default=None)
        if longest is not None:
            # Each step of a wait is in whole seconds.
            assert board.figures["longest_wait"].figure.value == pytest.approx(longest.total_seconds(), abs=2)
            assert board.figures["longest_wait"].figure.value == (board.at - board.longest.since).total_seconds()
        assert board.figures["opened"].count == Chat.select().count()

    @precondition(lambda self: hasattr(self, "agents"))
    @invariant()
    def number_is_its_list_and_stays_what_it_was(self):
        remembered, uow = self._record()["figures"], UnitOfWork(self.marta.actor, self.now)
        board = self._board()
        turn = len(remembered) * LISTED_PER_STEP
        for code in (BOARD_CODES * 2)[turn % len(BOARD_CODES) :][:LISTED_PER_STEP]:
            page = load_fact_list(uow, FactListQuery(code, self.now))
            assert page.shown.figure == METRICS[code].compute(row.tally for row in page.rows)
            assert page.shown.figure == board.figures[code].figure
        remembered.append((self.now, compute_figures(select_day(self.now), BOARD_CODES)))
        for at, figures in (*remembered[:REMEMBERED], *remembered[-REMEMBERED:]):
            assert compute_figures(select_day(at), BOARD_CODES) == figures
        at, figures = remembered[0]
        assert len(list_facts(METRICS["waiting"], select_day(at))) == figures["waiting"].count

    def _board(self):
        return load_board(UnitOfWork(self.marta.actor, self.now))

    def _do(self, action, command, who=None):
        """Run one action as the queue's test does, and count what it was if it was carried out."""
        chat_id = getattr(command, "chat_id", None)
        since = self.since.get(chat_id)
        result = super()._do(action, command, who)
        if isinstance(result, Problem):
            return result
        record = self._record()
        if action is messages.send_messages and who.actor.agent_id is not None and since is not None:
            wait = round((self.now - since).total_seconds())
            record["next" if chat_id in record["answered"] else "first"].append(wait)
            record["answered"].add(chat_id)
        elif action is chats.close_chat:
            # A chat in which nobody waited and nobody replied ends as neither.
            is_answered = chat_id in record["answered"]
            record["closed"]["answered" if is_answered else "missed" if since is not None else "neither"] += 1
        elif action is queue.reopen_chat:
            record["answered"].discard(chat_id)
        elif action is queue.rate_chat:
            record["scores"].append(command.score)
        return result


def test_board_is_a_fresh_count_after_every_step(db, backend):
    run_state_machine_as_test(
        BoardMachine,
        settings=settings(
            max_examples=EXAMPLES[backend],
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
