"""Sign-ins in two steps: the password gives a challenge, and only its answer a sign-in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import second_factors, sign_in_challenges, sign_ins
from beneficiate.actions.sign_in_challenges import AnswerChallenge, EnrolWithChallenge
from beneficiate.actions.sign_ins import SignedIn, StartSignIn
from beneficiate.domain.booking.rules import DEFAULT_RULES
from beneficiate.errors import Unauthorized, WrongCredentials
from beneficiate.models.accounts import API_SIGN_IN, PAGE_SIGN_IN, Agent, SignIn, User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.second_factors import SecondFactor, SignInChallenge
from beneficiate.queries.accounts import find_page_session
from beneficiate.queries.second_factors import CODE_STEP, ENROLMENT_STEP
from beneficiate.sign_in_errors import ChallengeExpired, WrongCode
from beneficiate.unit_of_work import Actor
from tests.factor_steps import Application, add_second_factor
from tests.factories import PASSWORD_HASH, agent, member

NOW = datetime(2026, 8, 25, 15, 0, 7, tzinfo=UTC)
NOBODY = Actor(0, "", address="10.0.0.1")
REQUIRED = pytest.mark.parametrize("rules", [replace(DEFAULT_RULES, requires_second_factor=True)], ids=["required"])


@pytest.fixture
def begin(act):
    def begin(who, kind=PAGE_SIGN_IN, at=NOW, password_hash=PASSWORD_HASH):
        command = StartSignIn(who.id, kind, is_remembered=True, password_hash=password_hash)
        return act(sign_in_challenges.begin_sign_in, command, NOBODY, at)[0]

    return begin


@pytest.fixture
def answer(act):
    return lambda token, code, kind=PAGE_SIGN_IN, at=NOW: act(
        sign_in_challenges.answer_challenge, AnswerChallenge(token, kind, code), NOBODY, at
    )[0]


def test_password_alone_signs_in_whoever_has_no_factor_and_members_always(begin):
    ana = member()
    add_second_factor(ana)
    assert [type(begin(who)) for who in (ana, agent())] == [SignedIn, SignedIn]


@pytest.mark.parametrize("has_factor", [False, True])
def test_password_that_changed_while_it_was_verified_begins_nothing(begin, has_factor):
    yuliana = agent()
    if has_factor:
        add_second_factor(yuliana)
    User.update(password_hash="otra").where(User.id == yuliana.id).execute()
    with pytest.raises(WrongCredentials):
        begin(yuliana, password_hash=PASSWORD_HASH)
    assert not SignIn.select().exists()
    assert not SignInChallenge.select().exists()


def test_code_ends_the_sign_in_that_the_password_began(begin, answer):
    yuliana = agent()
    application = add_second_factor(yuliana)
    started = begin(yuliana)
    assert (started.step, started.lifetime_s) == (CODE_STEP, 600)
    assert not SignIn.select().exists()
    done = answer(started.token, application.code(at=NOW))
    row = SignIn.get()
    assert (done.signed_in.actor.user_id, row.kind, row.user_id) == (yuliana.id, PAGE_SIGN_IN, yuliana.id)
    assert (done.is_remembered, done.is_recovered) == (True, False)
    entry = AuditEntry.get(AuditEntry.what == "accounts.sign_in")
    assert (entry.actor_id, entry.address) == (yuliana.id, "10.0.0.1")
    with pytest.raises(ChallengeExpired):
        answer(started.token, application.code(1, NOW))


def test_challenge_is_no_session_and_no_refresh_token(begin, act):
    yuliana = agent()
    add_second_factor(yuliana)
    token = begin(yuliana).token
    assert act(find_page_session, token, NOBODY, NOW)[0] is None
    with pytest.raises(Unauthorized):
        act(sign_ins.refresh_sign_in, sign_ins.RefreshSignIn(token), NOBODY, NOW)
    assert token not in str(list(SignInChallenge.select().tuples()))


def test_challenge_is_for_its_kind_and_for_ten_minutes(begin, answer):
    yuliana = agent()
    application = add_second_factor(yuliana)
    token, late = begin(yuliana).token, NOW + sign_in_challenges.CHALLENGE_LIFETIME
    for given, kind, at in ((token, API_SIGN_IN, NOW), (token, PAGE_SIGN_IN, late), ("x", PAGE_SIGN_IN, NOW)):
        with pytest.raises(ChallengeExpired):
            answer(given, application.code(at=at), kind, at)
    answer(token, application.code(at=NOW))


@pytest.mark.parametrize("change", ["password", "deactivated", "reset", "signed out"])
def test_challenge_ends_with_what_it_stands_for(begin, answer, act, change):
    yuliana = agent()
    application = add_second_factor(yuliana)
    token = begin(yuliana).token
    if change == "password":
        User.update(password_hash=PASSWORD_HASH + "x").where(User.id == yuliana.id).execute()
    elif change == "deactivated":
        User.update(is_active=False).where(User.id == yuliana.id).execute()
    elif change == "reset":
        SecondFactor.delete().execute()
    else:
        act(sign_ins.sign_out_other_devices, "", yuliana.actor, NOW)
    with pytest.raises(ChallengeExpired):
        answer(token, application.code(at=NOW))
    assert not SignIn.select().exists()


def test_wrong_code_leaves_the_challenge_open(begin, answer):
    yuliana = agent()
    application = add_second_factor(yuliana)
    token = begin(yuliana).token
    with pytest.raises(WrongCode):
        answer(token, application.code(5, NOW))
    answer(token, application.code(at=NOW))


def test_recovery_code_signs_in_and_is_noted(begin, answer):
    yuliana = agent()
    application = add_second_factor(yuliana)
    done = answer(begin(yuliana).token, application.recovery_codes[0])
    assert done.is_recovered
    assert SecondFactor.get().recovered_by_id == done.signed_in.sign_in_id
    assert AuditEntry.select().where(AuditEntry.what == "factor.recover").exists()


def test_sign_in_is_not_started_without_its_second_step(act):
    yuliana = agent()
    add_second_factor(yuliana)
    with pytest.raises(Unauthorized):
        act(sign_ins.start_sign_in, StartSignIn(yuliana.id, PAGE_SIGN_IN), NOBODY, NOW)


def test_five_challenges_are_open_at_a_time_and_old_ones_are_deleted(begin, answer, act):
    yuliana = agent()
    application = add_second_factor(yuliana)
    tokens = [begin(yuliana).token for _ in range(6)]
    with pytest.raises(ChallengeExpired):
        answer(tokens[0], application.code(at=NOW))
    answer(tokens[1], application.code(at=NOW))
    act(sign_ins.delete_expired_challenges, None, NOBODY, NOW + timedelta(minutes=11))
    assert not SignInChallenge.select().exists()


def test_challenge_of_who_is_staff_no_more_signs_a_member_in(begin, answer):
    yuliana = agent()
    application = add_second_factor(yuliana)
    token = begin(yuliana).token
    Agent.update(status="INACTIVE").where(Agent.user == yuliana.id).execute()
    assert answer(token, application.code(at=NOW)).signed_in.actor.role == "member"


@REQUIRED
def test_who_needs_a_factor_sets_it_up_before_anything_else(begin, answer, act, rules):
    yuliana = agent()
    old = SignIn.create(
        family="old", user=yuliana.id, kind="page", secret_hash="", created_at=NOW, expires_at=NOW + timedelta(hours=1)
    )
    started = begin(yuliana)
    assert started.step == ENROLMENT_STEP
    setup = act(sign_in_challenges.begin_required_setup, (started.token, PAGE_SIGN_IN), NOBODY, NOW)[0]
    code = Application(setup.secret).code(at=NOW)
    with pytest.raises(ChallengeExpired):
        answer(started.token, code)
    command = EnrolWithChallenge(started.token, PAGE_SIGN_IN, setup.sealed, code)
    with pytest.raises(WrongCode):
        act(sign_in_challenges.enrol_with_challenge, replace(command, code="x"), NOBODY, NOW)
    done = act(sign_in_challenges.enrol_with_challenge, command, NOBODY, NOW)[0]
    assert len(done.codes) == 10
    assert [row.ended_at is None for row in SignIn.select().order_by(SignIn.id)] == [False, True]
    assert SignIn.get_by_id(old.id).ended_at == NOW
    with pytest.raises(ChallengeExpired):
        act(sign_in_challenges.enrol_with_challenge, command, NOBODY, NOW)
    assert begin(yuliana).step == CODE_STEP


@REQUIRED
def test_factor_is_not_replaced_by_a_challenge(begin, act, rules):
    yuliana = agent()
    started = begin(yuliana)
    setup = act(sign_in_challenges.begin_required_setup, (started.token, PAGE_SIGN_IN), NOBODY, NOW)[0]
    add_second_factor(yuliana)
    command = EnrolWithChallenge(started.token, PAGE_SIGN_IN, setup.sealed, Application(setup.secret).code(at=NOW))
    with pytest.raises(ChallengeExpired):
        act(sign_in_challenges.enrol_with_challenge, command, NOBODY, NOW)
    with pytest.raises(ChallengeExpired):
        act(sign_in_challenges.begin_required_setup, (started.token, PAGE_SIGN_IN), NOBODY, NOW)
    assert second_factors.SETUP_LIFETIME > sign_in_challenges.CHALLENGE_LIFETIME


@REQUIRED
def test_members_need_no_factor(begin, rules):
    assert isinstance(begin(member()), SignedIn)
