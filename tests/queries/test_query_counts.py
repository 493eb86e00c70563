"""The number of database statements of a page and of a new connection, counted exactly.

A number that grows is a decision: change it here with the code. Each page costs two statements more, for its cookie.
"""

from datetime import UTC, datetime

import pytest
from playhouse.test_utils import count_queries

from beneficiate.actions import messages, notes, tags
from beneficiate.protocol.commands import SendSupportMessage
from beneficiate.protocol.desk_tools import AddNote, TagChat
from beneficiate.protocol.events import AgentChats, OnlineUsers
from beneficiate.queries import board, connection_state, desk
from beneficiate.queries.chat_lists import ChatListQuery
from beneficiate.unit_of_work import BatchItem, UnitOfWork
from tests.factories import agent, direct_chat, member, supervisor, support_chat
from tests.unit_of_work import call


@pytest.fixture
def people(act, db):
    """A member, their agent and a supervisor; the chat of both has a message of each, a note with a mention, a tag."""
    ana, yuliana, marta = member("Ana"), agent("Yuliana"), supervisor("Marta")
    chat = support_chat(ana, yuliana)
    for person in (ana, yuliana):
        act(messages.send_messages, SendSupportMessage(chat_id=chat.id, message="Hola"), person.actor)
    act(notes.add_note, AddNote(chat_id=chat.id, text="Llamar", mentions=[marta.id]), yuliana.actor)
    act(tags.tag_chat, TagChat(chat_id=chat.id, tag="Citas"), yuliana.actor)
    for _ in range(3):
        support_chat(member(), yuliana)
    support_chat(member(), None)
    direct_chat(yuliana, marta)
    return ana, yuliana, chat.id


def count(query, person, command=None):
    """Return how many statements a query takes for this person."""
    uow = UnitOfWork(person.actor, datetime.now(UTC))
    with count_queries() as counter:
        call(query, uow, command)
    print(f"{query.__name__ if hasattr(query, '__name__') else query.function.__name__}: {counter.count}")
    return counter.count


def test_desk_without_a_chat_takes_seven_statements(people):
    _, yuliana, _ = people
    assert count(desk.load_desk, yuliana, desk.DeskQuery(None, ChatListQuery())) == 7


def test_desk_with_a_chat_takes_sixteen_more(people):
    """Five for the conversation, eleven for the panel about its member, which is not asked for separately."""
    _, yuliana, chat_id = people
    assert count(desk.load_desk, yuliana, desk.DeskQuery(chat_id, ChatListQuery())) == 23


def test_parts_of_the_desk(people):
    _, yuliana, chat_id = people
    assert count(desk.load_chat_list, yuliana, ChatListQuery()) == 4
    assert count(desk.load_chat_row, yuliana, chat_id) == 2
    assert count(desk.load_conversation, yuliana, chat_id) == 5
    assert count(desk.load_own_agent, yuliana) == 1
    assert count(desk.load_waiting_summary, yuliana) == 1
    assert count(desk.load_team, yuliana) == 4


def test_board_takes_as_many_however_many_wait(people):
    """Figures of the day come from roll-ups and from facts that are not in them yet: two statements for each kind.

    What was promised takes one. The hours take three: they are read once for what is said of them and for deadlines.
    """
    _, _, chat_id = people
    marta = supervisor("Luz")
    few = count(board.load_board, marta)
    for _ in range(5):
        support_chat(member(), None)
        support_chat(member(), agent())
    # On some days one statement is not needed.
    assert count(board.load_board, marta) == few <= 40
    assert count(board.load_fact_list, marta, board.FactListQuery("waiting", datetime.now(UTC))) == 5
    assert chat_id


def test_number_of_chats_does_not_matter(people):
    _, yuliana, _ = people
    for _ in range(20):
        support_chat(member(), yuliana)
    assert count(desk.load_desk, yuliana, desk.DeskQuery(None, ChatListQuery())) == 7


EVERYTHING = connection_state.InitialStateQuery()


def count_openings(*persons, query=EVERYTHING):
    uow = UnitOfWork(persons[0].actor, datetime.now(UTC))
    with count_queries() as counter:
        connection_state.load_initial_state.function(uow, [BatchItem(person.actor, query) for person in persons])
    print(f"initial state of {len(persons)}: {counter.count}")
    return counter.count


def test_connection_of_a_member(people):
    ana, _, _ = people
    assert count_openings(ana) == 7


def test_connection_of_an_agent(people):
    _, yuliana, _ = people
    assert count_openings(yuliana) == 8


def test_desk_asks_for_less(people):
    _, yuliana, _ = people
    wanted = frozenset({AgentChats, OnlineUsers})
    assert count_openings(yuliana, query=connection_state.InitialStateQuery(wanted)) == 5


def test_connection_that_reads_nothing(people):
    ana, yuliana, _ = people
    assert count_openings(ana, yuliana, query=connection_state.InitialStateQuery(frozenset())) == 0


def test_many_connections_at_once_cost_no_more_than_one_of_each_role(people):
    ana, yuliana, _ = people
    together = count_openings(ana, yuliana)
    assert count_openings(*(member() for _ in range(10)), *(agent() for _ in range(10)), ana, yuliana) == together
