"""Members hear once that a plan ends in 30, 7 and 1 days and that it has ended; letters are sent once each."""

from datetime import timedelta

import pytest

from beneficiate.actions import plans
from beneficiate.actions.letters import CLAIM_LASTS
from beneficiate.actions.plans import AT_ONCE, MOST_TRIES, STILL_NEWS
from beneficiate.billing.outcome import VOIDED
from beneficiate.models.base import database, open_database
from beneficiate.models.payments import PlanLetter, Subscription
from beneficiate.protocol import topics
from beneficiate.protocol.payments import PlanEnded, PlanEnding, PlanName
from beneficiate.queries.payments import reference_of
from beneficiate.store import SYSTEM, Work
from tests.actions.buying import (
    DAY,
    MINUTE,
    NOW,
    SECOND,
    heard,
    letters,
    linked,
    member_and_supervisors,
    paid,
    plan,
    settled,
    single,
    stretches,
)
from tests.actions.test_reminders import in_threads
from tests.people import member

TICK = timedelta(microseconds=1)
END = NOW + 100 * DAY + TICK


@pytest.fixture
def ana(db):
    return member()


def lasting(who, ends_at=END, of=None, starts_at=NOW - DAY):
    """A plan of a member from yesterday until then."""
    given = {"user": who.id, "plan": of or plan(), "created_at": NOW}
    return Subscription.create(**given, starts_at=starts_at, ends_at=ends_at)


def announced(act, now):
    """What the clock says at this moment."""
    return act(plans.announce, None, SYSTEM, now)[1]


def kinds(said):
    return [getattr(one.event, "days_left", "ended") for one in said]


def claimed(act, now):
    return act(plans.claim_letters, None, SYSTEM, now)[0]


# ---- Announced -----------------------------------------------------------------------------------


def test_a_month_a_week_and_a_day_before_and_at_the_end_a_member_hears_of_it_once_each(act, ana):
    lasting(ana)
    for days in (30, 7, 1, 0):
        moment = END - days * DAY
        assert announced(act, moment - SECOND) == []
        assert kinds(announced(act, moment)) == [days or "ended"]
        assert announced(act, moment) == announced(act, moment + SECOND) == []
    assert [kind for kind, *_ in letters(ana)] == ["ending-30", "ending-7", "ending-1", "ended"]


def test_a_notice_is_due_at_a_whole_second_too(act, ana):
    whole = END - TICK
    lasting(ana, whole)
    assert [kinds(announced(act, whole - days * DAY)) for days in (30, 7, 1, 0)] == [[30], [7], [1], ["ended"]]


def test_the_end_is_told_to_the_member_and_the_supervisors_what_comes_to_the_member_alone(act, ana):
    lasting(ana)
    name = PlanName(id=plan().id, code="FAMILY", name=plan().name)
    (ending,) = announced(act, END - 7 * DAY)
    assert (ending.event, ending.to) == (PlanEnding(plan=name, ends_at=END, days_left=7), (topics.user(ana.id),))
    (ended,) = announced(act, END)
    assert (ended.event, ended.to) == (
        PlanEnded(user_id=ana.id, plan=name, ends_at=END),
        member_and_supervisors(ana),
    )


@pytest.mark.parametrize(
    ("after", "days"), [(5 * DAY, 25), (24 * DAY, 6), (29 * DAY, 1), (30 * DAY, "ended"), (32 * DAY, "ended")]
)
def test_after_an_outage_the_nearest_says_it_all(act, ana, after, days):
    lasting(ana)
    moment = END - 30 * DAY + after
    assert kinds(announced(act, moment)) == [days]
    assert announced(act, moment) == []


def test_what_ended_long_ago_is_no_news(act, ana):
    lasting(ana)
    assert announced(act, END + STILL_NEWS) == []
    assert kinds(announced(act, END + STILL_NEWS - SECOND)) == ["ended"]
    assert announced(act, END + 400 * DAY) == []


def test_who_has_renewed_hears_nothing_of_the_end_of_the_running_plan(act, ana):
    lasting(ana)
    lasting(ana, END + 100 * DAY, starts_at=END)
    assert [announced(act, END - days * DAY) for days in (30, 7, 1, 0)] == [[], [], [], []]
    assert kinds(announced(act, END + 93 * DAY)) == [7]


