"""Members of a file become accounts once, without a password."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from beneficiate.actions.member_imports import TAKEN, ImportMembers, import_members, plan_member_import
from beneficiate.domain.erasures import NOT_BROUGHT_BACK
from beneficiate.domain.member_files import FileMember
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.passwords import verify_password
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import erased_person, member

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)
JOSE = FileMember(2, "CC", "52100200", "José", "Peña", "jose@x.co", "+573104428016", None)


def test_new_member_has_no_password_and_is_there_the_second_time(act):
    plan, events = act(import_members, ImportMembers([JOSE]), SYSTEM)
    assert (plan.new, plan.present, plan.refused, events) == ([JOSE], 0, [], [])
    row = User.get(User.email == "jose@x.co")
    assert (row.first_name, row.document_number, row.phone) == ("José", "52100200", "+573104428016")
    assert not verify_password("!", row.password_hash)
    again, _ = act(import_members, ImportMembers([JOSE], sends_links=True), SYSTEM)
    assert (again.new, again.present) == ([], 1)
    assert User.select().count() == 1
    (entry,) = AuditEntry.select().where(AuditEntry.what == "members.import")
    assert (entry.subject, entry.after) == ("import", '{"rows": 1}')
    assert AccountEmail.select().count() == 0


def test_link_is_sent_where_that_is_wanted(act):
    act(import_members, ImportMembers([JOSE], sends_links=True), SYSTEM)
    (email,) = AccountEmail.select()
    assert (email.kind, email.email, email.user.email) == ("imported", "jose@x.co", "jose@x.co")
    assert email.expires_at - email.created_at == timedelta(days=3)


def test_document_or_address_of_another_account_is_refused(db):
    ana = member(email="ana@x.co", document_type="CC", document_number="52000111")
    members = [
        replace(JOSE, email="ana@x.co"),
        replace(JOSE, row=3, document_number="52000111"),
        replace(JOSE, row=4, document_number="52000111", email="ana@x.co"),
    ]
    plan = plan_member_import(UnitOfWork(SYSTEM, NOW), members)
    assert [(one.row, one.reason) for one in plan.refused] == [(2, TAKEN), (3, TAKEN)]
    assert (plan.new, plan.present) == ([], 1)
    assert ana.id


def test_many_members_are_imported_in_parts(act):
    many = [replace(JOSE, document_number=str(52000000 + n), email=f"p{n}@x.co") for n in range(1_200)]
    plan, _ = act(import_members, ImportMembers(many), SYSTEM)
    assert len(plan.new) == User.select().count() == 1_200


def test_who_was_erased_is_not_brought_back_unless_they_registered_again(act, db):
    for number in ("52100200", "52100201"):
        erased_person("CC", number)
    member(email="back@x.co", document_type="CC", document_number="52100201")
    back = replace(JOSE, row=3, document_number="52100201", email="back@x.co")
    other_type = replace(JOSE, row=4, document_type="CE", email="ce@x.co")
    plan, _ = act(import_members, ImportMembers([JOSE, back, other_type]), SYSTEM)
    assert [(one.row, one.reason) for one in plan.refused] == [(2, NOT_BROUGHT_BACK)]
    assert (plan.present, [one.row for one in plan.new]) == (1, [4])
    assert not User.select().where(User.document_number == "52100200", User.document_type == "CC").exists()
