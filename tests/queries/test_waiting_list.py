"""The offers of freed slots that members can still accept."""

from datetime import timedelta

from beneficiate.domain.booking.lifecycle import CONFIRMED
from beneficiate.models.appointments import WaitingListEntry
from beneficiate.queries.waiting_list import OFFERED, list_open_offers
from tests.factories import member, professional
from tests.queries.appointment_rows import DAY, NOW, create_appointment

MINUTE = timedelta(minutes=1)
SLOT = NOW + 2 * DAY


def offer(who, whom, expires_at, status=OFFERED):
    appointment = create_appointment(who, CONFIRMED, NOW + 9 * DAY, professional=whom)
    given = {"offered_professional": whom, "offered_at": SLOT, "offer_expires_at": expires_at}
    WaitingListEntry.create(appointment=appointment, status=status, created_at=NOW, **given)
    return appointment


def test_offer_has_the_slot_its_professional_and_its_end(db):
    ana, german = member(), professional(confirms_itself=True)
    appointment = offer(ana, german, NOW + MINUTE)
    (found,) = list_open_offers([ana.id], NOW)[ana.id]
    assert (found.appointment_id, found.professional_id, found.professional_name) == (
        appointment.id,
        german.id,
        german.name,
    )
    assert (found.starts_at, found.expires_at, found.condition) == (SLOT, NOW + MINUTE, "")


def test_offer_says_that_the_professional_has_to_confirm_it(db):
    ana = member()
    offer(ana, professional(confirms_itself=False), NOW + MINUTE)
    (found,) = list_open_offers([ana.id], NOW)[ana.id]
    assert found.condition == "Este profesional confirma cada cita: la suya queda por confirmar y le avisamos."


def test_offer_is_over_at_its_end_and_when_it_was_answered(db):
    ana, german = member(), professional()
    offer(ana, german, NOW)
    offer(ana, german, NOW + MINUTE, status="WAITING")
    assert list_open_offers([ana.id], NOW) == {}
    assert list(list_open_offers([ana.id], NOW - MINUTE)) == [ana.id]


def test_each_member_gets_their_own_the_newest_first(db):
    ana, beto, german = member(), member("Beto"), professional()
    first, second = offer(ana, german, NOW + MINUTE), offer(ana, german, NOW + 2 * MINUTE)
    his = offer(beto, german, NOW + MINUTE)
    found = list_open_offers([ana.id, beto.id], NOW)
    assert {id_: [one.appointment_id for one in offers] for id_, offers in found.items()} == {
        ana.id: [second.id, first.id],
        beto.id: [his.id],
    }
    assert list(list_open_offers([beto.id], NOW)) == [beto.id]
    assert list_open_offers([], NOW) == {}
