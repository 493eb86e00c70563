"""What supervisors see of an invitation."""

from datetime import timedelta

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, StaffInvitation
from beneficiate.queries.invitations import load_invitation_defaults, load_invitation_state
from beneficiate.queries.undelivered_emails import REFUSED_TRIES
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, supervisor
from tests.queries.appointment_rows import DAY, NOW


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, ""),
        ({"expires_at": NOW}, "venció"),
        ({"email": "otra@x.co"}, "cambió"),
        ({"tries": REFUSED_TRIES}, "no lo aceptó"),
        ({"tries": REFUSED_TRIES, "sent_at": NOW - timedelta(hours=1)}, ""),
    ],
)
def test_state_says_what_stands_against_it(db, columns, words):
    uow, iris = UnitOfWork(supervisor().actor, NOW), agent("Iris")
    assert load_invitation_state(uow, iris.id) is None
    given = {"email": iris.user.email, "expires_at": NOW + DAY, "created_at": NOW, **columns}
    StaffInvitation.create(user=iris.id, **given)
    state = load_invitation_state(uow, iris.id)
    assert (words in state.problem, bool(state.problem)) == (True, bool(words))


def test_form_begins_with_a_code_that_nobody_has(db):
    marta = supervisor()
    Agent.update(agent_code=f"AG-{marta.agent_id + 1:03}").where(Agent.id == marta.agent_id).execute()
    defaults = load_invitation_defaults(UnitOfWork(marta.actor, NOW))
    assert (defaults["codigo"], defaults["capacidad"]) == (f"AG-{marta.agent_id + 2:03}", "5")
    with pytest.raises(NotFound):
        load_invitation_defaults(UnitOfWork(agent().actor, NOW))
