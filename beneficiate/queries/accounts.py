"""Accounts: roles come from the database, never from a token."""

import hashlib
import hmac
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

import msgspec
from peewee import JOIN, SQL, fn

from beneficiate.domain.billing.periods import find_last_covered_day
from beneficiate.domain.identity_documents import write_document
from beneficiate.errors import Problem, Unauthorized
from beneficiate.formatting import bogota_date
from beneficiate.models.account_emails import Registration
from beneficiate.models.accounts import HAS_OLD_HASH, PAGE_SIGN_IN, Agent, SignIn, Supervisor, User
from beneficiate.models.base import database
from beneficiate.models.id_lists import has_one_of
from beneficiate.models.payments import Plan, Subscription
from beneficiate.models.second_factors import SecondFactor
from beneficiate.passwords import MAX_OLD_COST
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import Actor, BatchItem, UnitOfWork, batched


@dataclass(frozen=True, slots=True)
class Credentials:
    """The hash that a password is compared with; `user_id` is 0 for who registered and has not confirmed.

    `highest_old_cost` is that of all hashes of the old service, 0 for none: see `passwords.verify_password`.
    """

    user_id: int
    password_hash: str
    is_active: bool
    highest_old_cost: int = 0


@dataclass(frozen=True, slots=True)
class PageSession:
    """Whom a page's cookie belongs to, the id of the sign-in, and until when to extend it; None when it need not be."""

    actor: Actor
    sign_in_id: int
    extended_until: datetime | None


class CurrentPlan(TypedDict):
    """The current plan of a member, until just before `ends_at`."""

    code: str
    name: str
    ends_at: datetime


class Profile(msgspec.Struct, frozen=True):
    """What signed-in people are told about themselves."""

    id: int
    email: str
    first_name: str
    last_name: str
    role: str
    plan: CurrentPlan | None


def find_actors(user_ids: Iterable[int]) -> dict[int, Actor]:
    """Return the active people of these ids with their roles: supervisor before agent before member."""
    query = (
        User.select(User.id, User.first_name, User.last_name, Agent.id, Agent.status, Supervisor.id)
        .join(Agent, JOIN.LEFT_OUTER, on=Agent.user == User.id)
        .join_from(User, Supervisor, JOIN.LEFT_OUTER, on=(Supervisor.user == User.id) & (Supervisor.status == "ACTIVE"))
        .where(has_one_of(User.id, user_ids), User.is_active)
    )
    # As the driver has them: a model would look at each of 500 rows for what to convert.
    return {row[0]: _build_actor(*row) for row in database.execute(query)}


@batched(writes=False)
def identify_actors(uow: UnitOfWork, items: list[BatchItem[TokenClaims]]) -> list[Actor | Problem]:
    """Return the person of each access token.

    Problems: Unauthorized for unknown and deactivated ones, and for tokens whose sign-in has ended.
    """
    claims = {item.command for item in items}
    actors, good = find_actors({one.user_id for one in claims}), filter_open_claims(uow, claims)
    return [(actors.get(item.command.user_id) if item.command in good else None) or Unauthorized() for item in items]


def filter_open_claims(uow: UnitOfWork, claims: set[TokenClaims]) -> set[TokenClaims]:
    """Return those of these tokens whose sign-in is open.

    A token that names no sign-in has to be younger than `tokens_valid_after` of its user, if that is set. It was given
    without a second step, and is refused for whoever has a second factor, and for the staff where one is required.
    """
    open_ids = find_open_sign_ins(uow.now, {one.sign_in_id for one in claims if one.sign_in_id is not None})
    cutoffs = _find_cutoffs(uow, {one.user_id for one in claims if one.sign_in_id is None})
    return {
        one
        for one in claims
        if (
            one.issued_at > cutoffs.get(one.user_id, -1.0)
            if one.sign_in_id is None
            else open_ids.get(one.sign_in_id) == one.user_id
        )
    }


def find_ended_claims(uow: UnitOfWork, claims: set[TokenClaims]) -> set[TokenClaims]:
    """Return those of these tokens whose sign-in has ended."""
    return claims - filter_open_claims(uow, claims)


def find_open_sign_ins(now: datetime, sign_in_ids: set[int]) -> dict[int, int]:
    """Return those of these sign-ins that are open, with their user ids."""
    if not sign_in_ids:
        return {}
    is_open = SignIn.ended_at.is_null() & (SignIn.expires_at > now)
    return dict(
        database.execute(SignIn.select(SignIn.id, SignIn.user).where(has_one_of(SignIn.id, sign_in_ids), is_open))
    )


def _find_cutoffs(uow: UnitOfWork, user_ids: set[int]) -> dict[int, float]:
    """Return until when tokens without a sign-in are refused, of the users with a limit, in seconds since the epoch."""
    if not user_ids:
        return {}
    query = User.select(User.id, User.tokens_valid_after).where(
        has_one_of(User.id, user_ids), User.tokens_valid_after.is_null(False)
    )
    factors = SecondFactor.select(SecondFactor.user).where(has_one_of(SecondFactor.user, user_ids)).tuples()
    protected = {user_id for (user_id,) in factors}
    if uow.rules.requires_second_factor:
        protected |= {user_id for user_id, actor in find_actors(user_ids).items() if actor.role in STAFF_ROLES}
    return {
        **{user_id: instant.timestamp() for user_id, instant in query.tuples()},
        **dict.fromkeys(protected, math.inf),
    }


