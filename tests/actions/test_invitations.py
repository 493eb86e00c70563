"""Invitations: an account that nobody can enter until its person sets a password, once, within seven days."""

import json
from datetime import timedelta

import pytest

from beneficiate.actions import emails, staff
from beneficiate.actions import invitations as actions
from beneficiate.errors import Conflict, InvalidForm, NotFound
from beneficiate.models.accounts import Agent, StaffInvitation, User
from beneficiate.models.audit import AuditEntry
from beneficiate.queries.accounts import find_actors
from beneficiate.queries.invitations import load_invited_person
from beneficiate.queries.staff import load_staff_list
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.factories import agent, member, supervisor

TYPED = {
    "nombres": "Iris",
    "apellidos": "Uribe",
    "correo": "iris@x.co",
    "tipo": "CC",
    "documento": "52.777.888",
    "codigo": "AG-900",
    "capacidad": "4",
    "temas": "",
    "papel": "agente",
}
DAY = timedelta(days=1)


@pytest.fixture
def marta(db):
    return supervisor("Marta")


@pytest.fixture
def run(act, marta):
    return lambda action, command, who=None, now=NOW: act(action, command, (who or marta).actor, now)[0]


@pytest.fixture
def invite(run):
    return lambda **typed: run(actions.invite_staff_member, actions.InviteStaffMember({**TYPED, **typed}))


@pytest.fixture
def send(act):
    """Send what is due, and return the invitation."""

    def do(now=NOW):
        (pending,) = _claim(act, now)
        return pending

    return do


def _claim(act, now):
    return act(actions.claim_invitations, None, SYSTEM, now)[0]


def accept(act, token, now=NOW):
    return act(actions.accept_invitation, actions.AcceptInvitation(token, "a hash"), SYSTEM, now)[0]


def state_of(marta, user_id):
    found = load_staff_list(UnitOfWork(marta.actor, NOW), ListFilters())
    return next(row.state for row in found.rows if row.row_id == user_id)


def test_invited_one_sets_a_password_once_and_is_one_of_the_staff(act, marta, invite, send):
    user_id = invite(papel="supervisor")
    assert (state_of(marta, user_id), User.get_by_id(user_id).password_hash) == ("invitadas", "")
    assert find_actors([user_id])[user_id].role == "member"
    pending = send()
    assert (pending.email, pending.name, pending.expires_at) == ("iris@x.co", "Iris", NOW + 7 * DAY)
    # Reading the page uses nothing up.
    for _ in range(2):
        assert load_invited_person(UnitOfWork(SYSTEM, NOW), pending.token).email == "iris@x.co"
    assert accept(act, pending.token) == user_id
    assert find_actors([user_id])[user_id].role == "supervisor"
    assert User.get_by_id(user_id).password_hash == "a hash"
    assert (state_of(marta, user_id), Agent.get(Agent.user == user_id).availability) == ("activas", "offline")
    with pytest.raises(NotFound):
        accept(act, pending.token)
    entries = [(row.what, row.actor_id) for row in AuditEntry.select().order_by(AuditEntry.id)]
    assert entries == [("staff.invite", marta.id), ("staff.accept_invitation", user_id)]
    assert "iris" not in json.dumps([row.after for row in AuditEntry.select()])


def test_link_expires_and_a_newer_one_replaces_it(act, run, invite, send):
    user_id = invite()
    first = send()
    with pytest.raises(NotFound):
        accept(act, first.token, NOW + 7 * DAY)
    run(actions.resend_invitation, user_id)
    second = send()
    for token in (first.token, "", "x" * 43):
        with pytest.raises(NotFound):
            accept(act, token)
    assert accept(act, second.token) == user_id
    with pytest.raises(Conflict):
        run(actions.resend_invitation, user_id)


def test_link_is_bound_to_the_address(act, run, invite, send):
    user_id = invite()
    pending = send()
    User.update(email="otra@x.co").where(User.id == user_id).execute()
    with pytest.raises(NotFound):
        accept(act, pending.token)


def test_cancelled_and_deactivated_ones_cannot_accept_until_they_are_invited_again(act, run, marta, invite, send):
    user_id = invite()
    pending = send()
    run(actions.cancel_invitation, user_id)
    assert state_of(marta, user_id) == "inactivas"
    with pytest.raises(NotFound):
        accept(act, pending.token)
    run(actions.cancel_invitation, user_id)
    assert AuditEntry.select().where(AuditEntry.what == "staff.cancel_invitation").count() == 1
    with pytest.raises(Conflict):
        run(actions.cancel_invitation, agent().id)
    run(actions.resend_invitation, user_id)
    pending = send()
    run(staff.deactivate_staff_member, user_id)
    with pytest.raises(NotFound):
        accept(act, pending.token)


def test_failed_email_is_tried_again_with_another_token(act, invite, send):
    invite()
    first = send()
    later = NOW + timedelta(minutes=6)
    second = send(later)
    assert (first.email_id, first.key) == (second.email_id, second.key)
    assert first.token != second.token
    act(actions.record_invitation_failure, emails.FailedEmail(second.email_id, is_refused=True), SYSTEM, later)
    assert _claim(act, later + DAY) == []
    act(actions.mark_invitations_sent, [second.email_id], SYSTEM, later)
    assert StaffInvitation.get().sent_at == later


def test_invitation_that_expired_before_it_was_sent_is_not_sent(act, invite):
    invite()
    assert _claim(act, NOW + 8 * DAY) == []


def test_what_is_taken_or_wrong_is_said_by_field(invite, marta):
    omar, gone = agent("Omar"), agent("Edwin")
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    ana = member("Ana")
    for field, text, words in (
        ("correo", omar.user.email, "ya es de Omar"),
        ("correo", gone.user.email, "Inactivas"),
        ("documento", ana.user.document_number, "otra cuenta"),
        ("documento", "x", ""),
        ("tipo", "?", "tipo"),
        ("temas", "99999", "lista"),
        ("capacidad", "25", "Entre 0 y 12"),
    ):
        with pytest.raises(InvalidForm) as caught:
            invite(**{field: text})
        assert list(caught.value.fields) == [field]
        assert words in caught.value.fields[field]


def test_everything_that_is_wrong_is_said_at_once(invite):
    with pytest.raises(InvalidForm) as caught:
        invite(nombres="", documento="")
    assert list(caught.value.fields) == ["nombres", "documento"]


def test_only_supervisors_invite(run, invite):
    user_id = invite()
    for action, command in (
        (actions.invite_staff_member, actions.InviteStaffMember(TYPED)),
        (actions.resend_invitation, user_id),
        (actions.cancel_invitation, user_id),
    ):
        with pytest.raises(NotFound):
            run(action, command, agent())
