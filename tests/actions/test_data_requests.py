"""People file requests about their data, complete and withdraw them; agents file them for members."""

from datetime import date

import pytest

from beneficiate.actions import data_request_handling as handling
from beneficiate.actions import data_requests
from beneficiate.actions.data_requests import MAX_OPEN_REQUESTS, CompleteRequest, FileForMember
from beneficiate.errors import Conflict, InvalidForm, LimitReached, NotFound, RateLimited
from beneficiate.limits import DATA_REQUESTS
from beneficiate.models.audit import AuditEntry
from beneficiate.models.data_requests import DataRequest
from tests.actions.request_steps import (
    ARRIVED,
    DAY,
    TEXT,
    audited,
    emails,
    file,
    handle,
    history,
    on_day,
    reload,
)
from tests.factories import agent, direct_chat, member, supervisor, support_chat

QUESTION = "El registro civil, por favor."


@pytest.fixture
def ana(db):
    return member("Ana")


@pytest.fixture
def incomplete(act, ana):
    """A claim that waits for what its person is to add, since Monday 10 August."""
    row = file(act, ana)
    return handle(act, handling.ask_for_information, row, supervisor(), on_day(10), pregunta=QUESTION)


def test_claim_has_its_term_its_legend_and_an_email(act, ana):
    row = file(act, ana)
    assert (row.kind, row.subject, row.text, row.state, row.version) == ("claim", "correct", TEXT, "received", 1)
    assert (row.counted_from, row.due_on) == (date(2026, 8, 5), date(2026, 8, 28))
    assert row.filed_by is None
    assert history(row) == [("filed", ana.user.name, ""), ("marked", ana.user.name, "")]
    assert emails() == [("request_filed", ana.id)]
    assert audited() == [("requests.file", ana.id, ana.id, {"kind": "claim", "due_on": "2026-08-28"})]


def test_query_has_no_subject_and_no_legend(act, ana):
    row = file(act, ana, "query")
    assert (row.kind, row.subject, row.due_on) == ("query", "", date(2026, 8, 20))
    assert [kind for kind, _, _ in history(row)] == ["filed"]


def test_day_of_receipt_is_that_of_bogota(act, ana):
    """Half past eleven at night of the fifth is the sixth in UTC."""
    assert file(act, ana, now=on_day(5, hour=23)).counted_from == date(2026, 8, 5)


def test_agent_files_for_the_member_of_a_support_chat_which_is_recorded(act, ana):
    yuliana = agent("Yuliana")
    command = FileForMember(support_chat(ana, None).id, {"pide": "delete", "texto": TEXT})
    row = reload(act(data_requests.file_request_for_member, command, yuliana.actor, ARRIVED)[0])
    assert (row.user_id, row.filed_by_id, row.subject) == (ana.id, yuliana.id, "delete")
    assert history(row)[0] == ("filed", yuliana.user.name, "")
    assert emails() == [("request_filed", ana.id)]
    assert audited() == [("requests.file", yuliana.id, ana.id, {"kind": "claim", "due_on": "2026-08-28"})]
    assert TEXT not in str([(one.before, one.after, one.reason) for one in AuditEntry.select()])


def test_only_the_staff_files_for_others_and_only_from_support_chats(act, ana):
    yuliana, luis = agent(), member("Luis")
    support, direct = support_chat(ana, yuliana), direct_chat(yuliana, ana)
    for chat, by in ((support, ana), (support, luis), (direct, yuliana)):
        command = FileForMember(chat.id, {"pide": "query", "texto": TEXT})
        with pytest.raises(NotFound):
            act(data_requests.file_request_for_member, command, by.actor, ARRIVED)
    assert DataRequest.select().count() == 0


def test_what_is_typed_is_checked(act, ana):
    with pytest.raises(InvalidForm) as problem:
        act(data_requests.file_request, {"pide": "claim", "texto": "corto"}, ana.actor, ARRIVED)
    assert set(problem.value.fields) == {"pide", "texto"}


def test_person_files_so_many_a_day_and_has_so_many_open(act, ana):
    for _ in range(DATA_REQUESTS.amount):
        file(act, ana)
    with pytest.raises(RateLimited):
        file(act, ana)
    for _ in range(MAX_OPEN_REQUESTS - DATA_REQUESTS.amount):
        file(act, ana, now=ARRIVED + DAY)
    with pytest.raises(LimitReached):
        file(act, ana, now=ARRIVED + 2 * DAY)
    file(act, member("Luis"), now=ARRIVED + 2 * DAY)


def test_what_was_missing_begins_the_term_anew(act, ana, incomplete):
    marta = supervisor()
    handle(act, handling.assign_request, incomplete, marta, on_day(11), quien=str(marta.id))
    act(
        data_requests.complete_request,
        CompleteRequest(incomplete.id, {"texto": "Aquí está el registro."}),
        ana.actor,
        on_day(21),
    )
    row = reload(incomplete.id)
    assert (row.state, row.counted_from, row.due_on) == ("in_progress", date(2026, 8, 21), date(2026, 9, 11))
    assert history(row)[-1] == ("completed", ana.user.name, "Aquí está el registro.")
    with pytest.raises(Conflict):
        act(data_requests.complete_request, CompleteRequest(row.id, {"texto": TEXT}), ana.actor, on_day(22))
    with pytest.raises(Conflict):
        handle(act, handling.ask_for_information, row, marta, on_day(24), pregunta="Algo más, por favor.")


def test_supervisor_writes_down_what_was_said_by_telephone(act, ana, incomplete):
    marta = supervisor("Marta")
    said = CompleteRequest(incomplete.id, {"texto": TEXT})
    for day in (21, 22):
        act(data_requests.complete_request_for_person, said, marta.actor, on_day(day))
    assert [what for what, *_ in audited()].count("requests.complete") == 1
    assert reload(incomplete.id).state == "received"
    assert audited()[-1] == (
        "requests.complete",
        marta.id,
        ana.id,
        {"status": "received", "due_on": "2026-09-11"},
    )


def test_own_request_is_withdrawn_once(act, ana):
    row = file(act, ana)
    for _ in range(2):
        act(data_requests.withdraw_request, row.id, ana.actor, on_day(6))
    row = reload(row.id)
    assert (row.state, row.closed_at) == ("withdrawn", on_day(6))
    assert [kind for kind, _, _ in history(row)].count("given_up") == 1


def test_answered_request_is_not_withdrawn(act, ana):
    row = file(act, ana, "query")
    handle(act, handling.answer_request, row, supervisor(), respuesta="Tenemos su nombre y su correo.")
    with pytest.raises(Conflict):
        act(data_requests.withdraw_request, row.id, ana.actor, on_day(6))


def test_requests_of_others_do_not_exist(act, ana, incomplete):
    for who in (member("Luis"), agent(), supervisor()):
        with pytest.raises(NotFound):
            act(data_requests.withdraw_request, incomplete.id, who.actor, on_day(11))
        with pytest.raises(NotFound):
            act(data_requests.complete_request, CompleteRequest(incomplete.id, {"texto": TEXT}), who.actor, on_day(11))
    for who in (ana, agent()):
        with pytest.raises(NotFound):
            act(data_requests.complete_request_for_person, CompleteRequest(incomplete.id, {"texto": TEXT}), who.actor)
