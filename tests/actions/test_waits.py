"""The waiting list: a freed slot goes to one after the other, each for half an hour."""

import pytest

from beneficiate.actions import waits
from beneficiate.actions.appointments import ChangeVisit, answer_offer, change, expire
from beneficiate.actions.requests import request
from beneficiate.actions.slots import drop_holds
from beneficiate.errors import IllegalTransition, NotFound, SlotTaken
from beneficiate.models.appointments import Appointment, Hold, Wait
from beneficiate.protocol import topics
from beneficiate.protocol.bookings import AppointmentChanged, SlotOffered
from beneficiate.scheduling.lifecycle import CANCELLED, CONFIRMED, PENDING, RESCHEDULED, TO_BE_CONFIRMED
from beneficiate.store import SYSTEM
from tests.actions.visits import (
    EIGHT,
    HALF_PAST,
    HOUR,
    MINUTE,
    NOW,
    asked,
    booked,
    cancelled,
    confirmed,
    history,
    is_open,
    moved,
    put,
    step,
    taken,
    time_of,
)
from tests.people import MEDELLIN_CODE, agent, insured, professional, township
from tests.scheduling.moments import at

LATER = at("2026-11-27 09:00")
HALF_AN_HOUR = 30 * MINUTE


class Line:
    """Somebody has the time at eight; others wait for an earlier one than theirs."""

    def __init__(self, act):
        self.act = act
        self.german = professional()
        self.first = insured("Primera")
        self.early = booked(act, agent(), self.first, self.german)

    def waiting(self, name, starts_at=LATER, joins_at=NOW):
        who = insured(name)
        visit = booked(self.act, agent(), who, self.german, starts_at)
        self.act(waits.join, visit.id, who.actor, joins_at)
        return who, visit

    def free(self, now=NOW):
        """The early time becomes free; what is said then."""
        return self.act(change, ChangeVisit(self.early.id, CANCELLED, "Se enfermó"), agent().actor, now)[1]

    def offered(self, now=NOW):
        """The same; to which appointments it is offered."""
        return offers(self.free(now))

    def answer(self, who, visit, accepts, now=NOW):
        return self.act(answer_offer, waits.AnswerOffer(visit.id, accepts), who.actor, now)

    def tick(self, now):
        count, events = self.act(waits.pass_on_expired, None, SYSTEM, now)
        return count, offers(events)


def offers(events):
    return [one.event.appointment_id for one in events if isinstance(one.event, SlotOffered)]


def state(visit):
    wait = Wait.get_or_none(Wait.appointment == visit.id)
    return wait and wait.status


@pytest.fixture
def line(act, db):
    return Line(act)


def test_a_freed_time_is_offered_to_who_has_waited_longest_and_kept_for_them(act, line):
    ana, visit = line.waiting("Ana")
    line.waiting("Beto", LATER + HALF_AN_HOUR)
    offer = next(one for one in line.free() if isinstance(one.event, SlotOffered))
    assert offer.event == SlotOffered(
        appointment_id=visit.id,
        professional_id=line.german.id,
        professional_name=line.german.name,
        starts_at=EIGHT,
        expires_at=NOW + HALF_AN_HOUR,
    )
    assert offer.to == (topics.user(ana.id), topics.AGENTS)
    assert time_of(f"p:{line.german.id}", EIGHT, 30) <= taken()
    with pytest.raises(SlotTaken):
        booked(act, agent(), insured(), line.german)


def test_accepting_moves_the_visit_and_offers_what_it_leaves(act, line):
    ana, visit = line.waiting("Ana")
    beto, his = line.waiting("Beto", LATER + HALF_AN_HOUR)
    assert line.offered() == [visit.id]
    picture, events = line.answer(ana, visit, accepts=True)
    assert (picture.status, picture.starts_at, picture.version) == (RESCHEDULED, EIGHT, 1)
    assert history(visit)[-1] == (CONFIRMED, RESCHEDULED, ana.id, "member", "Aceptó un horario liberado.")
    assert taken(visit) == time_of(f"p:{line.german.id}", EIGHT, 30) | time_of(f"u:{ana.id}", EIGHT, 30)
    assert offers(events) == [his.id]
    assert isinstance(events[-1].event, AppointmentChanged)
    assert (state(visit), state(his)) == (waits.TAKEN, waits.OFFERED)
    assert line.answer(beto, his, accepts=True)[0].starts_at == LATER


