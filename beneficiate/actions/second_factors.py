"""The second factor of the staff: set up, used, renewed, turned off, and reset by a supervisor.

Every change is recorded in the audit and told by a letter. All but new recovery codes, which nobody has signed in with,
end the other sign-ins of their person in all processes.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.actions import account_emails, audit, quotas, sign_ins
from beneficiate.actions.passwords import lock_verified_account
from beneficiate.actions.staff import lock_staff_member
from beneficiate.domain import second_factor
from beneficiate.domain.email_addresses import normalize_email_address
from beneficiate.encryption import UndecipherableText
from beneficiate.errors import Conflict, InvalidForm, NotFound
from beneficiate.models.account_emails import ENROLLED, RECOVERED, RENEWED, RESET, TURNED_OFF
from beneficiate.models.accounts import Agent, SignIn, User
from beneficiate.models.second_factors import RecoveryCode, SecondFactor
from beneficiate.queries.accounts import digest_secret
from beneficiate.queries.second_factors import decrypt_secret, is_recovered_here, secret_context
from beneficiate.sign_in_errors import WrongCode
from beneficiate.unit_of_work import Actor, UnitOfWork

SETUP_LIFETIME = timedelta(minutes=15)
MIN_REASON_CHARS, MAX_REASON_CHARS = 10, 500
USED_CODE = "Ese código ya se usó. Espere a que aparezca el siguiente."
NO_FACTOR = "No hay un segundo paso activo."
EXPIRED_SETUP = "Pasó mucho tiempo con ese cuadro. Empiece otra vez."
OVERTAKEN_SETUP = "Su segundo paso cambió mientras tenía ese cuadro abierto. Empiece otra vez."


@dataclass(frozen=True, slots=True)
class ProveFactor:
    """The code that the actor typed after their password, the token of their session, and the hash of that password."""

    code: str
    token: str
    present_hash: str


@dataclass(frozen=True, slots=True)
class ConfirmSetup:
    """The first code of a new application: `setup` is what `begin_setup` returned for the same `token`."""

    setup: str
    code: str
    token: str


@dataclass(frozen=True, slots=True)
class ResetSecondFactor:
    """One of the staff who lost their application and codes, and why a supervisor believes them."""

    user_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Setup:
    """What an application of codes is set up with: its secret, and the same encrypted for the form.

    `replaces` tells the factor that the person had when the setup began from any later one.
    """

    secret: str
    email: str
    sealed: str
    replaces: str


def begin_setup(uow: UnitOfWork, command: ProveFactor) -> Setup:
    """Draw the secret of a new application of the actor. Nothing changes until its first code was typed.

    Who has a factor proves it with a code, unless this sign-in began with a recovery code. Raises WrongCode, and
    Conflict when the password was changed meanwhile.
    """
    lock_verified_account(uow, command.present_hash)
    factor = SecondFactor.get_or_none(SecondFactor.user == uow.actor.user_id)
    if factor is not None and not is_recovered_here(uow, factor, command.token):
        accept_code(uow, factor, command.code)
    return seal_setup(uow, uow.actor.user_id, command.token)


def reopen_setup(uow: UnitOfWork, command: ConfirmSetup) -> Setup:
    """Return a setup that the actor has begun, to show it again. Raises Conflict when it is too old."""
    return open_setup(uow, uow.actor.user_id, command)


def confirm_setup(uow: UnitOfWork, command: ConfirmSetup) -> list[str]:
    """Make an application the second factor of the actor and return ten recovery codes. Raises WrongCode, Conflict."""
    quotas.consume_quota(uow, uow.rules.quotas.audited_actions)
    codes = store_second_factor(uow, uow.actor, command)
    sign_ins.end_other_sign_ins(uow, uow.actor.user_id, command.token)
    return codes


def renew_recovery_codes(uow: UnitOfWork, command: ProveFactor) -> list[str]:
    """Return ten new recovery codes of the actor; those of before are good no more. Raises WrongCode, Conflict."""
    factor = _prove(uow, command)
    audit.record_audit(uow, "factor.renew_codes", f"user:{factor.user_id}")
    account_emails.queue_notice(uow, RENEWED, factor.user_id)
    return _store_codes(factor, decrypt_secret(uow, factor))


def turn_off_second_factor(uow: UnitOfWork, command: ProveFactor) -> None:
    """Let the password alone sign the actor in. Raises WrongCode, and Conflict where a second factor is required."""
    if uow.rules.requires_second_factor:
        raise Conflict("El segundo paso es obligatorio para el equipo: puede cambiarlo, pero no quitarlo.")
    factor = _prove(uow, command)
    _delete(uow, factor, TURNED_OFF)
    audit.record_audit(uow, "factor.turn_off", f"user:{factor.user_id}")
    sign_ins.end_other_sign_ins(uow, factor.user_id, command.token)


def reset_second_factor(uow: UnitOfWork, command: ResetSecondFactor) -> None:
    """Take the factor of one of the staff away, who has lost it; without one nothing changes, as when it is sent twice.

    Raises InvalidForm, NotFound, Conflict.
    """
    reason = command.reason.strip()
    if not MIN_REASON_CHARS <= len(reason) <= MAX_REASON_CHARS:
        sentence = f"Escriba entre {MIN_REASON_CHARS} y {MAX_REASON_CHARS} letras: queda en la auditoría."
        raise InvalidForm({"motivo": sentence})
    lock_staff_member(uow, command.user_id)
    if command.user_id == uow.actor.user_id:
        raise Conflict("El suyo lo cambia usted en su cuenta, con su código.")
    if not SecondFactor.select().where(SecondFactor.user == command.user_id).exists():
        return
    audit.record_audit(uow, "factor.reset", f"user:{command.user_id}", reason, person_id=command.user_id)
    _reset(uow, command.user_id)


def reset_second_factor_of_account(uow: UnitOfWork, command: tuple[str, str]) -> int:
    """Reset the factor of the account with an e-mail, for a reason, by the command line. Raises NotFound, Conflict."""
    email, reason = command
    user = User.get_or_none(User.email == normalize_email_address(email))
    if user is None:
        raise NotFound("No encontramos esa cuenta.")
    User.lock_rows([user.id])
    audit.record_act(uow, "factor.reset", f"user:{user.id}", reason, person_id=user.id)
    _reset(uow, user.id)
    return int(user.id)


def end_sign_ins_without_factor(uow: UnitOfWork) -> None:
    """End the sign-ins of the staff that began before a second factor was required. Running it twice is harmless.

    Whoever signs in now without one has to set it up first.
    """
    if not uow.rules.requires_second_factor:
        return
    factors, agents = SecondFactor.select(SecondFactor.user), Agent.select(Agent.user)
    is_open = SignIn.ended_at.is_null() & (SignIn.expires_at > uow.now)
    found = SignIn.select(SignIn.user).where(is_open, SignIn.user.in_(agents), SignIn.user.not_in(factors)).distinct()
    for user_id in sorted(row[0] for row in found.tuples()):
        User.lock_rows([user_id])
        # Read again: they may have set one up meanwhile.
        if not SecondFactor.select().where(SecondFactor.user == user_id).exists():
            audit.record_act(uow, "factor.require", f"user:{user_id}", person_id=user_id)
            sign_ins.end_all_sign_ins(uow, user_id)


def seal_setup(uow: UnitOfWork, user_id: int, token: str) -> Setup:
    """Return a new secret for a person; sealed, it is good for 15 minutes with the same token."""
    secret, replaces = second_factor.draw_secret(), _tell_factor(user_id)
    content = json.dumps({"secret": secret, "until": (uow.now + SETUP_LIFETIME).timestamp(), "replaces": replaces})
    email = User.select(User.email).where(User.id == user_id).scalar()
    return Setup(secret, email, uow.rules.cipher.encrypt(content, _setup_context(user_id, token)), replaces)


def open_setup(uow: UnitOfWork, user_id: int, command: ConfirmSetup) -> Setup:
    """Return the setup that was sealed for this person and token. Raises Conflict when it is too old, or another's."""
    try:
        content = json.loads(uow.rules.cipher.decrypt(command.setup, _setup_context(user_id, command.token)))
    except UndecipherableText as problem:
        raise Conflict(EXPIRED_SETUP) from problem
    if content["until"] < uow.now.timestamp():
        raise Conflict(EXPIRED_SETUP)
    email = User.select(User.email).where(User.id == user_id).scalar()
    # An older process that goes on beside this one seals none.
    return Setup(content["secret"], email, command.setup, content.get("replaces", ""))


