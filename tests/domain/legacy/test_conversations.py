"""Parts of chats: numbered without gaps, and which open ones stay open."""

from datetime import UTC, datetime

from beneficiate.domain.legacy.conversations import ChatState, choose_open_chats, plan_chat_parts
from beneficiate.domain.legacy.plans import NEW, ImportContext, ImportIndex

NOW = datetime(2026, 5, 4, tzinfo=UTC)
BEGAN = datetime.fromisoformat("2024-01-01")


def context():
    index = ImportIndex()
    for old_id in (1, 2, 3):
        index.put("users", str(old_id), 10 + old_id)
    index.put("call_center_agents", "7", 70)
    return ImportContext(index, lambda table: 5, UTC, NOW)


def row(place, text="Hola", kind="USER", hour=10, **changes):
    columns = {"id": 1, "user_id": 1, "agent_id": 7, "status": "CLOSED", "created_at": BEGAN}
    message = {"m_id": 100 + place, "m_sender_type": kind, "m_text": text, "m_status": "READ", "m_user_id": 1}
    more = {"updated_at": None, "m_agent_id": 7, "m_at": BEGAN.replace(hour=hour, minute=place), "m_place": place}
    return {**columns, **message, **more, **changes}


def stored(outcomes):
    return [line[2:6:3] for one in outcomes for new in one.inserts if new.table == "chat_lines" for line in new.rows]


def test_parts_of_a_chat_are_numbered_without_gaps():
    known, plan = context(), plan_chat_parts("agent_chats")
    first = list(plan([row(0), row(1, " "), row(2, "Sí", "AGENT")], known))
    second = list(plan([row(3, "Chao")], known))
    assert stored(first) + stored(second) == [(1, "Hola"), (2, "Sí"), (3, "Chao")]
    assert second[0].changes[0].columns["last_seq"] == 3
    assert second[0].changes[1].columns == {"parts": 4}


def test_part_that_is_planned_again_has_the_same_numbers():
    known, plan = context(), plan_chat_parts("agent_chats")
    known.index.keep()
    list(plan([row(0)], known))
    known.index.keep()
    once = stored(plan([row(1, "dos")], known))
    known.index.begin()
    assert stored(plan([row(1, "dos")], known)) == once == [(2, "dos")]


def test_of_each_member_the_newest_open_chat_stays_while_the_agent_has_room():
    known = context()
    known.index.put("agent_room", 70, 1)
    rows = [
        {"table": table, "id": number, "user_id": user_id, "agent_id": 7, "at": BEGAN.replace(day=number)}
        for number, (table, user_id) in enumerate([("chats", 1), ("agent_chats", 1), ("agent_chats", 2)], 1)
    ]
    assert choose_open_chats(rows, known) == {("agent_chats", "3")}
    known.index.put("agent_room", 70, 9)
    assert choose_open_chats(rows, known) == {("agent_chats", "3"), ("agent_chats", "2")}


def test_everything_is_read_in_a_closed_chat():
    state = ChatState(1, 2, None, is_open=False, last_seq=4, user_unread=3)
    assert state.columns()["user_unread"] == 0
    assert state.columns()["user_read_seq"] == 4


def test_chat_without_messages_is_a_chat():
    (outcome,) = plan_chat_parts("chats")([row(0, m_id=None)], context())
    assert outcome.result == NEW