def test_declining_passes_it_on_and_the_last_one_leaves_it_free(act, line):
    people = [line.waiting(name, LATER + n * HALF_AN_HOUR) for n, name in enumerate(("Ana", "Beto"))]
    assert line.offered() == [people[0][1].id]
    picture, events = line.answer(*people[0], accepts=False)
    assert (picture.starts_at, offers(events)) == (LATER, [people[1][1].id])
    assert offers(line.answer(*people[1], accepts=False)[1]) == []
    assert not Hold.select().exists()
    assert booked(act, agent(), insured(), line.german).starts_at == EIGHT


def test_an_offer_that_nobody_answers_goes_on_by_itself_one_by_one(act, line):
    visits = [line.waiting(str(n), LATER + n * HALF_AN_HOUR)[1] for n in range(3)]
    assert line.offered() == [visits[0].id]
    assert line.tick(NOW + HALF_AN_HOUR - MINUTE) == (0, [])
    for n, expected in enumerate([(1, [visits[1].id]), (1, [visits[2].id]), (1, []), (0, [])]):
        assert line.tick(NOW + (n + 1) * HALF_AN_HOUR) == expected
        assert line.tick(NOW + (n + 1) * HALF_AN_HOUR) == (0, [])
    assert not Hold.select().exists()
    assert [state(visit) for visit in visits] == [waits.DECLINED] * 3


def test_an_answer_after_the_end_is_too_late(line):
    ana, visit = line.waiting("Ana")
    line.free()
    with pytest.raises(SlotTaken):
        line.answer(ana, visit, accepts=True, now=NOW + HALF_AN_HOUR)
    assert line.answer(ana, visit, accepts=True, now=NOW + HALF_AN_HOUR - MINUTE)[0].starts_at == EIGHT


def test_an_offer_may_be_taken_until_its_end_even_within_the_notice(line):
    ana, visit = line.waiting("Ana")
    now = EIGHT - 2 * HOUR - MINUTE
    assert line.offered(now) == [visit.id]
    assert line.answer(ana, visit, accepts=True, now=now + 20 * MINUTE)[0].starts_at == EIGHT


def test_only_ones_own_offer_can_be_answered_and_only_once(line):
    ana, visit = line.waiting("Ana")
    beto, his = line.waiting("Beto", LATER + HALF_AN_HOUR)
    line.free()
    for who, other in ((beto, visit), (beto, his), (insured(), visit)):
        for accepts in (True, False):
            with pytest.raises(NotFound):
                line.answer(who, other, accepts)
    line.answer(ana, visit, accepts=True)
    with pytest.raises(NotFound):
        line.answer(ana, visit, accepts=True)


def test_an_agent_answers_for_the_member_who_calls(line):
    ana, visit = line.waiting("Ana")
    line.free()
    picture, _ = line.answer(agent(), visit, accepts=True)
    assert (picture.starts_at, picture.user_id) == (EIGHT, ana.id)
    assert not Hold.select().exists()


def test_an_offer_for_a_visit_that_was_cancelled_meanwhile_is_void(act, line):
    ana, visit = line.waiting("Ana")
    line.free()
    cancelled(act, ana, visit)
    with pytest.raises(NotFound):
        line.answer(ana, visit, accepts=True)
    assert not is_open(visit)
    assert not Hold.select().exists()
    assert line.tick(NOW + HALF_AN_HOUR) == (0, [])


def test_a_request_without_a_time_gets_one(act, line):
    for confirms_itself, status in ((True, CONFIRMED), (False, TO_BE_CONFIRMED)):
        german = professional(confirms_itself=confirms_itself)
        early = booked(act, agent(), insured(), german)
        ana = insured()
        pending, _ = act(request, asked(ana), ana.actor, NOW)
        act(waits.join, pending.id, ana.actor, NOW)
        cancelled(act, agent(), early)
        picture, _ = line.answer(ana, pending, accepts=True)
        assert (picture.status, picture.professional_id) == (status, german.id)
        assert history(pending)[-1][:2] == (PENDING, status)


