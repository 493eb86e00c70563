"""Wrong passwords make an account, a network and a device wait; right ones and strangers make nobody wait."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import sign_in_throttles as throttles
from beneficiate.actions.sign_in_throttles import SettledAttempt, SignInAttempt
from beneficiate.errors import RateLimited
from beneficiate.models.accounts import SignInThrottle
from beneficiate.unit_of_work import SYSTEM

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
TRIES, WAIT_S = 3, 30
HERE, SAME_NETWORK, ELSEWHERE = "10.0.0.1", "10.0.0.200", "10.0.1.1"


@pytest.fixture
def do(act):
    """Run an action at so many seconds and return its result."""
    return lambda action, command, at=0.0: act(action, command, SYSTEM, NOW + timedelta(seconds=at))[0]


@pytest.fixture
def begin(do):
    """Begin an attempt and return it."""

    def reserve(email="ana@x.co", address=HERE, device="", at=0.0):
        attempt = SignInAttempt(email, address, TRIES, WAIT_S, device)
        do(throttles.begin_sign_in_attempt, attempt, at)
        return attempt

    return reserve


@pytest.fixture
def tries(do, begin):
    """Make so many attempts and return the seconds to wait, 0 if the last one was allowed."""

    def attempt(count=1, *, at=0.0, is_correct=False, **given):
        try:
            for _ in range(count):
                do(throttles.settle_sign_in_attempt, SettledAttempt(begin(at=at, **given), is_correct), at)
        except RateLimited as problem:
            return problem.retry_after_s
        return 0

    return attempt


def test_wrong_passwords_are_free_and_then_the_wait_doubles(tries, db):
    assert tries(TRIES) == 0
    assert tries() == WAIT_S
    assert tries(at=WAIT_S - 1) == 1
    assert tries(at=WAIT_S) == 0
    assert tries(at=WAIT_S) == 2 * WAIT_S
    assert tries(at=3 * WAIT_S) == 0
    assert tries(at=3 * WAIT_S) == 4 * WAIT_S


def test_wait_ends_at_a_quarter_of_an_hour(tries, db):
    at = 0.0
    tries(TRIES)
    for _ in range(12):
        at += tries(at=at)
        assert tries(at=at) == 0
    assert tries(at=at) == 900


def test_many_attempts_at_once_gain_nothing(begin, tries, do, db):
    attempts = [begin() for _ in range(TRIES)]
    with pytest.raises(RateLimited):
        begin()
    for attempt in attempts:
        do(throttles.settle_sign_in_attempt, SettledAttempt(attempt, is_correct=False))
    assert tries() == WAIT_S
    assert {row.failures for row in SignInThrottle} == {TRIES}


def test_one_attempt_at_a_time_after_a_wait(begin, tries, db):
    tries(TRIES)
    begin(at=WAIT_S)
    assert tries(at=WAIT_S) == throttles.PENDING_WAIT_S


def test_attempts_of_a_dead_process_expire(begin, tries, db):
    for _ in range(TRIES):
        begin()
    assert tries(at=throttles.PENDING_EXPIRES_AFTER_S + 1) == 0


def test_account_waits_in_every_network(tries, db):
    tries(TRIES)
    assert tries(address=ELSEWHERE) == WAIT_S
    assert tries(email="beto@x.co") == 0


@pytest.mark.parametrize(
    ("addresses", "elsewhere"),
    [((HERE, SAME_NETWORK), ELSEWHERE), (("2001:db8::1", "2001:db8::ffff:1"), "2001:db8:0:1::1")],
)
def test_network_waits_for_every_account(tries, db, addresses, elsewhere):
    one, other = addresses
    for number in range(TRIES * throttles.NETWORK_FACTOR):
        assert tries(email=f"a{number}@x.co", address=one) == 0
    assert tries(email="one-more@x.co", address=other) == WAIT_S
    assert tries(email="one-more@x.co", address=elsewhere) == 0


def test_right_passwords_make_neither_account_nor_network_wait(tries, db):
    assert tries(2 * TRIES * throttles.NETWORK_FACTOR, is_correct=True) == 0
    assert tries(TRIES - 1) == 0
    assert tries(is_correct=True) == 0
    assert tries(TRIES) == 0


def test_right_password_does_not_renew_the_wait_of_others(tries, db):
    for number in range(TRIES * throttles.NETWORK_FACTOR):
        tries(email=f"a{number}@x.co")
    for number in range(5):
        assert tries(email="office@x.co", at=WAIT_S + number, is_correct=True) == 0
    assert tries(email="other@x.co", at=WAIT_S + 5, is_correct=True) == 0


def test_stranger_keeps_no_known_device_out(tries, db):
    for number in range(TRIES * throttles.NETWORK_FACTOR):
        tries(email=f"a{number}@x.co")
    tries(TRIES, address=ELSEWHERE)
    assert tries(address=ELSEWHERE) == tries() == WAIT_S
    assert tries(device="laptop", is_correct=True) == 0
    # Nor does it help the stranger.
    assert tries(address=ELSEWHERE) == WAIT_S


def test_known_device_is_counted_by_itself(tries, db):
    assert tries(TRIES, device="laptop") == 0
    assert tries(device="laptop") == WAIT_S
    assert tries(device="telephone") == tries() == 0


def test_old_failures_expire(tries, db):
    tries(TRIES - 1)
    assert tries(TRIES, at=throttles.FAILURES_EXPIRE_AFTER_S + 1) == 0


def test_throttle_stores_only_digests(tries, db):
    tries(device="laptop")
    tries()
    assert {len(row.key) for row in SignInThrottle} == {64}


def test_expired_rows_are_deleted(do, tries, db):
    tries()
    do(throttles.delete_expired_throttles, None, throttles.FAILURES_EXPIRE_AFTER_S)
    assert SignInThrottle.select().count() == 2
    do(throttles.delete_expired_throttles, None, 2 * throttles.FAILURES_EXPIRE_AFTER_S + 1)
    assert not SignInThrottle.select().exists()


def test_wrong_codes_are_counted_apart_from_passwords_and_for_a_day(do, db):
    password = SignInAttempt("ana@x.co", HERE, TRIES, WAIT_S)
    code = SignInAttempt("ana@x.co", HERE, TRIES, WAIT_S, step=throttles.CODE_STEP)

    def try_it(attempt, at, is_correct=False):
        do(throttles.begin_sign_in_attempt, attempt, at)
        return do(throttles.settle_sign_in_attempt, SettledAttempt(attempt, is_correct), at)

    assert [try_it(code, 0) for _ in range(TRIES)] == [2, 1, 0]
    try_it(password, 1, is_correct=True)
    with pytest.raises(RateLimited):
        try_it(code, 1)
    # Each wait doubles from where it was, hours later too; those of passwords begin anew after a quarter of an hour.
    later = throttles.FAILURES_EXPIRE_AFTER_S * 4
    assert try_it(code, later) == 0
    with pytest.raises(RateLimited) as waiting:
        try_it(code, later)
    assert waiting.value.retry_after_s == 2 * WAIT_S
    assert try_it(code, later + throttles.CODE_FAILURES_EXPIRE_AFTER_S + 1) == TRIES - 1


def test_attempt_that_ended_before_it_was_verified_counts_as_nothing(do, begin, db):
    attempt = begin()
    assert do(throttles.settle_sign_in_attempt, SettledAttempt(attempt, is_correct=None)) == TRIES
    assert {(row.failures, row.pending) for row in SignInThrottle.select()} == {(0, 0)}


def test_throttles_of_codes_are_deleted_after_two_days(do, db):
    do(throttles.begin_sign_in_attempt, SignInAttempt("ana@x.co", HERE, TRIES, WAIT_S, step=throttles.CODE_STEP))
    do(throttles.delete_expired_throttles, None, throttles.THROTTLES_KEPT.total_seconds() + 1)
    assert SignInThrottle.select().count() == 2
    do(throttles.delete_expired_throttles, None, throttles.CODE_THROTTLES_KEPT.total_seconds() + 1)
    assert not SignInThrottle.select().exists()
