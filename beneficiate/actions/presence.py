"""Presence: rows of processes and connections. A restart cleans up its own rows; those of a killed process expire.

A person is online while one of their connections is open, or was closed less than the grace period ago.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peewee import Expression

from beneficiate.actions import availability, away_notices, unanswered
from beneficiate.errors import Problem, Unauthorized
from beneficiate.models.accounts import ServerProcess, User, UserConnection
from beneficiate.models.base import database, instant_to_text, lock_rows
from beneficiate.models.id_lists import has_one_of
from beneficiate.protocol import channels
from beneficiate.protocol.close_codes import CLOSE_TOO_MANY
from beneficiate.protocol.events import ConnectionsEnded, UserConnected, UserDisconnected
from beneficiate.queries.accounts import filter_open_claims
from beneficiate.queries.presence import find_chat_partners
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched

MAX_OFFLINE_PER_SWEEP = 250
"""The next sweep, a second later, handles the rest: messages must not wait for a thousand disconnections."""
RECENT_CONNECTION_S = 10
"""A connection younger than this may have opened after the process listed its own."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RegisterConnection:
    """A connection of the actor was opened with a token in a process; the newest `limit` of a person stay open."""

    process_id: int
    limit: int
    claims: TokenClaims


@dataclass(frozen=True, slots=True)
class CloseConnection:
    """A connection was closed."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class ProcessHeartbeat:
    """A process is alive, and these are its open connections: id, user id and sign-in."""

    process_id: int
    expiry_s: float
    open_connections: tuple[tuple[int, int, int | None], ...]


@dataclass(frozen=True, slots=True)
class SweepConnections:
    """Processes without a heartbeat for `expiry_s` are dead; connections closed for `grace_s` are deleted."""

    process_id: int
    expiry_s: float
    grace_s: float


def register_process(uow: UnitOfWork, name: str) -> int:
    """Store a new process and return its id."""
    return int(ServerProcess.create(name=name, beat_at=uow.now).id)


@batched()
def register_connections(uow: UnitOfWork, items: list[BatchItem[RegisterConnection]]) -> list[int | Problem]:
    """Store new connections and emit who came online. Returns the id of each connection.

    Problems: Unauthorized when the sign-in of the token has ended.
    """
    # Locked before the sign-ins are read: they end under the same lock.
    User.lock_rows({item.actor.user_id for item in items})
    good = filter_open_claims(uow, {item.command.claims for item in items})
    admitted = [item for item in items if item.command.claims in good]
    ids = _store_connections(uow, admitted) if admitted else {}
    return [ids[_owner(item)].pop() if item.command.claims in good else Unauthorized() for item in items]


@batched()
def close_connections(uow: UnitOfWork, items: list[BatchItem[CloseConnection]]) -> list[Problem | None]:
    """Record that connections were closed; their grace period begins."""
    closed = UserConnection.update(closed_at=uow.now).where(
        UserConnection.id.in_([item.command.connection_id for item in items]), UserConnection.closed_at.is_null()
    )
    closed.execute()
    return [None] * len(items)


def record_heartbeat(uow: UnitOfWork, command: ProcessHeartbeat) -> None:
    """Store the heartbeat of a process and reconcile the rows of its connections with those that it has open.

    A process that was suspended longer than the expiry was taken for dead: what it still has open is stored again.
    Connections that closed while the database did not answer begin their grace period now.
    """
    process = lock_rows(ServerProcess.select().where(ServerProcess.id == command.process_id)).first()
    if process is None:
        process = ServerProcess.create(id=command.process_id, name=f"again-{command.process_id}", beat_at=LONG_AGO)
    was_expired = uow.now - process.beat_at > timedelta(seconds=command.expiry_s)
    ServerProcess.update(beat_at=uow.now).where(ServerProcess.id == process.id).execute()
    if was_expired:
        _reopen_connections(uow, command)
    open_ids = {connection_id for connection_id, *_ in command.open_connections}
    known = UserConnection.select(UserConnection.id).where(
        UserConnection.process == process.id,
        UserConnection.closed_at.is_null(),
        UserConnection.opened_at < uow.now - timedelta(seconds=RECENT_CONNECTION_S),
    )
    # As the driver has them: there are thousands, every few seconds.
    lost_ids = {connection_id for (connection_id,) in database.execute(known)} - open_ids
    if lost_ids:
        UserConnection.update(closed_at=uow.now).where(has_one_of(UserConnection.id, lost_ids)).execute()


def unregister_process(uow: UnitOfWork, process_id: int) -> None:
    """Close the connections of a process that stops; the grace period lets clients reconnect elsewhere."""
    UserConnection.update(closed_at=uow.now).where(
        UserConnection.process == process_id, UserConnection.closed_at.is_null()
    ).execute()


def sweep_connections(uow: UnitOfWork, command: SweepConnections) -> None:
    """Close the connections of dead processes, delete those closed for longer than the grace period, emit who left.

    Harmless when several processes do it at once: rows are claimed by deleting them. A process whose row is locked just
    records its heartbeat, or another one sweeps it: without the lock, connections would be closed that it has reopened.
    """
    silent = uow.now - timedelta(seconds=command.expiry_s)
    dead = ServerProcess.select(ServerProcess.id).where(
        ServerProcess.beat_at < silent, ServerProcess.id != command.process_id
    )
    dead_ids = [id_ for (id_,) in lock_rows(dead, skips_held=True).tuples()]
    if dead_ids:
        UserConnection.update(closed_at=uow.now).where(
            UserConnection.process.in_(dead_ids), UserConnection.closed_at.is_null()
        ).execute()
        with_connections = UserConnection.select(UserConnection.process)
        ServerProcess.delete().where(
            ServerProcess.id.in_(dead_ids),
            ServerProcess.beat_at < silent - timedelta(days=1),
            ServerProcess.id.not_in(with_connections),
        ).execute()
    is_expired = UserConnection.closed_at <= uow.now - timedelta(seconds=command.grace_s)
    user_ids = {
        row[0]
        for row in UserConnection.select(UserConnection.user).where(is_expired).limit(MAX_OFFLINE_PER_SWEEP).tuples()
    }
    if user_ids:
        _lock_users(user_ids)
        UserConnection.delete().where(is_expired, UserConnection.user.in_(user_ids)).execute()
        _mark_offline(uow, user_ids)


def drop_connections(uow: UnitOfWork, user_id: int, condition: Expression) -> None:
    """Delete the connections of a user that match, without a grace period: their sign-ins have ended.

    An agent who has no other connection is set away and goes offline at once. The caller holds the user's row.
    """
    UserConnection.delete().where(UserConnection.user == user_id, condition).execute()
    if UserConnection.select(UserConnection.id).where(UserConnection.user == user_id).exists():
        return
    availability.set_signed_out_agent_away(uow, user_id)
    if User.select(User.id).where(User.id == user_id, User.online_status).exists():
        _mark_offline(uow, {user_id})


def _store_connections(
    uow: UnitOfWork, items: list[BatchItem[RegisterConnection]]
) -> dict[tuple[int, int | None], list[int]]:
    """Store connections and return their ids by user and sign-in, the newest first."""
    now = instant_to_text(uow.now)
    user_ids = {item.actor.user_id for item in items}
    _mark_online(uow, user_ids)
    columns = ("process_id", "user_id", "sign_in_id", "opened_at")
    rows = [(item.command.process_id, *_owner(item), now) for item in items]
    ids: dict[tuple[int, int | None], list[int]] = {}
    for connection_id, *owner in sorted(
        UserConnection.insert_bulk(columns, rows, "id, user_id, sign_in_id"), reverse=True
    ):
        ids.setdefault(tuple(owner), []).append(connection_id)
    _end_oldest_connections(uow, user_ids, items[0].command.limit)
    return ids


def _owner(item: BatchItem[RegisterConnection]) -> tuple[int, int | None]:
    return item.actor.user_id, item.command.claims.sign_in_id


def _reopen_connections(uow: UnitOfWork, command: ProcessHeartbeat) -> None:
    """Reopen the connections that others closed or deleted while this process was suspended."""
    # First, since others delete connections while they hold these people: which are left is read after them.
    _mark_online(uow, {user_id for _, user_id, _ in command.open_connections})
    own = dict(
        UserConnection.select(UserConnection.id, UserConnection.closed_at)
        .where(UserConnection.process == command.process_id)
        .tuples()
    )
    reopened = [id_ for id_, *_ in command.open_connections if own.get(id_) is not None]
    missing_rows = [
        (id_, command.process_id, user_id, sign_in_id, instant_to_text(uow.now))
        for id_, user_id, sign_in_id in command.open_connections
        if id_ not in own
    ]
    UserConnection.update(closed_at=None).where(UserConnection.id.in_(reopened)).execute()
    if missing_rows:
        UserConnection.insert_bulk(("id", "process_id", "user_id", "sign_in_id", "opened_at"), missing_rows)


def _mark_online(uow: UnitOfWork, user_ids: set[int]) -> None:
    online_ids = [user_id for user_id, is_online in _lock_users(user_ids) if not is_online]
    if not online_ids:
        return
    User.update(online_status=True, last_seen=uow.now).where(User.id.in_(online_ids)).execute()
    unanswered.on_agents_online(uow, set(online_ids))
    partners = find_chat_partners(online_ids)
    for user_id in online_ids:
        uow.emit(
            UserConnected(user_id=user_id),
            channels=[channels.PRESENCE_CHANNEL, *map(channels.user_channel, partners.get(user_id, ()))],
        )


def _mark_offline(uow: UnitOfWork, user_ids: set[int]) -> None:
    connected_ids = {
        row[0] for row in UserConnection.select(UserConnection.user).where(UserConnection.user.in_(user_ids)).tuples()
    }
    offline_ids = sorted(user_ids - connected_ids)
    if not offline_ids:
        return
    away_notices.notice_unread_at_leaving(uow, offline_ids)
    User.update(online_status=False, last_seen=uow.now).where(User.id.in_(offline_ids)).execute()
    unanswered.on_agents_offline(uow, set(offline_ids))
    partners = find_chat_partners(offline_ids)
    for user_id in offline_ids:
        uow.emit(
            UserDisconnected(user_id=user_id),
            channels=[channels.PRESENCE_CHANNEL, *map(channels.user_channel, partners.get(user_id, ()))],
        )


def _lock_users(user_ids: Iterable[int]) -> list[tuple[int, bool]]:
    """Lock the rows of these people and return (id, whether online), so that changes in two processes serialise."""
    query = User.select(User.id, User.online_status).where(User.id.in_(list(user_ids))).order_by(User.id)
    return list(lock_rows(query).tuples())


def _end_oldest_connections(uow: UnitOfWork, user_ids: set[int], limit: int) -> None:
    """Close the connections of these people beyond their newest `limit`."""
    query = (
        UserConnection.select(UserConnection.user, UserConnection.id)
        .where(UserConnection.user.in_(list(user_ids)), UserConnection.closed_at.is_null())
        .order_by(UserConnection.id.desc())
    )
    seen: dict[int, int] = {}
    for user_id, connection_id in query.tuples():
        seen[user_id] = seen.get(user_id, 0) + 1
        if seen[user_id] > limit:
            uow.emit(
                ConnectionsEnded(code=CLOSE_TOO_MANY, reason="too many connections"),
                channels=[channels.connection_channel(connection_id)],
            )
