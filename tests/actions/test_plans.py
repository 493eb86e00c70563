"""Members get one notice 30, 7 and 1 days before a plan ends and one after; each e-mail is sent once."""

from datetime import timedelta

import pytest

from beneficiate.actions import plans
from beneficiate.actions.emails import EMAIL_BATCH_SIZE, EMAIL_CLAIM_LIFETIME
from beneficiate.actions.plans import MAX_NOTICE_DELAY, MAX_NOTICES_PER_RUN
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
    """Give a member a plan from yesterday until this end."""
    given = {"user": who.id, "plan": of or get_plan(), "created_at": NOW}
    return Subscription.create(**given, starts_at=starts_at, ends_at=ends_at)


def announced(act, now):
    """Return the events that the job emits at this moment."""
    return act(plans.announce_plan_ends, None, SYSTEM, now)[1]


def kinds(outgoing):
    return [getattr(one.event, "days_left", "ended") for one in outgoing]


def claimed(act, now):
    return act(plans.claim_plan_emails, None, SYSTEM, now)[0]


# ---- Announced -----------------------------------------------------------------------------------


def test_member_is_notified_once_at_each_notice_day_and_at_the_end(act, ana):
    lasting(ana)
    for days in (30, 7, 1, 0):
        moment = END - days * DAY
        assert announced(act, moment - SECOND) == []
        assert kinds(announced(act, moment)) == [days or "ended"]
        assert announced(act, moment) == announced(act, moment + SECOND) == []
    assert [kind for kind, *_ in plan_emails_of(ana)] == ["ending-30", "ending-7", "ending-1", "ended"]


def test_end_that_cannot_be_announced_holds_up_no_other(act, ana, spoil):
    beto = member("Beto")
    lasting(ana)
    lasting(beto)
    spoil(plans, "emit_member_changed", lambda uow, user_id: user_id == ana.id)
    assert [one.event.user_id for one in announced(act, END)] == [beto.id]
    assert (plan_emails_of(ana), [kind for kind, *_ in plan_emails_of(beto)]) == ([], ["ended"])


def test_email_that_cannot_be_looked_at_holds_up_no_other(act, ana, spoil):
    beto = member("Beto")
    lasting(ana)
    lasting(beto)
    announced(act, END)
    spoil(plans, "_still_holds", lambda email: email.user_id == ana.id)
    assert [one.email for one in claimed(act, END)] == [beto.user.email]


def test_notice_is_due_at_a_whole_second_too(act, ana):
    whole = END - TICK
    lasting(ana, whole)
    assert [kinds(announced(act, whole - days * DAY)) for days in (30, 7, 1, 0)] == [[30], [7], [1], ["ended"]]


def test_end_is_emitted_to_supervisors_too_notices_to_member_only(act, ana):
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


def test_renewed_member_gets_no_notice_of_the_present_period(act, ana):
    lasting(ana)
    lasting(ana, END + 100 * DAY, starts_at=END)
    assert [announced(act, END - days * DAY) for days in (30, 7, 1, 0)] == [[], [], [], []]
    assert kinds(announced(act, END + 93 * DAY)) == [7]


def test_member_who_renews_later_gets_notices_of_the_new_end_only(act, ana):
    lasting(ana)
    announced(act, END - 30 * DAY)
    lasting(ana, END + 100 * DAY, starts_at=END)
    assert [announced(act, END - days * DAY) for days in (7, 1, 0)] == [[], [], []]
    (outgoing,) = announced(act, END + 70 * DAY)
    assert (outgoing.event.days_left, outgoing.event.plan.code) == (30, "FAMILY")


def test_end_of_the_more_expensive_plan_is_announced(act, ana):
    lasting(ana, starts_at=END - 365 * DAY)
    rest = END + 20 * DAY
    Subscription.create(user=ana.id, plan=get_cheap_plan(), starts_at=END, ends_at=rest, created_at=END - 700 * DAY)
    outgoing = [announced(act, END - days * DAY) for days in (30, 10, 7, 1, 0)]
    assert [[(one.event.plan.code, kinds([one])) for one in some] for some in outgoing] == [
        [("FAMILY", [30])],
        [("SINGLE", [30])],
        [("FAMILY", [7])],
        [("FAMILY", [1])],
        [("FAMILY", ["ended"])],
    ]
    assert [kinds(announced(act, rest - days * DAY)) for days in (7, 1, 0)] == [[7], [1], ["ended"]]


