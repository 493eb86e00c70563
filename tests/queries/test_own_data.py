"""What a member sees of their consents, and how many reasons withdrawing one deletes."""

from datetime import UTC, datetime, timedelta

from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.models.consents import Consent
from beneficiate.queries.own_data import load_own_data
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import EIGHT_OCLOCK, HALF_PAST, book_appointment
from tests.factories import agent, member_with_plan, professional

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def test_reasons_of_the_members_own_appointments_are_counted(act, db):
    ana, beto, whom = member_with_plan(), member_with_plan(), professional()
    for who, starts_at in ((ana, EIGHT_OCLOCK), (beto, HALF_PAST)):
        book_appointment(act, who, who, whom, starts_at, consent_version="1")
    later = EIGHT_OCLOCK + timedelta(hours=2)
    book_appointment(act, agent(), beto, whom, later, notes=NO_REASON)
    seen = {who.id: load_own_data(UnitOfWork(who.actor, NOW)) for who in (ana, beto)}
    assert {seen[ana.id].reasons, seen[beto.id].reasons} == {1}
    assert (seen[ana.id].general_state, seen[ana.id].health_state, seen[ana.id].asks_reasons) == ("none", "given", True)
    Consent.update(withdrawn_at=NOW).where(Consent.user == ana.id).execute()
    after = load_own_data(UnitOfWork(ana.actor, NOW))
    assert (after.health_state, after.asks_reasons) == ("withdrawn", False)