def test_who_renews_after_a_notice_hears_of_the_new_end_only(act, ana):
    lasting(ana)
    announced(act, END - 30 * DAY)
    lasting(ana, END + 100 * DAY, starts_at=END)
    assert [announced(act, END - days * DAY) for days in (7, 1, 0)] == [[], [], []]
    (said,) = announced(act, END + 70 * DAY)
    assert (said.event.days_left, said.event.plan.code) == (30, "FAMILY")


def test_who_falls_to_a_cheaper_plan_hears_of_the_end_of_the_dearer_one_and_of_the_rest(act, ana):
    lasting(ana, starts_at=END - 365 * DAY)
    rest = END + 20 * DAY
    Subscription.create(user=ana.id, plan=single(), starts_at=END, ends_at=rest, created_at=END - 700 * DAY)
    said = [announced(act, END - days * DAY) for days in (30, 10, 7, 1, 0)]
    assert [[(one.event.plan.code, kinds([one])) for one in some] for some in said] == [
        [("FAMILY", [30])],
        [("SINGLE", [30])],
        [("FAMILY", [7])],
        [("FAMILY", [1])],
        [("FAMILY", ["ended"])],
    ]
    assert [kinds(announced(act, rest - days * DAY)) for days in (7, 1, 0)] == [[7], [1], ["ended"]]


def test_what_was_only_just_bought_is_not_said_to_end(act, ana):
    lasting(ana, NOW + 29 * DAY, starts_at=NOW)
    assert announced(act, NOW + MINUTE) == []
    assert kinds(announced(act, NOW + 22 * DAY)) == [7]


def test_those_of_whom_nothing_is_to_be_said_keep_nobody_from_their_turn(act, ana):
    for _ in range(AT_ONCE + 1):
        lasting(member(), NOW + 29 * DAY, starts_at=NOW)
    lasting(ana, NOW + 7 * DAY, starts_at=NOW - 300 * DAY)
    Subscription.update(created_at=NOW - 300 * DAY).where(Subscription.user == ana.id).execute()
    assert kinds(announced(act, NOW)) == [7]


def test_who_buys_again_within_days_hears_of_no_end(act, ana):
    lasting(ana)
    lasting(ana, END + 90 * DAY, starts_at=END + DAY)
    assert announced(act, END + MINUTE) == announced(act, END + DAY) == []


def test_a_plan_that_was_taken_back_is_not_the_one_that_ends(act, ana):
    paid(act, ana)
    cheap = linked(act, ana, single(), NOW + DAY)
    one = heard(cheap)
    settled(act, one, NOW + DAY)
    paid(act, ana, now=NOW + 2 * DAY)
    settled(act, heard(cheap, VOIDED, id=one.id), NOW + 3 * DAY)
    end = NOW + 730 * DAY
    assert ("SINGLE", 0, end, end) in stretches(ana)
    assert [one.event.plan.code for one in announced(act, end - 7 * DAY)] == ["FAMILY"]
    assert [one.plan for one in claimed(act, end - 7 * DAY) if one.kind == "ending-7"] == [plan().name]


def test_each_member_hears_of_their_own(act, db):
    people = [member() for _ in range(3)]
    for n, who in enumerate(people):
        lasting(who, END + n * DAY)
    said = announced(act, END - 7 * DAY + DAY)
    assert {one.to: one.event.days_left for one in said} == {
        (topics.user(people[0].id),): 6,
        (topics.user(people[1].id),): 7,
        (topics.user(people[2].id),): 8,
    }


def test_more_than_fit_into_one_round_come_in_the_next(act, db):
    for _ in range(AT_ONCE + 3):
        lasting(member())
    rounds = [len(announced(act, END)) for _ in range(3)]
    assert rounds == [AT_ONCE, 3, 0]


def test_with_nobody_there_is_nothing_to_say(act, db):
    assert act(plans.announce, None, SYSTEM, NOW) == (0, [])
    assert claimed(act, NOW) == []


# ---- Letters -------------------------------------------------------------------------------------