def store_second_factor(uow: UnitOfWork, actor: Actor, command: ConfirmSetup) -> list[str]:
    """Make an application the factor of a person, and return ten recovery codes. The caller ends their sign-ins.

    Raises WrongCode, Conflict, also when the factor that it would replace is not the one that was proved any more.
    """
    User.lock_rows([actor.user_id])
    setup = open_setup(uow, actor.user_id, command)
    secret = setup.secret
    step = second_factor.find_step(secret, second_factor.normalize_code(command.code), uow.now)
    if step is None:
        raise WrongCode
    before = SecondFactor.get_or_none(SecondFactor.user == actor.user_id)
    if before is not None and decrypt_secret(uow, before) == secret:
        raise Conflict("Ese cuadro ya quedó activo. Para ver códigos nuevos, pídalos abajo.")
    if setup.replaces != _tell_factor(actor.user_id):
        raise Conflict(OVERTAKEN_SETUP)
    SecondFactor.delete().where(SecondFactor.user == actor.user_id).execute()
    encrypted = uow.rules.cipher.encrypt(secret, secret_context(actor.user_id))
    factor = SecondFactor.create(user=actor.user_id, secret=encrypted, last_step=step, created_at=uow.now)
    changes = {"second_factor": (before is not None, True)}
    audit.record_act(uow, "factor.enrol", f"user:{actor.user_id}", changes=changes, actor=actor)
    account_emails.queue_notice(uow, ENROLLED, actor.user_id)
    return _store_codes(factor, secret)


