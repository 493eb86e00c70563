"""Supervisors assign requests, ask, extend and answer: by the law, once, and without overwriting each other."""

import json
from datetime import date

import pytest

from beneficiate.actions import data_request_handling as handling
from beneficiate.actions import data_requests
from beneficiate.errors import Conflict, InvalidForm, NotFound, OutdatedForm
from beneficiate.models.accounts import Supervisor
from beneficiate.models.audit import AuditEntry
from beneficiate.models.data_requests import DataRequest
from tests.actions.request_steps import ANSWER, TEXT, audited, emails, file, handle, history, on_day, reload
from tests.factories import agent, member, supervisor

ACTIONS = {
    handling.assign_request: {"quien": "1"},
    handling.ask_for_information: {"pregunta": TEXT},
    handling.extend_request: {"motivo": TEXT, "hasta": "2026-09-09"},
    handling.answer_request: {"decision": "accepted", "respuesta": ANSWER},
}


@pytest.fixture
def ana(db):
    return member("Ana")


@pytest.fixture
def marta(db):
    return supervisor("Marta")


@pytest.fixture
def claim(act, ana):
    return file(act, ana)


def test_request_is_assigned_to_a_supervisor_and_goes_on(act, claim, marta, ana):
    luz = supervisor("Luz")
    row = handle(act, handling.assign_request, claim, marta, quien=str(luz.id))
    assert (row.assignee_id, row.state, row.version) == (luz.id, "in_progress", 2)
    assert history(row)[-1] == ("assigned", marta.user.name, luz.user.name)
    assert handle(act, handling.assign_request, row, luz, version=1, quien=str(luz.id)).version == 2
    assert audited()[1:] == [("requests.assign", marta.id, ana.id, {"status": "in_progress", "assignee": luz.id})]


@pytest.mark.parametrize("typed", ["", "0", "x", "9999999999"])
def test_request_is_assigned_to_nobody_else(act, claim, marta, typed):
    with pytest.raises(InvalidForm):
        handle(act, handling.assign_request, claim, marta, quien=typed)
    for who in (agent(), member()):
        with pytest.raises(InvalidForm):
            handle(act, handling.assign_request, claim, marta, quien=str(who.id))


def test_former_supervisors_are_not_in_charge(act, claim, marta):
    gone = supervisor("Iris")
    Supervisor.update(status="INACTIVE").where(Supervisor.user == gone.id).execute()
    with pytest.raises(InvalidForm):
        handle(act, handling.assign_request, claim, marta, quien=str(gone.id))


def test_question_stops_the_term_for_two_months(act, claim, marta, ana):
    row = handle(act, handling.ask_for_information, claim, marta, on_day(13), pregunta=TEXT)
    assert (row.state, row.due_on, row.asked_at) == ("needs_information", date(2026, 10, 13), on_day(13))
    assert history(row)[-1] == ("asked", marta.user.name, TEXT)
    assert emails()[-1] == ("request_asked", ana.id)
    assert handle(act, handling.ask_for_information, row, marta, on_day(13), version=1, pregunta=TEXT).version == 2


def test_question_comes_within_five_working_days_and_only_about_a_claim(act, claim, marta, ana):
    with pytest.raises(Conflict, match="5 días"):
        handle(act, handling.ask_for_information, claim, marta, on_day(14), pregunta=TEXT)
    with pytest.raises(Conflict, match="consulta"):
        handle(act, handling.ask_for_information, file(act, ana, "query"), marta, on_day(6), pregunta=TEXT)


def test_extension_has_a_reason_that_the_person_reads_and_comes_once_in_time(act, claim, marta, ana):
    row = handle(act, handling.extend_request, claim, marta, on_day(28), motivo=TEXT, hasta="2026-09-08")
    assert (row.state, row.due_on, row.first_due_on) == ("extended", date(2026, 9, 8), date(2026, 8, 28))
    assert history(row)[-1] == ("prolonged", marta.user.name, TEXT)
    assert emails()[-1] == ("request_extended", ana.id)
    again = {"motivo": TEXT, "hasta": "2026-09-08"}
    assert handle(act, handling.extend_request, row, marta, on_day(28), version=1, **again).version == 2
    with pytest.raises(Conflict, match="una vez"):
        handle(act, handling.extend_request, row, marta, on_day(28), motivo=TEXT, hasta="2026-09-09")


