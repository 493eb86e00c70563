"""The matching rule: no chat waits in vain, no agent gets too much, and the first in the queue comes first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.assignment.matching import Candidate, WaitingChat, choose_agent, match_waiting_chats

NOW = datetime(2026, 8, 26, 15, 0, tzinfo=UTC)
CITAS, PAGOS = 1, 2
TOPICS = st.sampled_from([CITAS, PAGOS, 3])


def candidate(agent_id=1, load=0, capacity=5, topics=(), idle_s=0, free_replies=9):
    return Candidate(agent_id, load, capacity, frozenset(topics), NOW - timedelta(seconds=idle_s), free_replies)


@st.composite
def desks(draw):
    ids = draw(st.lists(st.integers(1, 12), max_size=8, unique=True))
    return [
        candidate(
            agent_id,
            load=draw(st.integers(0, 6)),
            capacity=draw(st.integers(0, 5)),
            topics=draw(st.sets(TOPICS)),
            idle_s=draw(st.integers(0, 3)),
            free_replies=draw(st.integers(-1, 3)),
        )
        for agent_id in ids
    ]


waiting_chats = st.builds(
    WaitingChat,
    chat_id=st.just(0),
    topic_id=st.none() | TOPICS,
    last_agent=st.none() | st.integers(1, 12),
    released_by=st.none() | st.integers(1, 12),
    wanted_agent=st.none() | st.integers(1, 12),
)
queues = st.lists(waiting_chats, max_size=25).map(lambda all_: [replace(one, chat_id=n) for n, one in enumerate(all_)])


def copies(candidates):
    return [replace(one) for one in candidates]


def chosen(chat, *candidates):
    one = choose_agent(chat, candidates)
    return None if one is None else one.agent_id


def test_nobody_is_chosen_where_nobody_is():
    assert chosen(WaitingChat(1)) is None
    assert match_waiting_chats([WaitingChat(1)], [], NOW) == []


def test_who_has_no_capacity_gets_nothing():
    full, more_than_full = candidate(1, load=5), candidate(2, load=7)
    assert chosen(WaitingChat(1), full, more_than_full) is None


def test_topic_is_for_those_who_know_it_and_no_topic_is_for_everybody():
    knows, does_not = candidate(1, load=4, topics=[PAGOS]), candidate(2, topics=[CITAS])
    assert chosen(WaitingChat(1, PAGOS), knows, does_not) == 1
    assert chosen(WaitingChat(1), knows, does_not) == 2
    assert chosen(WaitingChat(1, 3), knows, does_not) is None


def test_who_waits_for_a_first_reply_of_theirs_gets_no_more():
    behind, ready = candidate(1, free_replies=0), candidate(2, load=4, free_replies=1)
    assert chosen(WaitingChat(1), behind) is None
    assert match_waiting_chats([WaitingChat(1), WaitingChat(2)], [behind, ready], NOW) == [(1, 2)]


def test_chat_that_is_meant_for_one_goes_to_that_one_first_whatever_it_is_about():
    assert chosen(WaitingChat(1, PAGOS, 1, wanted_agent=2), candidate(1, topics=[PAGOS]), candidate(2)) == 2
    assert chosen(WaitingChat(1, wanted_agent=2), candidate(1), candidate(2, load=5)) == 1


def test_last_agent_comes_before_one_who_has_less_to_do():
    assert chosen(WaitingChat(1, last_agent=2), candidate(1), candidate(2, load=4)) == 2


def test_last_agent_without_capacity_or_without_the_topic_is_nobody_special():
    assert chosen(WaitingChat(1, last_agent=2), candidate(1), candidate(2, load=5)) == 1
    assert chosen(WaitingChat(1, PAGOS, last_agent=2), candidate(1, topics=[PAGOS]), candidate(2)) == 1


def test_who_gave_it_away_gets_it_back_only_when_nobody_else_may_take_it():
    chat = WaitingChat(1, last_agent=2, released_by=2)
    assert chosen(chat, candidate(1, load=4), candidate(2)) == 1
    assert chosen(chat, candidate(1, load=5), candidate(2)) == 2


def test_least_loaded_and_then_the_longest_idle_gets_it():
    assert chosen(WaitingChat(1), candidate(1, load=2, idle_s=90), candidate(2, load=1)) == 2
    assert chosen(WaitingChat(1), candidate(1, load=1, idle_s=10), candidate(2, load=1, idle_s=20)) == 2
    assert chosen(WaitingChat(1), candidate(2), candidate(1)) == 1


def test_what_was_given_counts_for_the_next():
    given_ = match_waiting_chats(
        [WaitingChat(n) for n in range(1, 7)], [candidate(1, capacity=2), candidate(2, capacity=3)], NOW
    )
    assert given_ == [(1, 1), (2, 2), (3, 1), (4, 2), (5, 2)]


def test_whoever_has_just_got_one_is_not_idle_any_more():
    assert match_waiting_chats(
        [WaitingChat(1), WaitingChat(2)], [candidate(1, idle_s=9), candidate(2, load=1, idle_s=5)], NOW
    ) == [(1, 1), (2, 2)]


def test_unmatched_chat_does_not_block_others():
    assert match_waiting_chats([WaitingChat(1, PAGOS), WaitingChat(2, CITAS)], [candidate(7, topics=[CITAS])], NOW) == [
        (2, 7)
    ]


@given(queues, desks())
def test_no_chat_waits_while_an_agent_could_take_it(queue, candidates):
    given_ = dict(match_waiting_chats(queue, candidates, NOW))
    for chat in queue:
        if chat.chat_id not in given_:
            assert not any(one.can_take(chat) for one in candidates)


@given(queues, desks())
def test_nobody_gets_more_than_they_can_have_or_what_they_do_not_know(queue, candidates):
    before = {one.agent_id: one for one in copies(candidates)}
    by_id = {chat.chat_id: chat for chat in queue}
    given_ = match_waiting_chats(queue, candidates, NOW)
    assert len({chat_id for chat_id, _ in given_}) == len(given_)
    for one in candidates:
        own = [by_id[chat_id] for chat_id, agent_id in given_ if agent_id == one.agent_id]
        assert one.load == before[one.agent_id].load + len(own)
        assert one.load <= max(one.capacity, before[one.agent_id].load)
        assert len(own) <= max(0, before[one.agent_id].free_replies)
        for chat in own:
            assert chat.wanted_agent == one.agent_id or chat.topic_id is None or chat.topic_id in one.topics


@given(queues, desks())
def test_of_two_who_need_the_same_the_first_is_never_passed_over(queue, candidates):
    given_ = dict(match_waiting_chats(queue, candidates, NOW))
    for place, chat in enumerate(queue):
        for later in queue[place + 1 :]:
            if (chat.topic_id, chat.wanted_agent) == (later.topic_id, later.wanted_agent):
                assert chat.chat_id in given_ or later.chat_id not in given_


@given(queues, desks())
def test_each_gets_the_best_of_those_who_might_take_them_at_that_moment(queue, candidates):
    now = copies(candidates)
    for chat_id, agent_id in match_waiting_chats(queue, candidates, NOW):
        able = {one.agent_id: one for one in now if one.can_take(queue[chat_id])}
        got, wanted, last = able[agent_id], queue[chat_id].wanted_agent, queue[chat_id].last_agent
        if len(able) > 1:
            able.pop(queue[chat_id].released_by, None)
        if wanted in able or last in able:
            assert agent_id == (wanted if wanted in able else last)
        else:
            assert agent_id in able
            assert got.load == min(one.load for one in able.values())
            assert got.idle_since == min(one.idle_since for one in able.values() if one.load == got.load)
        got.load, got.idle_since, got.free_replies = got.load + 1, NOW, got.free_replies - 1
