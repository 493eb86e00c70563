"""Find patients by document, name, telephone or e-mail."""

from datetime import UTC, datetime

from beneficiate.models.consents import Consent
from beneficiate.queries import patients, people
from beneficiate.queries.consents import HEALTH_DATA
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, beneficiary, member, member_with_plan, support_chat, township

NOW = datetime.now(UTC)


def test_members_and_their_current_beneficiaries_are_found(db):
    uow = UnitOfWork(agent().actor, NOW)
    ana = member_with_plan(document_number="52123456", township=township())
    beto = member("Beto")
    mateo = beneficiary(beto, document_number="52123456")
    beneficiary(beto, "Luz", document_number="52123456", removed_at=NOW)
    for text in ("CC 52.123.456", "cédula 52.123.456", "CC52123456", "５２１２３４５６", "052123456"):
        own, of_beto = patients.find_patients_by_document(uow, text)
    assert (own["patient"], own["beneficiary_id"], own["city_id"]) == (f"u:{ana.id}", None, township().id)
    assert own["plan"]["name"] == "Familiar"
    assert (of_beto["patient"], of_beto["member"], of_beto["city_name"]) == (f"b:{mateo.id}", beto.user.name, "")
    assert of_beto["plan"] is None


def test_nobody_is_found_without_a_document(db):
    uow = UnitOfWork(agent().actor, NOW)
    member()
    assert [patients.find_patients_by_document(uow, text) for text in ("", " . ", "CC", "1")] == [[]] * 4


def search(text):
    found = patients.search_patients(UnitOfWork(agent().actor, NOW), text)
    return [row["name"] for row in found["patients"]], found["has_more"]


def test_patients_are_found_by_name_and_by_the_contact_of_their_member(db):
    ana = member("Ana", last_name="Rojas", email="ana.rojas@x.co", phone="+57 304 512 7788", document_number="52123456")
    beneficiary(ana, "Elías", last_name="Rojas", document_number="1020304050")
    beneficiary(ana, "Luz", last_name="Rojas", removed_at=NOW)
    member("Anabel", last_name="Gil", email="gil@x.co", phone="", document_number="71000000")
    assert search("ana") == (["Ana Rojas", "Anabel Gil"], False)
    assert search("ELIAS roj") == (["Elías Rojas"], False)
    assert search("10203040") == (["Elías Rojas"], False)
    for contact in ("304 512 7788", "ana.rojas@", "52.123.456"):
        assert search(contact) == (["Ana Rojas", "Elías Rojas"], False)
    assert [search(text) for text in ("", "luz", "zzzz", "%", "\0")] == [([], False)] * 5


def test_exact_names_are_among_those_that_are_sorted(db, monkeypatch):
    monkeypatch.setattr(people, "MAX_SORTED_PEOPLE", 2)
    for number in range(4):
        beneficiary(member(f"Anabel{number}"), f"Anabel{number}")
    member("Ana", last_name="Zuluaga")
    names, has_more = search("ana")
    assert ("Ana Zuluaga" in names, len(names), has_more) == (True, 4, False)


def test_statements_do_not_grow_with_the_patients_that_are_found(db, monkeypatch):
    def count_statements():
        seen, original = [], type(db).execute_sql
        with monkeypatch.context() as patch:
            patch.setattr(
                type(db), "execute_sql", lambda self, sql, *rest: seen.append(sql) or original(self, sql, *rest)
            )
            assert search("ana")[0]
        return len(seen)

    beneficiary(member_with_plan("Ana", township=township()), "Ana")
    of_two = count_statements()
    for number in range(4):
        beneficiary(member_with_plan(f"Ana{number}", township=township()), f"Ana{number}")
    assert count_statements() == of_two


def test_ten_patients_are_found_with_their_documents_masked_and_more_are_said(db):
    for number in range(11):
        beneficiary(member(f"Ana{number:02}"), f"Ana{number:02}", document_number=f"98765432{number:02}")
    names, has_more = search("ana")
    assert (names[0][:5], len(names), has_more) == ("Ana00", 10, True)
    (row,) = patients.search_patients(UnitOfWork(agent().actor, NOW), "9876543203")["patients"]
    assert row["document"] == "TI •••• 3203"


def test_reason_is_asked_for_unless_the_member_refuses_it(db):
    ana, luis = member("Ana", document_number="52000111"), member("Luis", document_number="52000222")
    beneficiary(ana)
    row = {"kind": HEALTH_DATA, "version": "1", "address": "", "given_at": NOW, "withdrawn_at": NOW}
    Consent.create(user=ana.id, **row)
    chat = support_chat(ana, desk := agent())
    found = patients.find_patients_of_chat(UnitOfWork(desk.actor, NOW), chat.id)
    assert [(one["asks_reason"], one["needs_consent"]) for one in found] == [(False, False)] * 2
    (other,) = patients.find_patients_by_document(UnitOfWork(desk.actor, NOW), luis.user.document_number)
    assert (other["asks_reason"], other["needs_consent"]) == (True, True)
    Consent.create(user=luis.id, **{**row, "withdrawn_at": None})
    (other,) = patients.find_patients_by_document(UnitOfWork(desk.actor, NOW), luis.user.document_number)
    assert (other["asks_reason"], other["needs_consent"]) == (True, False)
