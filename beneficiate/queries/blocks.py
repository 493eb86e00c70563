"""Who is blocked now: rows of the database, and the rates that the processes share."""

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import reduce
from ipaddress import ip_address
from operator import or_

from beneficiate.limits import EMAILS_PER_ADDRESS, HOUR, Quota, Quotas, network_of
from beneficiate.models.account_emails import EmailRequestCount
from beneficiate.models.accounts import Agent, SignInThrottle, User
from beneficiate.models.quotas import QuotaUse
from beneficiate.queries.administration import MAX_ROWS
from beneficiate.rate_limiters import Refusal
from beneficiate.search import matches_query
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import blocks as views
from beneficiate.views.administration import ListFilters, NewestRows
from beneficiate.views.blocks import Block, FoundBlocks
from beneficiate.views.masking import HIDDEN, mask_email

BLOCKS_PER_PAGE = 50
BLOCKS_PER_KIND = MAX_ROWS


@dataclass(frozen=True, slots=True)
class BlockQuery:
    """What the list shows: `after` of the filters is how many blocks come before, since they are of several tables.

    `refusals` are the rates that were refused in the last minute.
    """

    filters: ListFilters
    refusals: list[Refusal]


def list_blocks(uow: UnitOfWork, query: BlockQuery) -> FoundBlocks:
    """Return 50 blocks that match the text, who waits longest first; of each kind 5,000 are looked through."""
    kinds = [_list_sign_ins(uow), _list_emails(uow), _list_quotas(uow), _list_rates(uow, query.refusals)]
    wanted = mask_searched(query.filters.text)
    blocks = [block for kind in kinds for block in kind[:BLOCKS_PER_KIND] if matches_query(wanted, block.search_text)]
    blocks.sort(key=lambda one: one.until, reverse=True)
    # What was on the last page may be over.
    first = query.filters.after if query.filters.after < len(blocks) else 0
    end = first + BLOCKS_PER_PAGE
    page = NewestRows(replace(query.filters, after=first), blocks[first:end], end if end < len(blocks) else 0)
    return FoundBlocks(page, is_cut=any(len(kind) > BLOCKS_PER_KIND for kind in kinds))


def mask_searched(text: str) -> str:
    """Return how the list shows the e-mail or the network that is looked for; any other text as it is."""
    words = text.strip()
    if "@" in words and HIDDEN not in words:
        return mask_email(words)
    try:
        ip_address(words)
    except ValueError:
        return words
    return network_of(words)


def is_row_id(text: str) -> bool:
    """Return whether a text can be the id of a row: of a block, or of the person whom a rate counts by it."""
    return text.isascii() and text.isdecimal() and len(text) < 10


def find_blocked_user(key: str) -> User | None:
    """Return the person whom a rate counts by this key; None for a network."""
    return User.get_or_none(User.id == int(key)) if is_row_id(key) else None


def _list_sign_ins(uow: UnitOfWork) -> list[Block]:
    is_blocked = (SignInThrottle.blocked_until > uow.now) & (SignInThrottle.blocked != "")
    rows = SignInThrottle.select().where(is_blocked).order_by(SignInThrottle.blocked_until.desc(), SignInThrottle.id)
    return [
        Block(
            views.SIGN_IN,
            str(row.id),
            row.blocked,
            views.CODE_LABEL if timedelta(seconds=row.kept_s) > HOUR else views.PASSWORD_LABEL,
            row.blocked_until,
        )
        for row in rows.limit(BLOCKS_PER_KIND + 1)
    ]


def _list_emails(uow: UnitOfWork) -> list[Block]:
    is_full = (EmailRequestCount.used >= EMAILS_PER_ADDRESS) & (EmailRequestCount.blocked != "")
    is_blocked = is_full & (EmailRequestCount.began_at > uow.now - HOUR)
    rows = (
        EmailRequestCount.select().where(is_blocked).order_by(EmailRequestCount.began_at.desc(), EmailRequestCount.id)
    )
    return [
        Block(views.EMAIL, str(row.id), row.blocked, views.EMAIL_LABEL, row.began_at + HOUR)
        for row in rows.limit(BLOCKS_PER_KIND + 1)
    ]


def _list_quotas(uow: UnitOfWork) -> list[Block]:
    quotas = _quotas_by_name(uow.rules.quotas)
    is_used_up = reduce(
        or_,
        (
            (QuotaUse.quota == quota.name)
            & (QuotaUse.began_at > uow.now - quota.period)
            & (QuotaUse.used >= min(quota.amount, quota.staff_amount))
            for quota in quotas.values()
        ),
    )
    query = QuotaUse.select(QuotaUse, User).join(User).where(is_used_up).order_by(QuotaUse.began_at.desc(), QuotaUse.id)
    rows = list(query.limit(BLOCKS_PER_KIND + 1))
    is_staff = Agent.user.in_([row.user_id for row in rows]) & (Agent.status == "ACTIVE")
    staff = {agent.user_id for agent in Agent.select(Agent.user).where(is_staff)}
    return [
        Block(
            views.QUOTA,
            str(row.id),
            views.describe_blocked_email(row.user.email),
            views.QUOTA_LABELS[row.quota],
            row.began_at + quotas[row.quota].period,
        )
        for row in rows
        if row.user_id not in staff or row.used >= quotas[row.quota].staff_amount
    ]


def _list_rates(uow: UnitOfWork, refusals: list[Refusal]) -> list[Block]:
    shown = refusals[: BLOCKS_PER_KIND + 1]
    ids = [int(one.key) for one in shown if is_row_id(one.key)]
    emails = dict(User.select(User.id, User.email).where(User.id.in_(ids)).tuples())
    return [
        Block(
            views.RATE,
            f"{one.limit}:{one.key}",
            views.describe_blocked_email(emails.get(int(one.key), ""))
            if is_row_id(one.key)
            else views.describe_blocked_network(one.key),
            views.RATE_LABELS[one.limit],
            uow.now + timedelta(seconds=one.wait_s),
        )
        for one in shown
    ]


def _quotas_by_name(quotas: Quotas) -> dict[str, Quota]:
    found = (getattr(quotas, one.name) for one in fields(quotas))
    return {quota.name: quota for quota in found if isinstance(quota, Quota)}
