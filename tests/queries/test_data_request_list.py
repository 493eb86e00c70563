"""The supervisors' list of requests: its filters, its order, its pages; one of it with its forms."""

import pytest

from beneficiate.actions import data_request_handling as handling
from beneficiate.errors import InvalidForm, NotFound
from beneficiate.models.accounts import User
from beneficiate.queries import data_request_list as queries
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.data_request_list import RequestFilters
from beneficiate.views.member_panel import MemberContact
from tests.actions.request_steps import ANSWER, TEXT, file, handle, on_day
from tests.factories import agent, member, supervisor


@pytest.fixture
def marta(db):
    return supervisor("Marta")


@pytest.fixture
def people(db):
    return [member(name) for name in ("Ana", "Luis", "Iris", "Omar")]


@pytest.fixture
def rows(act, people, marta):
    """Ana's claim until 28 August, Luis' query until the 20th, Iris' that waits for her, Omar's that is answered."""
    found = [file(act, who, what) for who, what in zip(people, ("correct", "query", "delete", "query"), strict=True)]
    handle(act, handling.assign_request, found[0], marta, quien=str(marta.id))
    handle(act, handling.ask_for_information, found[2], marta, on_day(6), pregunta=TEXT)
    handle(act, handling.answer_request, found[3], marta, on_day(6), respuesta=ANSWER)
    return found


def look(who, now=None, **filters):
    return queries.load_request_list(UnitOfWork(who.actor, now or on_day(25)), RequestFilters(**filters))


def names(found):
    return [row.name.split()[0] for row in found.rows]


def test_open_ones_come_by_the_end_of_their_term(rows, marta):
    found = look(marta)
    assert names(found) == ["Luis", "Ana", "Iris"]
    assert (found.open_count, found.late_count, found.next_position) == (3, 1, "")
    luis, ana, _ = found.rows
    assert (luis.summary.is_late, luis.used, luis.total) == (True, 13, 10)
    assert (ana.assignee, ana.used, ana.total) == (marta.user.name, 12, 15)
    assert ana.document.startswith("CC ••••")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"tab": "cerradas"}, ["Omar"]),
        ({"tab": "todas"}, ["Luis", "Omar", "Ana", "Iris"]),
        ({"kind": "claim"}, ["Ana", "Iris"]),
        ({"kind": "query", "tab": "todas"}, ["Luis", "Omar"]),
        ({"due": "vencidas"}, ["Luis"]),
        ({"due": "por-vencer"}, []),
        ({"person": "luis"}, ["Luis"]),
        ({"person": "nadie"}, []),
    ],
)
def test_filters(rows, marta, filters, expected):
    assert names(look(marta, **filters)) == expected


def test_close_ones_are_those_of_the_next_two_working_days(rows, marta):
    assert names(look(marta, on_day(26), due="por-vencer")) == ["Ana"]
    assert names(look(marta, on_day(14), due="por-vencer")) == []
    assert names(look(marta, on_day(18), due="por-vencer")) == ["Luis"]


def test_person_is_found_by_document(rows, marta, people):
    assert names(look(marta, person=people[1].user.document_number)) == ["Luis"]


def test_pages_have_every_row_once(rows, marta, monkeypatch):
    monkeypatch.setattr(queries, "ROWS_PER_PAGE", 1)
    seen, after = [], ""
    while True:
        found = look(marta, tab="todas", after=after)
        seen += names(found)
        after = found.next_position
        if not after:
            break
    assert seen == ["Luis", "Omar", "Ana", "Iris"]


@pytest.mark.parametrize(
    ("filters", "parameter"),
    [
        ({"tab": "x"}, "estado"),
        ({"kind": "x"}, "tipo"),
        ({"due": "x"}, "plazo"),
        ({"person": "a"}, "persona"),
        *(
            ({"after": text}, "despues")
            for text in ("x", "20261340-1", "20260828-", "00010101-1", "20260828-99999999999", "٢٠٢٦٠٨٢٨-١")
        ),
    ],
)
def test_wrong_filters_are_named(db, marta, filters, parameter):
    with pytest.raises(InvalidForm) as problem:
        look(marta, **filters)
    assert set(problem.value.fields) == {parameter}


def test_too_many_people_are_not_searched(db, marta, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.people.MAX_MATCHING_PEOPLE", 1)
    for _ in range(2):
        member("Berenice")
    with pytest.raises(InvalidForm):
        look(marta, person="berenice")


def test_only_supervisors_see_the_list_and_its_requests(rows, people):
    for who in (people[0], agent()):
        with pytest.raises(NotFound):
            queries.load_handled_request(UnitOfWork(who.actor, on_day(6)), rows[0].id)
        with pytest.raises(NotFound):
            look(who)


def test_one_is_shown_with_its_person_masked(rows, marta, people):
    uow = UnitOfWork(marta.actor, on_day(6))
    handled = queries.load_handled_request(uow, rows[0].id)
    assert handled.requester.contact.is_masked
    assert handled.requester.can_sign_in
    assert (handled.assignee, handled.requester.filed_by) == (marta.user.name, "")
    assert list(handled.supervisors) == [marta.id]
    shown = queries.show_contact(handled, MemberContact.from_user(people[0].user))
    assert shown.requester.contact.email == people[0].user.email


def test_who_cannot_sign_in_is_said(rows, marta, people):
    User.update(is_active=False).where(User.id == people[0].id).execute()
    assert not queries.load_handled_request(UnitOfWork(marta.actor, on_day(6)), rows[0].id).requester.can_sign_in


def test_forms_have_what_is_saved_and_who_saved_last(rows, marta):
    uow = UnitOfWork(marta.actor, on_day(6))
    handled = queries.load_handled_request(uow, rows[0].id)
    saved = handled.saved
    assert (saved.version, saved.values["quien"], saved.values["hasta"]) == (2, str(marta.id), "2026-09-09")
    assert saved.last_change is not None
    assert saved.last_change.name == marta.user.name
    assert (handled.no_question, handled.no_extension) == ("", "")
    handled = queries.load_handled_request(uow, rows[1].id)
    assert "consulta" in handled.no_question
    assert handled.no_extension == ""
