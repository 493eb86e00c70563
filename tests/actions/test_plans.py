"""Members hear once that a plan ends in 30, 7 and 1 days and that it has ended; letters are sent once each."""

from datetime import timedelta

import pytest

from beneficiate.actions import plans
from beneficiate.actions.emails import EMAIL_CLAIM_LIFETIME
from beneficiate.actions.plans import MAX_NOTICE_DELAY, MAX_NOTICES_PER_RUN, MAX_PLAN_EMAIL_TRIES
from beneficiate.domain.billing.outcome import VOIDED
from beneficiate.models.base import database, open_database
from beneficiate.models.payments import PlanEmail, Subscription
from beneficiate.protocol import channels
from beneficiate.protocol.payments import PlanEnded, PlanEnding, PlanName
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.payments import payment_reference
from tests.actions.payment_steps import (
    DAY,
    MINUTE,
    NOW,
    SECOND,
    get_cheap_plan,
    get_plan,
    member_and_supervisor_channels,
    paid_payment,
    payment_with_link,
    plan_emails_of,
    plan_periods_of,
    settle_one,
    wompi_transaction,
)
from tests.actions.test_reminders import in_threads
from tests.factories import member

TICK = timedelta(microseconds=1)
END = NOW + 100 * DAY + TICK


@pytest.fixture
def ana(db):
    return member()


def lasting(who, ends_at=END, of=None, starts_at=NOW - DAY):
    """A plan of a member from yesterday until then."""
    given = {"user": who.id, "plan": of or get_plan(), "created_at": NOW}
    return Subscription.create(**given, starts_at=starts_at, ends_at=ends_at)


def announced(act, now):
    """What the clock says at this moment."""
    return act(plans.announce_plan_ends, None, SYSTEM, now)[1]


def kinds(said):
    return [getattr(one.event, "days_left", "ended") for one in said]


def claimed(act, now):
    return act(plans.claim_plan_emails, None, SYSTEM, now)[0]


# ---- Announced -----------------------------------------------------------------------------------


def test_a_month_a_week_and_a_day_before_and_at_the_end_a_member_hears_of_it_once_each(act, ana):
    lasting(ana)
    for days in (30, 7, 1, 0):
        moment = END - days * DAY
        assert announced(act, moment - SECOND) == []
        assert kinds(announced(act, moment)) == [days or "ended"]
        assert announced(act, moment) == announced(act, moment + SECOND) == []
    assert [kind for kind, *_ in plan_emails_of(ana)] == ["ending-30", "ending-7", "ending-1", "ended"]


def test_a_notice_is_due_at_a_whole_second_too(act, ana):
    whole = END - TICK
    lasting(ana, whole)
    assert [kinds(announced(act, whole - days * DAY)) for days in (30, 7, 1, 0)] == [[30], [7], [1], ["ended"]]


