"""An address counts once it was confirmed, and both are told; a number is changed at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from beneficiate.actions import own_contacts as actions
from beneficiate.actions import passwords
from beneficiate.errors import Conflict, NotFound, RateLimited
from beneficiate.models.account_emails import ADDRESS_CHANGED
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.account_steps import send_all
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.factories import agent, member


@pytest.fixture
def uow(db):
    return UnitOfWork(SYSTEM, NOW)


def ask(who, email="nueva@x.co"):
    present = User.get_by_id(who.id).password_hash
    actions.request_address(UnitOfWork(who.actor, NOW), actions.RequestAddress(email, "203.0.113.7", present))
    return send_all(NOW)[-1].token


def test_address_changes_with_the_link_and_both_are_told(uow):
    ana = member("Ana", email="ana@x.co")
    token = ask(ana)
    assert User.get_by_id(ana.id).email == "ana@x.co"
    assert actions.confirm_address(uow, token) == ana.id
    assert User.get_by_id(ana.id).email == "nueva@x.co"
    assert [(one.kind, one.email) for one in send_all(NOW)] == [
        (ADDRESS_CHANGED, "ana@x.co"),
        (ADDRESS_CHANGED, "nueva@x.co"),
    ]
    with pytest.raises(NotFound):
        actions.confirm_address(uow, token)


def test_link_is_for_the_account_as_it_was(uow):
    ana = member("Ana")
    token = ask(ana)
    User.update(password_hash="otra").where(User.id == ana.id).execute()
    with pytest.raises(NotFound):
        actions.confirm_address(uow, token)
    fresh = ask(ana)
    with pytest.raises(NotFound):
        actions.confirm_address(UnitOfWork(SYSTEM, NOW + timedelta(days=1)), fresh)


def test_address_that_was_asked_for_and_not_sent_is_void_after_a_change(uow):
    ana = member("Ana", email="ana@x.co")
    actor = UnitOfWork(ana.actor, NOW)
    present = User.get_by_id(ana.id).password_hash
    theirs = actions.RequestAddress("ladron@x.co", "203.0.113.7", present)
    actions.request_address(actor, theirs)
    passwords.change_password(actor, passwords.ChangePassword(present, "otra", ""))
    assert [one.email for one in send_all(NOW)] == ["ana@x.co"]
    with pytest.raises(Conflict):
        actions.request_address(actor, theirs)
    token = ask(ana)
    actions.request_address(actor, replace(theirs, present_hash="otra"))
    actions.confirm_address(uow, token)
    assert [one.email for one in send_all(NOW)] == ["ana@x.co", "nueva@x.co"]


def test_address_that_somebody_has_got_meanwhile_is_refused(uow):
    token = ask(member("Ana"))
    member("Luis", email="nueva@x.co")
    with pytest.raises(Conflict):
        actions.confirm_address(uow, token)


def test_no_link_to_a_password_outlives_the_address(uow):
    ana = member("Ana", email="ana@x.co")
    passwords.request_recovery(uow, passwords.RequestRecovery("ana@x.co", "203.0.113.7"))
    recovery = send_all(NOW)[-1].token
    actions.confirm_address(uow, ask(ana))
    with pytest.raises(NotFound):
        passwords.reset_password(uow, passwords.ResetPassword(recovery, "otra"))


def test_number_is_changed_so_often_an_hour(uow):
    ana = member("Ana")
    own = UnitOfWork(ana.actor, NOW)
    for number in range(10):
        actions.change_phone(own, f"+57310442801{number}")
    assert User.get_by_id(ana.id).phone == "+573104428019"
    with pytest.raises(RateLimited):
        actions.change_phone(own, "+573104428010")


def test_changes_of_the_staff_are_recorded_without_what_they_say(uow):
    yuliana = agent()
    own = UnitOfWork(yuliana.actor, NOW)
    actions.change_phone(own, "+573104428016")
    actions.confirm_address(own, ask(yuliana))
    own.finish()
    entries = list(AuditEntry.select().order_by(AuditEntry.id))
    assert [entry.what for entry in entries] == ["accounts.change_phone", "accounts.change_email"]
    assert not [entry for entry in entries if "310" in entry.after or "nueva" in entry.after]
