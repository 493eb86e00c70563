"""The facts of the demo chats, as if their people had acted when the data says so."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from beneficiate.domain import facts
from beneficiate.models.accounts import Agent, User
from beneficiate.models.chats import Chat, Rating
from beneficiate.models.facts import Fact

SCORES = (5, 4, 5, 5, 3)


def add_chat_facts(chat: Chat, agent: Agent, agent_user: User, said: Sequence[tuple[str, datetime]]) -> None:
    """Add the facts of a support chat; `said` has the side and the time of each message."""
    common = {"chat_id": chat.id, "span": 1, "agent_name": agent_user.name, "agent_code": agent.agent_code}
    for kind, at, duration_s, detail in _facts_of(chat, said):
        role, by_agent = ("member", None) if kind in (facts.OPENED, facts.QUEUED) else ("agent", agent.id)
        Fact.create(
            at=at, kind=kind, detail=detail, duration_s=duration_s, actor_role=role, agent_id=by_agent, **common
        )
    if chat.closed_at is not None:
        score = SCORES[chat.id % len(SCORES)]
        Rating.create(chat=chat, agent=agent, score=score, created_at=chat.closed_at)
        Fact.create(at=chat.closed_at, kind=facts.RATED, value=score, actor_role="member", agent_id=agent.id, **common)


def _facts_of(chat: Chat, said: Sequence[tuple[str, datetime]]) -> Iterator[tuple[str, datetime, int | None, str]]:
    """Yield kind, time, duration and detail of each fact, in order."""
    opened_at, since, has_reply = chat.created_at, None, False
    yield facts.OPENED, opened_at, None, ""
    yield facts.QUEUED, opened_at, 0, facts.NEW
    yield facts.ASSIGNED, opened_at, 0, "assigned"
    for side, at in said:
        if side == "USER":
            since = since or at
        elif side == "OTHER" and since is not None:
            yield facts.REPLY if has_reply else facts.FIRST_REPLY, at, _seconds(since, at), ""
            since, has_reply = None, True
    if chat.closed_at is not None:
        detail = facts.ANSWERED if has_reply or since is None else facts.MISSED
        lasted_s = _seconds(opened_at, chat.closed_at)
        yield facts.CLOSED, chat.closed_at, lasted_s, detail
        if detail == facts.ANSWERED:
            yield facts.RESOLUTION, chat.closed_at, lasted_s, ""


def _seconds(since: datetime, until: datetime) -> int:
    return round((until - since).total_seconds())
