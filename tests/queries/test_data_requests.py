"""What members see of their own requests, and agents of those that they have filed."""

import pytest

from beneficiate.actions import data_request_handling as handling
from beneficiate.actions import data_requests
from beneficiate.actions.data_requests import FileForMember
from beneficiate.errors import NotFound
from beneficiate.queries import data_requests as queries
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.request_steps import ANSWER, ARRIVED, TEXT, file, handle, on_day
from tests.factories import agent, member, supervisor, support_chat


@pytest.fixture
def ana(db):
    return member("Ana")


def look(query, who, command=None, now=ARRIVED):
    uow = UnitOfWork(who.actor, now)
    return query(uow) if command is None else query(uow, command)


def test_own_request_has_its_history_its_term_and_its_answer(act, ana):
    marta = supervisor("Marta")
    row = file(act, ana)
    handle(act, handling.assign_request, row, marta, on_day(6), quien=str(marta.id))
    handle(act, handling.answer_request, row, marta, on_day(7), decision="accepted", respuesta=ANSWER)
    detail = look(queries.load_own_request, ana, row.id, on_day(31))
    assert (detail.answer, detail.decision_name, detail.text) == (ANSWER, "Se acepta", TEXT)
    assert detail.summary.number == f"RD-2026-{row.id:04}"
    shown = [(event.kind, event.who) for event in detail.events]
    name = marta.user.name
    assert shown == [("filed", "por «Mi cuenta»"), ("marked", ""), ("assigned", name), ("replied", name)]
    # It was answered on a holiday, after one working day.
    assert detail.term.used == 1
    assert (detail.summary.distance, detail.summary.is_late) == ("", False)


def test_what_is_missing_is_said_only_while_it_is(act, ana):
    row = file(act, ana)
    assert look(queries.load_own_request, ana, row.id).question == ""
    handle(act, handling.ask_for_information, row, supervisor(), on_day(6), pregunta=TEXT)
    assert look(queries.load_own_request, ana, row.id, on_day(7)).question == TEXT
    act(data_requests.withdraw_request, row.id, ana.actor, on_day(7))
    assert look(queries.load_own_request, ana, row.id, on_day(7)).question == ""


def test_late_and_close_are_as_of_today(act, ana):
    row = file(act, ana)
    seen = {}
    for day in (25, 26, 28, 29):
        one = look(queries.load_own_request, ana, row.id, on_day(day)).summary
        seen[day] = (one.is_late, one.is_close)
    assert seen == {25: (False, False), 26: (False, True), 28: (False, True), 29: (True, False)}


def test_requests_of_others_do_not_exist(act, ana):
    row = file(act, ana)
    for who in (member("Luis"), agent(), supervisor()):
        with pytest.raises(NotFound):
            look(queries.load_own_request, who, row.id)
        assert look(queries.list_own_requests, who).requests == []


def test_own_requests_come_in_pages(act, ana, monkeypatch):
    monkeypatch.setattr(queries, "REQUESTS_PER_PAGE", 2)
    ids = [file(act, ana).id for _ in range(3)]
    first = look(queries.list_own_requests, ana)
    assert [one.id for one in first.requests] == [ids[2], ids[1]]
    last = look(queries.list_own_requests, ana, first.before)
    assert ([one.id for one in last.requests], last.before, last.is_first) == ([ids[0]], None, False)


def test_agent_sees_what_they_filed_and_no_answer(act, ana):
    yuliana, omar, marta = agent("Yuliana"), agent("Omar"), supervisor()
    command = FileForMember(support_chat(ana, None).id, {"pide": "query", "texto": TEXT})
    request_id, _ = act(data_requests.file_request_for_member, command, yuliana.actor, ARRIVED)
    file(act, ana)
    command = handling.HandleRequest(request_id, 1, {"respuesta": ANSWER})
    act(handling.answer_request, command, marta.actor, ARRIVED)
    found = look(queries.list_filed_requests, yuliana, (None, request_id))
    assert [(one.name, one.text, one.summary.state) for one in found.requests] == [(ana.user.name, TEXT, "answered")]
    assert ANSWER not in repr(found)
    assert found.new == found.requests[0]
    others = look(queries.list_filed_requests, omar, (None, request_id))
    assert (others.requests, others.new) == ([], None)


def test_name_of_a_member_is_for_the_staff(db, ana):
    chat = support_chat(ana, None)
    assert look(queries.find_member_name, agent(), chat.id) == ana.user.name
    with pytest.raises(NotFound):
        look(queries.find_member_name, ana, chat.id)


def test_new_requests_say_until_when(db, ana):
    found = look(queries.find_new_due_days, ana)
    assert {kind: f"{day:%d/%m}" for kind, day in found.items()} == {"query": "20/08", "claim": "28/08"}
