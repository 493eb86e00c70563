"""Sign-ins in two steps: after the password a challenge waits for the second factor, or for setting one up.

A challenge is an opaque token, of which only a digest is stored. It is no access token, is good for one sign-in of its
kind, for ten minutes, and ends with the password and with every sign-in of its person.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from beneficiate.actions import second_factors, sign_ins
from beneficiate.actions.sign_ins import SignedIn, StartSignIn
from beneficiate.errors import Unauthorized, WrongCredentials
from beneficiate.models.accounts import PAGE_SIGN_IN, User
from beneficiate.models.second_factors import SecondFactor, SignInChallenge
from beneficiate.queries.accounts import digest_secret, find_actors
from beneficiate.queries.second_factors import ENROLMENT_STEP, SecondStep, find_challenge, find_second_step
from beneficiate.sign_in_errors import ChallengeExpired
from beneficiate.unit_of_work import Actor, UnitOfWork

CHALLENGE_LIFETIME = timedelta(minutes=10)
"""Enough to install an application of codes; whoever has one types a code in half a minute."""
MAX_CHALLENGES = 5
"""Of one person at a time; the oldest end."""


@dataclass(frozen=True, slots=True)
class StartedChallenge:
    """The token of a challenge, and what its person has to do."""

    token: str
    step: SecondStep
    lifetime_s: int


@dataclass(frozen=True, slots=True)
class AnswerChallenge:
    """A challenge of a sign-in of this kind, the code that was typed, and whether on a device new to the account."""

    token: str
    kind: str
    code: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class EnrolWithChallenge:
    """A challenge of a sign-in of this kind, the setup that was begun with it, and the first code.

    `is_new` is whether the device is new to the account.
    """

    token: str
    kind: str
    setup: str
    code: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class SecondStepDone:
    """A sign-in after its second step: `is_recovered` by a recovery code; `codes` are those of a new application."""

    signed_in: SignedIn
    is_remembered: bool
    is_recovered: bool = False
    codes: tuple[str, ...] = ()


def begin_sign_in(uow: UnitOfWork, command: StartSignIn) -> SignedIn | StartedChallenge:
    """Start a sign-in whose password was right, or a challenge where that is not enough.

    Raises as `start_sign_in`, and WrongCredentials when the password has changed since it was verified: that ended
    every sign-in, and this one would outlive it.
    """
    User.lock_rows([command.user_id])
    actor = find_actors([command.user_id]).get(command.user_id)
    if actor is None:
        raise Unauthorized
    password_hash = User.select(User.password_hash).where(User.id == actor.user_id).scalar()
    if password_hash != command.password_hash:
        raise WrongCredentials
    step = find_second_step(uow, actor)
    if not step:
        return sign_ins.start_sign_in(uow, command)
    is_own = SignInChallenge.user == actor.user_id
    newest = SignInChallenge.select(SignInChallenge.id).where(is_own).order_by(SignInChallenge.id.desc())
    kept_ids = [challenge_id for (challenge_id,) in newest.limit(MAX_CHALLENGES - 1).tuples()]
    SignInChallenge.delete().where(is_own, SignInChallenge.id.not_in(kept_ids)).execute()
    token = secrets.token_urlsafe(32)
    SignInChallenge.create(
        user=actor.user_id,
        token_hash=digest_secret(token),
        kind=command.kind,
        is_remembered=command.is_remembered,
        password_digest=digest_secret(password_hash),
        expires_at=uow.now + CHALLENGE_LIFETIME,
    )
    return StartedChallenge(token, step, int(CHALLENGE_LIFETIME.total_seconds()))


def answer_challenge(uow: UnitOfWork, command: AnswerChallenge) -> SecondStepDone:
    """Finish a sign-in with a code of the application or for recovery. Raises ChallengeExpired, WrongCode."""
    challenge, actor = _lock_challenge(uow, command.token, command.kind)
    factor = SecondFactor.get_or_none(SecondFactor.user == actor.user_id)
    if factor is None:
        raise ChallengeExpired
    is_recovered = second_factors.accept_code(uow, factor, command.code)
    signed_in = _finish(uow, challenge, is_new=command.is_new)
    if is_recovered:
        second_factors.announce_recovery(uow, factor, signed_in.sign_in_id, actor)
    return SecondStepDone(signed_in, challenge.is_remembered, is_recovered)


def begin_required_setup(uow: UnitOfWork, command: tuple[str, str]) -> second_factors.Setup:
    """Draw the secret of an application for who has none and needs one; `command` is the token and the kind.

    Raises ChallengeExpired.
    """
    challenge, actor = _lock_challenge(uow, *command)
    if find_second_step(uow, actor) != ENROLMENT_STEP:
        raise ChallengeExpired
    return second_factors.seal_setup(uow, challenge.user_id, command[0])


def reopen_required_setup(uow: UnitOfWork, command: second_factors.ConfirmSetup) -> second_factors.Setup:
    """Return a setup that was begun with the challenge of a page, to show it again.

    Raises ChallengeExpired, Conflict.
    """
    user_id = find_challenge(uow, command.token, PAGE_SIGN_IN).user_id
    return second_factors.open_setup(uow, user_id, command)


def enrol_with_challenge(uow: UnitOfWork, command: EnrolWithChallenge) -> SecondStepDone:
    """Set the factor up that a sign-in waits for, and finish it; every other sign-in of the person ends.

    Raises ChallengeExpired, WrongCode, Conflict.
    """
    challenge, actor = _lock_challenge(uow, command.token, command.kind)
    if find_second_step(uow, actor) != ENROLMENT_STEP:
        raise ChallengeExpired
    setup = second_factors.ConfirmSetup(command.setup, command.code, command.token)
    codes = second_factors.store_second_factor(uow, actor, setup)
    sign_ins.end_all_sign_ins(uow, actor.user_id)
    signed_in = _finish(uow, challenge, is_new=command.is_new)
    return SecondStepDone(signed_in, challenge.is_remembered, codes=tuple(codes))


def _lock_challenge(uow: UnitOfWork, token: str, kind: str) -> tuple[SignInChallenge, Actor]:
    """Return an open challenge and its person, whose row is locked. Raises ChallengeExpired."""
    User.lock_rows([find_challenge(uow, token, kind).user_id])
    # Read again: of two who answer at once, one finds it used up.
    challenge = find_challenge(uow, token, kind)
    return challenge, find_actors([challenge.user_id])[challenge.user_id]


def _finish(uow: UnitOfWork, challenge: SignInChallenge, *, is_new: bool) -> SignedIn:
    SignInChallenge.delete().where(SignInChallenge.id == challenge.id).execute()
    command = StartSignIn(challenge.user_id, challenge.kind, challenge.is_remembered, True, is_new)
    return sign_ins.start_sign_in(uow, command)
