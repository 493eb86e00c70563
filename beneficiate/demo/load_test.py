"""People in bulk for load tests: pairs of a member and an agent with one open chat."""

import uuid
from datetime import UTC, datetime

from beneficiate.models.accounts import Agent, User
from beneficiate.models.base import database, instant_to_text, write_transaction
from beneficiate.models.chats import ACTIVE, SUPPORT, Chat
from beneficiate.passwords import NO_PASSWORD
from beneficiate.settings import Settings
from beneficiate.tokens import AccessTokens

TOKEN_LIFETIME_S = 24 * 3600
USER_COLUMNS = (
    "email",
    "password_hash",
    "first_name",
    "last_name",
    "document_type",
    "document_number",
    "created_at",
)


def create_load_test_pairs(count: int, settings: Settings) -> list[dict[str, object]]:
    """Create `count` pairs of a member and an agent; tokens are valid for a day."""
    tokens = AccessTokens(settings.secret, settings.access_token_s)
    with database.obj.connection_context(), write_transaction():
        now, run = instant_to_text(datetime.now(UTC)), uuid.uuid4().hex[:12]
        members, agents = (_create_users(kind, count, run, now) for kind in ("afiliado", "agente"))
        agent_rows = [(user_id, f"C-{run}-{i}", now) for i, user_id in enumerate(agents)]
        inserted = Agent.insert_bulk(("user_id", "agent_code", "created_at"), agent_rows, "id, user_id")
        agent_of = {user_id: id_ for id_, user_id in inserted}
        chat_rows = [
            (SUPPORT, ACTIVE, member, agent_of[agent], now, now) for member, agent in zip(members, agents, strict=True)
        ]
        columns = ("kind", "status", "user_id", "agent_id", "created_at", "updated_at")
        chat_of = {member: id_ for id_, member in Chat.insert_bulk(columns, chat_rows, "id, user_id")}
    return [
        {
            "member_token": tokens.issue(member, lifetime_s=TOKEN_LIFETIME_S),
            "agent_token": tokens.issue(agent, lifetime_s=TOKEN_LIFETIME_S),
            "chat_id": chat_of[member],
        }
        for member, agent in zip(members, agents, strict=True)
    ]


def _create_users(kind: str, count: int, run: str, now: str) -> list[int]:
    rows = [
        (
            f"{kind}{i}.{run}@carga.invalid",
            NO_PASSWORD,
            f"{kind.title()} {i}",
            "de carga",
            "OTHER",
            f"{kind[:2]}{run}{i}",
            now,
        )
        for i in range(count)
    ]
    return sorted(row[0] for row in User.insert_bulk(USER_COLUMNS, rows))