def find_changed_actors(uow: UnitOfWork, actors: list[Actor]) -> set[Actor]:
    """Return those of these actors who have been deactivated or have another role now."""
    current = find_actors({actor.user_id for actor in actors})
    return {actor for actor in actors if _role_and_agent(current.get(actor.user_id)) != _role_and_agent(actor)}


def find_page_session(uow: UnitOfWork, token: str) -> PageSession | None:
    """Return whom the cookie of a page belongs to; None when the sign-in has ended or the account is not active."""
    row = find_sign_in(uow.now, token, kind=PAGE_SIGN_IN)
    actor = None if row is None else find_actors([row.user_id]).get(row.user_id)
    if row is None or actor is None:
        return None
    extension = uow.rules.sign_ins.find_extension(row.created_at, row.expires_at, uow.now)
    return PageSession(actor, row.id, extension)


def find_page_sign_in_id(uow: UnitOfWork, token: str) -> int:
    """Return the id of the open sign-in of a page's cookie. Raises Unauthorized."""
    row = find_sign_in(uow.now, token, kind=PAGE_SIGN_IN)
    if row is None:
        raise Unauthorized
    return int(row.id)


def find_sign_in(now: datetime, token: str, kind: str | None = None) -> SignIn | None:
    """Return the open sign-in of a token `family.secret`, if it is of this kind; None for any other token."""
    family, _, secret = token.partition(".")
    if "\0" in family:  # a cookie may have one, and PostgreSQL would not take it
        return None
    row = SignIn.get_or_none(SignIn.family == family)
    is_good = row is not None and hmac.compare_digest(row.secret_hash, digest_secret(secret)) and row.is_open(now)
    return row if is_good and kind in (None, row.kind) else None


def digest_secret(text: str) -> str:
    """Return the SHA-256 digest in hex. Enough for random secrets of 256 bits; passwords have Argon2."""
    return hashlib.sha256(text.encode()).hexdigest()


def find_credentials(uow: UnitOfWork, email: str) -> tuple[Credentials, Credentials]:
    """Return what a password for this address is compared with: that of the account, then that of who registered last.

    Each is inactive where there is none.
    """
    user = User.get_or_none(User.email == email)
    user_id, password_hash, is_active = (user.id, user.password_hash, user.is_active) if user else (0, "", False)
    account = Credentials(user_id, password_hash, is_active, find_highest_old_cost())
    waiting = Registration.select().where(Registration.email == email, Registration.confirmed_at.is_null())
    last = waiting.order_by(Registration.id.desc()).first()
    return account, Credentials(0, last.password_hash if last else "", is_active=last is not None)


def find_highest_old_cost() -> int:
    """Return the highest cost of the bcrypt hashes that accounts have, 0 for none: the end of a partial index."""
    cost = User.select(fn.MAX(fn.SUBSTR(User.password_hash, 5, 2))).where(SQL(HAS_OLD_HASH)).scalar() or ""
    return min(int(cost), MAX_OLD_COST) if cost.isdecimal() else 0


def load_profile(uow: UnitOfWork, user_id: int) -> Profile:
    """Return the profile of a person for themselves."""
    user = User.get_by_id(user_id)
    actor = find_actors([user_id])[user_id]
    return Profile(
        id=user.id,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        role=actor.role,
        plan=find_current_plan(user_id, uow.now),
    )


def find_own_plan(uow: UnitOfWork) -> CurrentPlan | None:
    """Return the current plan of the actor; None without one."""
    return find_current_plan(uow.actor.user_id, uow.now)


def load_payer(uow: UnitOfWork) -> dict[str, str]:
    """Return the actor as a receipt names them."""
    user = User.get_by_id(uow.actor.user_id)
    return {"name": user.name, "document": write_document(user.document_type, user.document_number)}


def find_current_plan(user_id: int, now: datetime) -> CurrentPlan | None:
    """Return the current plan of a member; None without one."""
    return find_current_plans([user_id], now).get(user_id)


def find_current_plans(user_ids: Iterable[int], now: datetime) -> dict[int, CurrentPlan]:
    """Return the current plan of each of these members who has one: of several, that which ends last."""
    query = (
        Subscription.select(Subscription.user, Plan.code, Plan.name, Subscription.ends_at)
        .join(Plan)
        .where(Subscription.user.in_(list(user_ids)), Subscription.starts_at <= now, Subscription.ends_at > now)
        .order_by(Subscription.ends_at)
    )
    return {user_id: CurrentPlan(code=code, name=name, ends_at=at) for user_id, code, name, at in query.tuples()}


def find_plan_end_day(user_id: int, now: datetime) -> date | None:
    """Return the last day that a member's plans cover, with those that follow the current one; None without one."""
    query = Subscription.select(Subscription.starts_at, Subscription.ends_at)
    spans = query.where(Subscription.user == user_id, Subscription.ends_at > now).tuples()
    return find_last_covered_day(spans, bogota_date(now))


def _role_and_agent(actor: Actor | None) -> tuple[str, int | None] | None:
    return None if actor is None else (actor.role, actor.agent_id)


def _build_actor(
    user_id: int,
    first_name: str,
    last_name: str,
    agent_id: int | None,
    agent_status: str | None,
    supervisor_id: int | None,
) -> Actor:
    """Return the person with their role. A supervisor keeps the agent id that they answer with, whatever its status."""
    name = f"{first_name} {last_name}"
    if supervisor_id is not None:
        return Actor(user_id, "supervisor", agent_id, name)
    return Actor(user_id, "agent", agent_id, name) if agent_status == "ACTIVE" else Actor(user_id, "member", None, name)
