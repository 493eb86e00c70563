"""A file of members is stored as it was understood, and imported once, in parts, when it is confirmed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import member_import_files as actions
from beneficiate.actions.member_imports import TAKEN
from beneficiate.domain.erasures import NOT_BROUGHT_BACK
from beneficiate.domain.member_files import FileMember, RefusedRow
from beneficiate.errors import Gone, NotFound, RateLimited
from beneficiate.limits import MEMBER_IMPORTS
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.imports import MemberImport, MemberImportRow
from beneficiate.unit_of_work import SYSTEM
from tests.factories import agent, erased_person, member, supervisor

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)
FILE = actions.BeginImport("miembros.csv", "d" * 64, "UTF-8", ";", "tipo,numero,nombres,apellidos,correo")
JOSE = FileMember(2, "CC", "52100200", "José", "Peña", "jose@x.co", "+573104428016", None)
ROSA = replace(JOSE, row=3, document_number="52100201", email="rosa@x.co")


@pytest.fixture
def marta(db):
    return supervisor("Marta")


@pytest.fixture
def store(act, marta):
    """Store a file of these members and refused rows, and return its id."""

    def do(*members, refused=()):
        import_id, _ = act(actions.begin_import, FILE, marta.actor, NOW)
        act(actions.store_import_rows, actions.StoreImportRows(import_id, members, refused), marta.actor, NOW)
        act(actions.finish_preview, import_id, marta.actor, NOW)
        return import_id

    return do


@pytest.fixture
def confirm(act, marta):
    def do(import_id, sends_links=False, who=None, now=NOW):
        act(actions.confirm_import, actions.ConfirmImport(import_id, sends_links), (who or marta).actor, now)

    return do


@pytest.fixture
def run(act):
    """Do what the job does until nothing is left; return how many parts there were."""

    def do():
        parts = 0
        while act(actions.import_next_part, None, SYSTEM, NOW)[0]:
            parts += 1
        return parts

    return do


def counts(import_id):
    row = MemberImport.get_by_id(import_id)
    return row.state, row.new_rows, row.imported_rows, row.present_rows, row.refused_rows


def test_preview_says_what_would_become_of_each_row_and_imports_nothing(store, run):
    member(email="ana@x.co", document_type="CC", document_number="52000111")
    there = replace(JOSE, row=4, document_number="52000111", email="ana@x.co")
    taken = replace(JOSE, row=5, document_number="52000111", email="otra@x.co")
    import_id = store(JOSE, ROSA, there, taken, refused=[RefusedRow(6, "El correo no es válido.")])
    assert counts(import_id) == ("PREVIEW", 2, 0, 1, 2)
    refused = MemberImportRow.select().where(MemberImportRow.reason != "").order_by(MemberImportRow.number)
    assert [(row.number, row.reason, row.document_number, row.email) for row in refused] == [
        (5, TAKEN, "", ""),
        (6, "El correo no es válido.", "", ""),
    ]
    assert run() == 0
    assert not User.select().where(User.email == JOSE.email).exists()


def test_confirmed_file_is_imported_in_parts_and_only_once(store, confirm, run, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_PER_PART", 1)
    import_id = store(JOSE, ROSA)
    confirm(import_id, sends_links=True)
    confirm(import_id)
    assert MemberImport.get_by_id(import_id).sends_links
    assert run() == 3
    assert counts(import_id) == ("DONE", 2, 2, 0, 0)
    assert AccountEmail.select().count() == 2
    assert MemberImportRow.select().count() == 0
    confirm(import_id)
    assert run() == 0
    entries = AuditEntry.select().where(AuditEntry.what.startswith("members.")).order_by(AuditEntry.id)
    kinds = [entry.what for entry in entries]
    assert kinds == ["members.preview", "members.confirm", "members.import"]


def test_interrupted_import_goes_on_with_what_is_left(act, store, confirm, run, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_PER_PART", 1)
    import_id = store(JOSE, ROSA)
    confirm(import_id)
    assert act(actions.import_next_part, None, SYSTEM, NOW)[0]
    assert counts(import_id) == ("RUNNING", 2, 1, 0, 0)
    run()
    assert counts(import_id) == ("DONE", 2, 2, 0, 0)
    assert User.select().where(User.email.in_([JOSE.email, ROSA.email])).count() == 2


def test_who_got_an_account_since_the_preview_is_not_imported_again(store, confirm, run):
    import_id = store(JOSE, ROSA)
    member(email=JOSE.email, document_type="CC", document_number=JOSE.document_number)
    member(email=ROSA.email, document_type="CC", document_number="1000")
    confirm(import_id)
    run()
    assert counts(import_id) == ("DONE", 2, 0, 1, 1)
    assert MemberImportRow.get().reason == TAKEN


def test_files_are_imported_in_the_order_in_which_they_were_confirmed(act, store, confirm):
    first, second = store(JOSE), store(ROSA)
    confirm(second)
    confirm(first, now=NOW + timedelta(minutes=1))
    act(actions.import_next_part, None, SYSTEM, NOW)
    assert (counts(first)[2], counts(second)[2]) == (0, 1)


def test_discarded_file_is_gone(act, store, confirm, run, marta):
    import_id = store(JOSE)
    act(actions.discard_import, import_id, marta.actor, NOW)
    assert MemberImportRow.select().count() == 0
    with pytest.raises(Gone):
        confirm(import_id)
    assert run() == 0
    act(actions.discard_import, import_id, marta.actor, NOW)
    assert AuditEntry.select().where(AuditEntry.what == "members.discard").count() == 1


def test_what_is_imported_cannot_be_discarded(act, store, confirm, marta):
    import_id = store(JOSE)
    confirm(import_id)
    act(actions.discard_import, import_id, marta.actor, NOW)
    assert counts(import_id)[0] == "RUNNING"


def test_what_nobody_confirms_is_deleted_after_a_day(act, store, marta):
    import_id = store(JOSE)
    begun, _ = act(actions.begin_import, FILE, marta.actor, NOW)
    act(actions.discard_old_imports, None, SYSTEM, NOW + timedelta(hours=23))
    assert (counts(import_id)[0], counts(begun)[0]) == ("PREVIEW", "DISCARDED")
    act(actions.discard_old_imports, None, SYSTEM, NOW + timedelta(hours=25))
    assert counts(import_id)[0] == "DISCARDED"
    assert MemberImportRow.select().count() == 0


def test_only_supervisors_import(act, store, confirm):
    import_id = store(JOSE)
    with pytest.raises(NotFound):
        act(actions.begin_import, FILE, agent().actor, NOW)
    with pytest.raises(NotFound):
        confirm(import_id, who=agent())
    with pytest.raises(NotFound):
        confirm(import_id + 1)


def test_files_of_one_person_have_a_limit(act, marta):
    for _ in range(MEMBER_IMPORTS.staff_amount):
        act(actions.begin_import, FILE, marta.actor, NOW)
    with pytest.raises(RateLimited):
        act(actions.begin_import, FILE, marta.actor, NOW)


def test_who_was_erased_is_refused_in_the_preview_and_by_the_job(store, confirm, run):
    erased_person("CC", ROSA.document_number)
    import_id = store(JOSE, ROSA)
    assert counts(import_id) == ("PREVIEW", 1, 0, 0, 1)
    erased_person("CC", JOSE.document_number)
    confirm(import_id)
    run()
    assert counts(import_id)[2:] == (0, 0, 2)
    rows = MemberImportRow.select(MemberImportRow.number, MemberImportRow.reason).order_by(MemberImportRow.number)
    assert list(rows.tuples()) == [(2, NOT_BROUGHT_BACK), (3, NOT_BROUGHT_BACK)]