def test_plan_that_was_just_bought_gets_no_notice(act, ana):
    lasting(ana, NOW + 29 * DAY, starts_at=NOW)
    assert announced(act, NOW + MINUTE) == []
    assert kinds(announced(act, NOW + 22 * DAY)) == [7]


def test_members_without_notice_do_not_block_others(act, ana):
    for _ in range(MAX_NOTICES_PER_RUN + 1):
        lasting(member(), NOW + 29 * DAY, starts_at=NOW)
    lasting(ana, NOW + 7 * DAY, starts_at=NOW - 300 * DAY)
    Subscription.update(created_at=NOW - 300 * DAY).where(Subscription.user == ana.id).execute()
    assert kinds(announced(act, NOW)) == [7]


def test_member_who_buys_again_within_days_gets_no_notice(act, ana):
    lasting(ana)
    lasting(ana, END + 90 * DAY, starts_at=END + DAY)
    assert announced(act, END + MINUTE) == announced(act, END + DAY) == []


def test_plan_that_was_revoked_is_not_the_one_that_ends(act, ana):
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


def test_each_member_is_notified_of_their_own(act, db):
    people = [member() for _ in range(3)]
    for n, who in enumerate(people):
        lasting(who, END + n * DAY)
    outgoing = announced(act, END - 7 * DAY + DAY)
    assert {one.channels: one.event.days_left for one in outgoing} == {
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


# ---- E-mails ------------------------------------------------------------------------------------


def test_email_names_its_recipient_and_plan(act, ana):
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


def test_emails_are_claimed_once_and_again_after_five_minutes_until_sent(act, ana):
    paid_payment(act, ana)
    (email,) = claimed(act, NOW)
    assert claimed(act, NOW) == claimed(act, NOW + EMAIL_CLAIM_LIFETIME) == []
    later = NOW + EMAIL_CLAIM_LIFETIME + TICK
    assert [one.email_id for one in claimed(act, later)] == [email.email_id]
    act(plans.mark_plan_emails_sent, [email.email_id], SYSTEM, later)
    assert PlanEmail.get().sent_at == later
    assert claimed(act, later + EMAIL_CLAIM_LIFETIME + MINUTE) == []


def test_more_emails_than_fit_into_one_round_come_in_the_next(act, ana):
    for n in range(EMAIL_BATCH_SIZE + 3):
        plan = lasting(ana, END + n * DAY).plan
        row = {"user": ana.id, "kind": "receipt", "key": f"receipt {n}", "plan": plan, "ends_at": END + n * DAY}
        PlanEmail.create(created_at=NOW, **row)
    assert [len(claimed(act, NOW)) for _ in range(3)] == [EMAIL_BATCH_SIZE, 3, 0]


def test_outdated_email_does_not_block_others(act, ana):
    paid_payment(act, ana, get_cheap_plan())
    end = NOW + 365 * DAY
    announced(act, end - 7 * DAY)
    PlanEmail.update(sent_at=NOW).where(PlanEmail.kind == "receipt").execute()
    paid_payment(act, ana, now=end - 6 * DAY)
    beto = member("Beto")
    paid_payment(act, beto, now=end - 6 * DAY)
    due = claimed(act, end - 6 * DAY)
    assert {(one.kind, one.email) for one in due} >= {("receipt", ana.user.email), ("receipt", beto.user.email)}


def test_email_about_a_revoked_plan_does_not_block_others(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    settle_one(act, one)
    end = NOW + 365 * DAY
    announced(act, end - 7 * DAY)
    settle_one(act, wompi_transaction(payment_id, VOIDED, id=one.id), end - 6 * DAY)
    assert "receipt" in [one.kind for one in claimed(act, end - 6 * DAY)]


# ---- Two jobs at once ----------------------------------------------------------------------------


@pytest.fixture
def committed(database_url):
    """Yield a database of this test alone, in which several threads see each other's commits."""
    database.initialize(open_database(database_url))
    database.obj.connect()
    yield database.obj
    database.obj.close_all()


def test_parallel_jobs_announce_and_claim_once(committed):
    people = [member() for _ in range(8)]
    for who in people:
        lasting(who)

    def announce():
        uow = UnitOfWork(SYSTEM, END)
        plans.announce_plan_ends(uow)
        return [one.event.user_id for one in uow.outgoing]

    outgoing = [user_id for some in in_threads(6, announce) for user_id in some]
    assert sorted(outgoing) == [who.id for who in people]
    taken = in_threads(6, lambda: [one.email_id for one in plans.claim_plan_emails(UnitOfWork(SYSTEM, END))])
    ids = [id_ for some in taken for id_ in some]
    assert len(ids) == len(set(ids)) == 8
