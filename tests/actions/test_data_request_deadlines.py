"""Supervisors are warned of terms that end, once; what has ended is recorded; incomplete claims lapse."""

import pytest

from beneficiate.actions import data_request_deadlines as deadlines
from beneficiate.actions import data_request_handling as handling
from beneficiate.unit_of_work import SYSTEM
from tests.actions.request_steps import ANSWER, TEXT, audited, emails, file, handle, history, on_day, reload
from tests.factories import agent, member, supervisor


@pytest.fixture
def ana(db):
    return member("Ana")


@pytest.fixture
def marta(db):
    return supervisor("Marta")


@pytest.fixture
def luz(db):
    return supervisor("Luz")


@pytest.fixture
def claim(act, ana):
    """A claim until Friday 28 August."""
    return file(act, ana)


def notice(act, now):
    return act(deadlines.notice_due_requests, None, SYSTEM, now)[0]


def told():
    return sorted(one for one in emails() if one[0] != "request_filed")


def test_supervisors_are_warned_once_two_working_days_before(act, claim, marta, luz):
    agent()
    assert notice(act, on_day(25)) == 0
    assert [notice(act, on_day(26)) for _ in range(2)] == [1, 0]
    assert told() == [("request_due", marta.id), ("request_due", luz.id)]
    assert reload(claim.id).version == 1


def test_who_is_in_charge_is_warned_alone(act, claim, marta, luz):
    handle(act, handling.assign_request, claim, marta, quien=str(luz.id))
    notice(act, on_day(26))
    assert told() == [("request_due", luz.id)]


def test_breach_is_told_to_all_and_recorded_once(act, claim, marta, luz, ana):
    handle(act, handling.assign_request, claim, marta, quien=str(luz.id))
    notice(act, on_day(28, hour=18))
    assert [notice(act, on_day(29, hour=0)) for _ in range(2)] == [1, 0]
    assert told() == sorted([("request_due", luz.id), ("request_breached", marta.id), ("request_breached", luz.id)])
    assert history(claim)[-1] == ("breached", "", "")
    assert audited()[-1] == ("requests.breach", None, ana.id, {})


def test_several_at_once_are_one_email_for_each(act, claim, marta):
    file(act, member("Luis"))
    assert notice(act, on_day(31)) == 2
    assert told() == [("request_breached", marta.id)]


def test_answered_and_extended_requests_are_left_alone(act, claim, marta):
    other = file(act, member("Luis"))
    handle(act, handling.answer_request, claim, marta, on_day(20), decision="accepted", respuesta=ANSWER)
    handle(act, handling.extend_request, other, marta, on_day(20), motivo=TEXT, hasta="2026-09-09")
    assert notice(act, on_day(29)) == 0
    assert notice(act, on_day(7, 9)) == 1
    assert ("request_due", marta.id) in told()


def test_request_is_warned_of_again_after_an_extension(act, claim, marta):
    notice(act, on_day(26))
    handle(act, handling.extend_request, claim, marta, on_day(27), motivo=TEXT, hasta="2026-09-09")
    assert notice(act, on_day(8, 9)) == 1


def test_claim_that_nobody_completes_lapses_after_two_months(act, claim, marta, ana):
    handle(act, handling.ask_for_information, claim, marta, on_day(13), pregunta=TEXT)
    assert notice(act, on_day(13, 10)) == 0
    assert [notice(act, on_day(14, 10)) for _ in range(2)] == [1, 0]
    row = reload(claim.id)
    assert (row.state, row.closed_at) == ("withdrawn", on_day(14, 10))
    assert history(row)[-1] == ("lapsed", "", "")
    assert emails()[-1] == ("request_lapsed", ana.id)
    assert audited()[-1] == ("requests.lapse", None, ana.id, {"status": "withdrawn"})


def test_many_are_handled_in_parts(act, claim, marta, monkeypatch):
    monkeypatch.setattr(deadlines, "MAX_REQUESTS_PER_RUN", 1)
    file(act, member("Luis"))
    assert [notice(act, on_day(31)) for _ in range(3)] == [1, 1, 0]