def test_it_is_offered_only_to_who_it_is_good_for(act, line):
    for changes in (
        {"specialty_id": line.early.specialty_id + 1},
        {"township_id": township(MEDELLIN_CODE).id},
    ):
        who = insured()
        visit, _ = act(request, asked(who, **changes), who.actor, NOW)
        act(waits.join, visit.id, who.actor, NOW)
    _, over = line.waiting("Ana")
    put(over, CANCELLED)
    booked(act, agent(), insured(), line.german, HALF_PAST)
    early_bird = insured()
    earlier = booked(act, agent(), early_bird, line.german, EIGHT - 24 * HOUR)
    act(waits.join, earlier.id, early_bird.actor, NOW)
    assert line.offered() == []


def test_a_time_within_the_notice_is_offered_to_nobody(line):
    line.waiting("Ana")
    assert line.offered(EIGHT - 2 * HOUR) == []


def test_a_time_just_before_the_notice_still_is(line):
    _, visit = line.waiting("Ana")
    assert line.offered(EIGHT - 2 * HOUR - MINUTE) == [visit.id]


def test_a_move_frees_a_time_too_and_so_does_an_expiry(act, line):
    _, visit = line.waiting("Ana")
    moved(act, line.first, line.early, at("2026-11-26 08:00"))
    assert state(visit) == waits.OFFERED
    beto = insured("Beto")
    unconfirmed = booked(act, beto, beto, line.german, at("2026-12-10 08:00"))
    _, other = line.waiting("Carla", at("2026-12-15 08:00"))
    _, events = act(expire, None, SYSTEM, at("2026-12-05 12:00"))
    assert not is_open(unconfirmed)
    assert offers(events) == [other.id]


def test_a_move_by_a_few_minutes_leaves_nothing_to_offer(act, line):
    _, visit = line.waiting("Ana")
    moved(act, agent(), line.early, EIGHT + 15 * MINUTE)
    assert state(visit) == waits.WAITING
    assert not Hold.select().exists()


def test_a_confirmation_frees_nothing(act, line):
    _, visit = line.waiting("Ana")
    put(line.early, TO_BE_CONFIRMED)
    confirmed(act, agent(), line.early)
    assert state(visit) == waits.WAITING


def test_joining_twice_keeps_ones_place_and_an_offer_stays(act, line):
    ana, visit = line.waiting("Ana")
    line.waiting("Beto", LATER + HALF_AN_HOUR)
    act(waits.join, visit.id, ana.actor, NOW + HOUR)
    assert Wait.select().where(Wait.appointment == visit.id).count() == 1
    assert line.offered() == [visit.id]
    act(waits.join, visit.id, ana.actor, NOW)
    assert state(visit) == waits.OFFERED


def test_who_let_one_go_may_wait_again(act, line):
    ana, visit = line.waiting("Ana")
    line.free()
    line.answer(ana, visit, accepts=False)
    act(waits.join, visit.id, ana.actor, NOW)
    again = booked(act, agent(), line.first, line.german)
    cancelled(act, line.first, again)
    assert state(visit) == waits.OFFERED


def test_one_waits_for_ones_own_open_appointment(act, line):
    ana, visit = insured(), line.early
    with pytest.raises(NotFound):
        act(waits.join, visit.id, ana.actor, NOW)
    step(act, line.first, visit, CANCELLED)
    with pytest.raises(IllegalTransition):
        act(waits.join, visit.id, line.first.actor, NOW)
    assert not Wait.select().exists()


def test_an_offer_whose_time_went_to_another_meanwhile_is_refused(act, line):
    ana, visit = line.waiting("Ana")
    line.free()
    drop_holds(ana.id)
    booked(act, agent(), insured(), line.german)
    with pytest.raises(SlotTaken):
        line.answer(ana, visit, accepts=True)
    assert Appointment.get_by_id(visit.id).starts_at == LATER