def test_term_that_has_ended_is_not_extended(act, claim, marta):
    with pytest.raises(Conflict, match="venció"):
        handle(act, handling.extend_request, claim, marta, on_day(29), motivo=TEXT, hasta="2026-09-09")
    with pytest.raises(InvalidForm):
        handle(act, handling.extend_request, claim, marta, on_day(28), motivo=TEXT, hasta="2026-09-10")


def test_answer_closes_and_is_not_in_the_email_nor_in_the_audit(act, claim, marta, ana):
    row = handle(act, handling.answer_request, claim, marta, on_day(27), decision="partly", respuesta=ANSWER)
    assert (row.state, row.decision, row.answer, row.closed_at) == ("answered", "partly", ANSWER, on_day(27))
    assert history(row)[-1] == ("replied", marta.user.name, "")
    assert emails()[-1] == ("request_answered", ana.id)
    assert audited()[-1] == ("requests.answer", marta.id, ana.id, {"status": "answered"})
    assert ANSWER not in str([(one.before, one.after, one.reason) for one in AuditEntry.select()])
    same = {"decision": "partly", "respuesta": ANSWER}
    assert handle(act, handling.answer_request, row, marta, on_day(27), version=1, **same).version == 2
    for action, typed in ACTIONS.items():
        with pytest.raises(Conflict):
            handle(act, action, row, marta, on_day(27), **{**typed, "quien": str(marta.id)})


def test_late_request_and_incomplete_one_can_still_be_answered(act, claim, marta):
    handle(act, handling.ask_for_information, claim, marta, on_day(6), pregunta=TEXT)
    typed = {"decision": "refused", "respuesta": ANSWER}
    assert handle(act, handling.answer_request, claim, marta, on_day(1, 12), **typed).state == "answered"


@pytest.mark.parametrize("action", list(ACTIONS)[1:])
def test_second_of_two_supervisors_is_told(act, claim, marta, action):
    luz = supervisor("Luz")
    handle(act, handling.assign_request, claim, luz, on_day(6), quien=str(luz.id))
    with pytest.raises(OutdatedForm):
        handle(act, action, claim, marta, on_day(6), version=1, **ACTIONS[action])
    assert reload(claim.id).version == 2


def test_two_do_not_take_the_same_request(act, claim, marta):
    luz = supervisor("Luz")
    handle(act, handling.assign_request, claim, luz, quien=str(luz.id))
    with pytest.raises(OutdatedForm):
        handle(act, handling.assign_request, claim, marta, version=1, quien=str(marta.id))


@pytest.mark.parametrize("action", ACTIONS)
def test_only_supervisors_do_it(act, claim, ana, action):
    for who in (ana, agent(), member("Luis")):
        with pytest.raises(NotFound):
            handle(act, action, claim, who, on_day(6), **ACTIONS[action])
    with pytest.raises(NotFound):
        act(action, handling.HandleRequest(claim.id + 1, 1, ACTIONS[action]), supervisor().actor, on_day(6))
    assert DataRequest.get().version == 1


def test_contact_in_full_is_recorded(act, claim, marta, ana):
    contact, _ = act(handling.reveal_requester, claim.id, marta.actor, on_day(6))
    assert contact.email == ana.user.email
    (entry,) = AuditEntry.select().where(AuditEntry.what == "people.reveal")
    assert (entry.subject, entry.person_id, json.loads(entry.after)) == (
        f"user:{ana.id}",
        ana.id,
        {"request": claim.id},
    )
    with pytest.raises(NotFound):
        act(handling.reveal_requester, claim.id, agent().actor, on_day(6))


def test_member_who_is_withdrawn_frees_the_supervisors(act, claim, ana, marta):
    act(data_requests.withdraw_request, claim.id, ana.actor, on_day(6))
    with pytest.raises(Conflict):
        handle(act, handling.answer_request, claim, marta, on_day(6), **ACTIONS[handling.answer_request])
