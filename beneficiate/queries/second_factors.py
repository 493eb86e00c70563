"""Second factors: who needs one to sign in, what is known of it, and sign-ins that wait for it."""

from dataclasses import dataclass
from typing import Literal

from beneficiate.encryption import UndecipherableText
from beneficiate.errors import Unavailable
from beneficiate.logs import log_failure
from beneficiate.models.accounts import SignIn, User
from beneficiate.models.second_factors import RecoveryCode, SecondFactor, SignInChallenge
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.accounts import digest_secret, find_sign_in
from beneficiate.sign_in_errors import ChallengeExpired
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views.second_factor import SecondFactorState

SecondStep = Literal["", "code", "enrolment"]
NO_STEP: SecondStep = ""
CODE_STEP: SecondStep = "code"
ENROLMENT_STEP: SecondStep = "enrolment"


@dataclass(frozen=True, slots=True)
class WaitingSignIn:
    """A sign-in that waits for its second step: whose it is, and how many recovery codes they have left."""

    user_id: int
    email: str
    first_name: str
    step: SecondStep
    codes_left: int


def find_second_step(uow: UnitOfWork, actor: Actor) -> SecondStep:
    """Return what a person has to do after their password: nothing, type a code, or set a second factor up."""
    if actor.role not in STAFF_ROLES:
        return NO_STEP
    if SecondFactor.select().where(SecondFactor.user == actor.user_id).exists():
        return CODE_STEP
    return ENROLMENT_STEP if uow.rules.requires_second_factor else NO_STEP


def find_challenge(uow: UnitOfWork, token: str, kind: str) -> SignInChallenge:
    """Return the open challenge of a token for a sign-in of this kind. Raises ChallengeExpired."""
    row: SignInChallenge | None = SignInChallenge.get_or_none(SignInChallenge.token_hash == digest_secret(token))
    if row is None or row.kind != kind or row.expires_at <= uow.now:
        raise ChallengeExpired
    user = User.get_by_id(row.user_id)
    if not user.is_active or row.password_digest != digest_secret(user.password_hash):
        raise ChallengeExpired
    return row


def load_waiting_sign_in(uow: UnitOfWork, command: tuple[str, str]) -> WaitingSignIn:
    """Return the sign-in of the token of a challenge, for a kind: `command` is both. Raises ChallengeExpired."""
    user = User.get_by_id(find_challenge(uow, *command).user_id)
    has_factor = SecondFactor.select().where(SecondFactor.user == user.id).exists()
    step = CODE_STEP if has_factor else ENROLMENT_STEP
    return WaitingSignIn(user.id, user.email, user.first_name, step, count_codes_left(user.id))


def load_second_factor(uow: UnitOfWork, token: str) -> SecondFactorState:
    """Return what the actor is told about their own factor; `token` is the cookie of the request."""
    row = SecondFactor.get_or_none(SecondFactor.user == uow.actor.user_id)
    return SecondFactorState(
        since=row.created_at if row else None,
        codes_left=count_codes_left(uow.actor.user_id),
        is_required=uow.rules.requires_second_factor,
        is_recovered=row is not None and is_recovered_here(uow, row, token),
    )


def is_recovered_here(uow: UnitOfWork, factor: SecondFactor, token: str) -> bool:
    """Return whether the sign-in of this token began with a recovery code of the factor."""
    sign_in: SignIn | None = find_sign_in(uow.now, token) if factor.recovered_by_id else None
    return sign_in is not None and sign_in.id == factor.recovered_by_id


def count_codes_left(user_id: int) -> int:
    """Return how many recovery codes a person can still use."""
    codes = RecoveryCode.select().join(SecondFactor).where(SecondFactor.user == user_id)
    return int(codes.where(RecoveryCode.used_at.is_null()).count())


def decrypt_secret(uow: UnitOfWork, factor: SecondFactor) -> str:
    """Return the secret of a factor. Raises Unavailable when its key is not among those of the settings."""
    try:
        return uow.rules.cipher.decrypt(factor.secret, secret_context(factor.user_id))
    except UndecipherableText as problem:
        log_failure("secret_not_decrypted", problem, {"user_id": factor.user_id})
        raise Unavailable from problem


def secret_context(user_id: int) -> str:
    """Return what the secret of a person is encrypted for: in the row of another one it is worthless."""
    return f"second_factors:{user_id}"