def test_the_end_is_told_to_the_member_and_the_supervisors_what_comes_to_the_member_alone(act, ana):
    lasting(ana)
    name = PlanName(id=get_plan().id, code="FAMILY", name=get_plan().name)
    (ending,) = announced(act, END - 7 * DAY)
    assert (ending.event, ending.channels) == (
        PlanEnding(plan=name, ends_at=END, days_left=7),
        (channels.user_channel(ana.id),),
    )
    (ended,) = announced(act, END)
    assert (ended.event, ended.channels) == (
        PlanEnded(user_id=ana.id, plan=name, ends_at=END),
        member_and_supervisor_channels(ana),
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
    assert announced(act, END + MAX_NOTICE_DELAY) == []
    assert kinds(announced(act, END + MAX_NOTICE_DELAY - SECOND)) == ["ended"]
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
    Subscription.create(user=ana.id, plan=get_cheap_plan(), starts_at=END, ends_at=rest, created_at=END - 700 * DAY)
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
    for _ in range(MAX_NOTICES_PER_RUN + 1):
        lasting(member(), NOW + 29 * DAY, starts_at=NOW)
    lasting(ana, NOW + 7 * DAY, starts_at=NOW - 300 * DAY)
    Subscription.update(created_at=NOW - 300 * DAY).where(Subscription.user == ana.id).execute()
    assert kinds(announced(act, NOW)) == [7]


def test_who_buys_again_within_days_hears_of_no_end(act, ana):
    lasting(ana)
    lasting(ana, END + 90 * DAY, starts_at=END + DAY)
    assert announced(act, END + MINUTE) == announced(act, END + DAY) == []


def test_a_plan_that_was_taken_back_is_not_the_one_that_ends(act, ana):
    paid_payment(act, ana)
    cheap = payment_with_link(act, ana, get_cheap_plan(), NOW + DAY)
    one = wompi_transaction(cheap)
    settle_one(act, one, NOW + DAY)
    paid_payment(act, ana, now=NOW + 2 * DAY)
    settle_one(act, wompi_transaction(cheap, VOIDED, id=one.id), NOW + 3 * DAY)
    end = NOW + 730 * DAY
    assert ("SINGLE", 0, end, end) in plan_periods_of(ana)
    assert [one.event.plan.code for one in announced(act, end - 7 * DAY)] == ["FAMILY"]
    assert [one.plan for one in claimed(act, end - 7 * DAY) if one.kind == "ending-7"] == [get_plan().name]


def test_each_member_hears_of_their_own(act, db):
    people = [member() for _ in range(3)]
    for n, who in enumerate(people):
        lasting(who, END + n * DAY)
    said = announced(act, END - 7 * DAY + DAY)
    assert {one.channels: one.event.days_left for one in said} == {
        (channels.user_channel(people[0].id),): 6,
        (channels.user_channel(people[1].id),): 7,
        (channels.user_channel(people[2].id),): 8,
    }


def test_more_than_fit_into_one_round_come_in_the_next(act, db):
    for _ in range(MAX_NOTICES_PER_RUN + 3):
        lasting(member())
    rounds = [len(announced(act, END)) for _ in range(3)]
    assert rounds == [MAX_NOTICES_PER_RUN, 3, 0]


def test_with_nobody_there_is_nothing_to_say(act, db):
    assert act(plans.announce_plan_ends, None, SYSTEM, NOW) == (0, [])
    assert claimed(act, NOW) == []


# ---- Letters -------------------------------------------------------------------------------------


def test_a_letter_says_whom_and_what_it_is_about(act, ana):
    payment_id = paid_payment(act, ana)
    end = NOW + 365 * DAY
    announced(act, end - 7 * DAY)
    receipt, ending = claimed(act, end - 7 * DAY)
    assert (receipt.kind, receipt.email, receipt.name, receipt.plan, receipt.ends_at) == (
        "receipt",
        ana.user.email,
        "Ana",
        get_plan().name,
        end,
    )
    assert (receipt.payment_id, receipt.reference, receipt.amount) == (
        payment_id,
        payment_reference(payment_id),
        480_000,
    )
    assert (ending.kind, ending.plan, ending.ends_at, ending.email) == (
        "ending-7",
        get_plan().name,
        end,
        ana.user.email,
    )
    assert (ending.payment_id, ending.reference, ending.amount) == (None, "", None)


def test_letters_are_claimed_once_and_again_after_five_minutes_until_sent(act, ana):
    paid_payment(act, ana)
    (letter,) = claimed(act, NOW)
    assert claimed(act, NOW) == claimed(act, NOW + EMAIL_CLAIM_LIFETIME) == []
    later = NOW + EMAIL_CLAIM_LIFETIME + TICK
    assert [one.email_id for one in claimed(act, later)] == [letter.email_id]
    act(plans.mark_plan_emails_sent, [letter.email_id], SYSTEM, later)
    assert PlanEmail.get().sent_at == later
    assert claimed(act, later + EMAIL_CLAIM_LIFETIME + MINUTE) == []


def test_a_letter_that_nobody_takes_is_given_up(act, ana):
    paid_payment(act, ana)
    rounds = [len(claimed(act, NOW + n * (EMAIL_CLAIM_LIFETIME + MINUTE))) for n in range(MAX_PLAN_EMAIL_TRIES + 2)]
    assert rounds == [1] * MAX_PLAN_EMAIL_TRIES + [0, 0]


def test_more_letters_than_fit_into_one_round_come_in_the_next(act, ana):
    for n in range(MAX_NOTICES_PER_RUN + 3):
        plan = lasting(ana, END + n * DAY).plan
        row = {"user": ana.id, "kind": "receipt", "key": f"receipt {n}", "plan": plan, "ends_at": END + n * DAY}
        PlanEmail.create(created_at=NOW, **row)
    assert [len(claimed(act, NOW)) for _ in range(3)] == [MAX_NOTICES_PER_RUN, 3, 0]


def test_a_letter_about_an_end_that_has_moved_meanwhile_keeps_no_other_letter(act, ana):
    paid_payment(act, ana, get_cheap_plan())
    end = NOW + 365 * DAY
    announced(act, end - 7 * DAY)
    PlanEmail.update(sent_at=NOW).where(PlanEmail.kind == "receipt").execute()
    paid_payment(act, ana, now=end - 6 * DAY)
    beto = member("Beto")
    paid_payment(act, beto, now=end - 6 * DAY)
    due = claimed(act, end - 6 * DAY)
    assert {(one.kind, one.email) for one in due} >= {("receipt", ana.user.email), ("receipt", beto.user.email)}


def test_a_letter_about_a_plan_that_was_taken_back_keeps_no_other_letter(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    settle_one(act, one)
    end = NOW + 365 * DAY
    announced(act, end - 7 * DAY)
    settle_one(act, wompi_transaction(payment_id, VOIDED, id=one.id), end - 6 * DAY)
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
        uow = UnitOfWork(SYSTEM, END)
        plans.announce_plan_ends(uow)
        return [one.event.user_id for one in uow.outgoing]

    said = [user_id for some in in_threads(6, announce) for user_id in some]
    assert sorted(said) == [who.id for who in people]
    taken = in_threads(6, lambda: [one.email_id for one in plans.claim_plan_emails(UnitOfWork(SYSTEM, END))])
    ids = [id_ for some in taken for id_ in some]
    assert len(ids) == len(set(ids)) == 8