def test_a_letter_says_whom_and_what_it_is_about(act, ana):
    payment_id = paid(act, ana)
    end = NOW + 365 * DAY
    announced(act, end - 7 * DAY)
    receipt, ending = claimed(act, end - 7 * DAY)
    assert (receipt.kind, receipt.email, receipt.name, receipt.plan, receipt.ends_at) == (
        "receipt",
        ana.user.email,
        "Ana",
        plan().name,
        end,
    )
    assert (receipt.payment_id, receipt.reference, receipt.amount) == (payment_id, reference_of(payment_id), 480_000)
    assert (ending.kind, ending.plan, ending.ends_at, ending.email) == ("ending-7", plan().name, end, ana.user.email)
    assert (ending.payment_id, ending.reference, ending.amount) == (None, "", None)


def test_letters_are_claimed_once_and_again_after_five_minutes_until_sent(act, ana):
    paid(act, ana)
    (letter,) = claimed(act, NOW)
    assert claimed(act, NOW) == claimed(act, NOW + CLAIM_LASTS) == []
    later = NOW + CLAIM_LASTS + TICK
    assert [one.letter_id for one in claimed(act, later)] == [letter.letter_id]
    act(plans.note_sent, [letter.letter_id], SYSTEM, later)
    assert PlanLetter.get().sent_at == later
    assert claimed(act, later + CLAIM_LASTS + MINUTE) == []


def test_a_letter_that_nobody_takes_is_given_up(act, ana):
    paid(act, ana)
    rounds = [len(claimed(act, NOW + n * (CLAIM_LASTS + MINUTE))) for n in range(MOST_TRIES + 2)]
    assert rounds == [1] * MOST_TRIES + [0, 0]


def test_more_letters_than_fit_into_one_round_come_in_the_next(act, ana):
    for n in range(AT_ONCE + 3):
        plan = lasting(ana, END + n * DAY).plan
        row = {"user": ana.id, "kind": "receipt", "key": f"receipt {n}", "plan": plan, "ends_at": END + n * DAY}
        PlanLetter.create(created_at=NOW, **row)
    assert [len(claimed(act, NOW)) for _ in range(3)] == [AT_ONCE, 3, 0]


def test_a_letter_about_an_end_that_has_moved_meanwhile_keeps_no_other_letter(act, ana):
    paid(act, ana, single())
    end = NOW + 365 * DAY
    announced(act, end - 7 * DAY)
    PlanLetter.update(sent_at=NOW).where(PlanLetter.kind == "receipt").execute()
    paid(act, ana, now=end - 6 * DAY)
    beto = member("Beto")
    paid(act, beto, now=end - 6 * DAY)
    due = claimed(act, end - 6 * DAY)
    assert {(one.kind, one.email) for one in due} >= {("receipt", ana.user.email), ("receipt", beto.user.email)}


def test_a_letter_about_a_plan_that_was_taken_back_keeps_no_other_letter(act, ana):
    payment_id = linked(act, ana)
    one = heard(payment_id)
    settled(act, one)
    end = NOW + 365 * DAY
    announced(act, end - 7 * DAY)
    settled(act, heard(payment_id, VOIDED, id=one.id), end - 6 * DAY)
    assert "receipt" in [one.kind for one in claimed(act, end - 6 * DAY)]


# ---- Two clocks at once --------------------------------------------------------------------------


@pytest.fixture
def committed(database_url):
    """A database of this test alone, in which several threads see each other's work."""
    database.initialize(open_database(database_url))
    database.obj.connect()
    yield database.obj
    database.obj.close_all()


def test_clocks_of_several_threads_say_it_once_and_claim_once(committed):
    people = [member() for _ in range(8)]
    for who in people:
        lasting(who)

    def announce():
        work = Work(SYSTEM, END)
        plans.announce(work)
        return [one.event.user_id for one in work.emissions]

    said = [user_id for some in in_threads(6, announce) for user_id in some]
    assert sorted(said) == [who.id for who in people]
    taken = in_threads(6, lambda: [one.letter_id for one in plans.claim_letters(Work(SYSTEM, END))])
    ids = [id_ for some in taken for id_ in some]
    assert len(ids) == len(set(ids)) == 8