def _tell_factor(user_id: int) -> str:
    """Return what tells the factor of a person from those before and after it, empty without one."""
    factor = SecondFactor.get_or_none(SecondFactor.user == user_id)
    # Not the id alone: SQLite gives the one that was deleted last again.
    return "" if factor is None else f"{factor.id} {factor.created_at.isoformat()}"


def accept_code(uow: UnitOfWork, factor: SecondFactor, text: str) -> bool:
    """Use a code up, and return whether it was one for recovery. Raises WrongCode.

    Each is used up by an update that one of two simultaneous sign-ins does. The caller holds the user's row.
    """
    secret, code = decrypt_secret(uow, factor), second_factor.normalize_code(text)
    if not second_factor.is_application_code(code):
        _use_recovery_code(factor, second_factor.hash_recovery_code(secret, code), uow.now)
        return True
    step = second_factor.find_step(secret, code, uow.now)
    if step is None:
        raise WrongCode
    is_new = (SecondFactor.id == factor.id) & (SecondFactor.last_step < step)
    if not SecondFactor.update(last_step=step, recovered_by=None).where(is_new).execute():
        raise WrongCode(USED_CODE)
    return False


def announce_recovery(uow: UnitOfWork, factor: SecondFactor, sign_in_id: int, actor: Actor) -> None:
    """Let a sign-in that began with a recovery code set the factor up again, and tell its person of it."""
    SecondFactor.update(recovered_by=sign_in_id).where(SecondFactor.id == factor.id).execute()
    audit.record_act(uow, "factor.recover", f"user:{actor.user_id}", actor=actor)
    account_emails.queue_notice(uow, RECOVERED, actor.user_id)


def _use_recovery_code(factor: SecondFactor, code_hash: str, now: datetime) -> None:
    is_it = (RecoveryCode.factor == factor.id) & (RecoveryCode.code_hash == code_hash) & RecoveryCode.used_at.is_null()
    if not RecoveryCode.update(used_at=now).where(is_it).execute():
        raise WrongCode("Ese código de recuperación no es, o ya se usó.")


def _prove(uow: UnitOfWork, command: ProveFactor) -> SecondFactor:
    """Return the actor's factor after its code was used up. Raises WrongCode, Conflict."""
    lock_verified_account(uow, command.present_hash)
    factor: SecondFactor | None = SecondFactor.get_or_none(SecondFactor.user == uow.actor.user_id)
    if factor is None:
        raise Conflict(NO_FACTOR)
    accept_code(uow, factor, command.code)
    return factor


def _reset(uow: UnitOfWork, user_id: int) -> None:
    factor = SecondFactor.get_or_none(SecondFactor.user == user_id)
    if factor is None:
        raise Conflict(NO_FACTOR)
    _delete(uow, factor, RESET)
    sign_ins.end_all_sign_ins(uow, user_id)


def _delete(uow: UnitOfWork, factor: SecondFactor, kind: str) -> None:
    SecondFactor.delete().where(SecondFactor.id == factor.id).execute()
    account_emails.queue_notice(uow, kind, factor.user_id)


def _store_codes(factor: SecondFactor, secret: str) -> list[str]:
    RecoveryCode.delete().where(RecoveryCode.factor == factor.id).execute()
    codes = second_factor.draw_recovery_codes()
    rows = [{"factor": factor.id, "code_hash": second_factor.hash_recovery_code(secret, code)} for code in codes]
    RecoveryCode.insert_many(rows).execute()
    return codes


def _setup_context(user_id: int, token: str) -> str:
    return f"setup:{user_id}:{digest_secret(token)}"
