"""Who is here: rows of processes and connections, so that a restart repairs its own rows and a killed process fades.

A person is online while one of their connections is open, or closed less than the grace ago.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from beneficiate.actions import routing
from beneficiate.errors import Problem
from beneficiate.models.base import as_text, locked
from beneficiate.models.people import Connection, Process, User
from beneficiate.protocol import topics
from beneficiate.protocol.events import SessionsEnded, UserConnected, UserDisconnected
from beneficiate.queries.presence import partners_of
from beneficiate.store import Order, Work, batched

TOO_MANY = 4409
SWEPT_AT_ONCE = 250
"""A second is soon enough for the rest, and lines must not wait for a thousand goodbyes."""
UNSEEN_S = 10
"""A connection younger than this may have opened after the process looked at what it has."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Arrive:
    """A socket of the actor has opened in a process; the newest `limit` of a person stay."""

    process_id: int
    limit: int


@dataclass(frozen=True, slots=True)
class Depart:
    """A socket has closed."""

    connection_id: int


@dataclass(frozen=True, slots=True)
class Beat:
    """A process is alive, and these are its open connections: id and user id."""

    process_id: int
    expiry_s: float
    open: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """Processes silent for `expiry_s` are dead; connections closed for `grace_s` are gone."""

    process_id: int
    expiry_s: float
    grace_s: float


def register(work: Work, name: str) -> int:
    """A new process; its id."""
    return int(Process.create(name=name, beat_at=work.now).id)


@batched()
def arrive(work: Work, orders: list[Order[Arrive]]) -> list[int | Problem]:
    """Write the new connections down and say who came online; each order gets its connection's id."""
    now = as_text(work.now)
    _come_online(work, {order.actor.user_id for order in orders})
    rows = [(order.command.process_id, order.actor.user_id, now) for order in orders]
    inserted = Connection.insert_bulk(("process_id", "user_id", "opened_at"), rows, returning="id, user_id")
    ids: dict[int, list[int]] = {}
    for connection_id, user_id in sorted(inserted, reverse=True):
        ids.setdefault(user_id, []).append(connection_id)
    _end_oldest(work, ids, orders[0].command.limit)
    return [ids[order.actor.user_id].pop() for order in orders]


@batched()
def depart(work: Work, orders: list[Order[Depart]]) -> list[Problem | None]:
    """Note that connections have closed; the grace begins."""
    closed = Connection.update(closed_at=work.now).where(
        Connection.id.in_([order.command.connection_id for order in orders]), Connection.closed_at.is_null()
    )
    closed.execute()
    return [None] * len(orders)


def beat(work: Work, command: Beat) -> None:
    """The heartbeat of a process, and its open connections as it sees them.

    One that slept longer than the expiry was taken for dead: what is still open is written down again. Connections that
    are gone without a word (their departure met a database that was away) begin their grace.
    """
    process = locked(Process.select().where(Process.id == command.process_id)).first()
    if process is None:
        process = Process.create(id=command.process_id, name=f"again-{command.process_id}", beat_at=LONG_AGO)
    slept = work.now - process.beat_at > timedelta(seconds=command.expiry_s)
    Process.update(beat_at=work.now).where(Process.id == process.id).execute()
    if slept:
        _write_again(work, command)
    live = {connection_id for connection_id, _ in command.open}
    known = Connection.select(Connection.id).where(
        Connection.process == process.id,
        Connection.closed_at.is_null(),
        Connection.opened_at < work.now - timedelta(seconds=UNSEEN_S),
    )
    lost = [connection_id for (connection_id,) in known.tuples() if connection_id not in live]
    if lost:
        Connection.update(closed_at=work.now).where(Connection.id.in_(lost)).execute()


def retire(work: Work, process_id: int) -> None:
    """The process stops: its connections have closed, and the grace lets people come back elsewhere."""
    Connection.update(closed_at=work.now).where(
        Connection.process == process_id, Connection.closed_at.is_null()
    ).execute()


def sweep(work: Work, command: Sweep) -> None:
    """Close the connections of dead processes, forget those closed for longer than the grace, say who is gone.

    Harmless when several processes do it at once: rows are claimed by deleting them.
    """
    silent = work.now - timedelta(seconds=command.expiry_s)
    dead = [
        row[0]
        for row in Process.select(Process.id).where(Process.beat_at < silent, Process.id != command.process_id).tuples()
    ]
    if dead:
        Connection.update(closed_at=work.now).where(
            Connection.process.in_(dead), Connection.closed_at.is_null()
        ).execute()
        kept = Connection.select(Connection.process)
        Process.delete().where(
            Process.id.in_(dead), Process.beat_at < silent - timedelta(days=1), Process.id.not_in(kept)
        ).execute()
    due = Connection.closed_at <= work.now - timedelta(seconds=command.grace_s)
    leaving = {row[0] for row in Connection.select(Connection.user).where(due).limit(SWEPT_AT_ONCE).tuples()}
    if leaving:
        _hold(leaving)
        Connection.delete().where(due, Connection.user.in_(leaving)).execute()
        _go_offline(work, leaving)


def _write_again(work: Work, command: Beat) -> None:
    """Open the connections again that others closed or forgot while this process slept."""
    own = dict(
        Connection.select(Connection.id, Connection.closed_at).where(Connection.process == command.process_id).tuples()
    )
    reopened = [connection_id for connection_id, _ in command.open if own.get(connection_id) is not None]
    missing = [(id_, command.process_id, user_id, as_text(work.now)) for id_, user_id in command.open if id_ not in own]
    _come_online(work, {user_id for _, user_id in command.open})
    Connection.update(closed_at=None).where(Connection.id.in_(reopened)).execute()
    if missing:
        Connection.insert_bulk(("id", "process_id", "user_id", "opened_at"), missing)


def _come_online(work: Work, user_ids: set[int]) -> None:
    came = [user_id for user_id, is_online in _hold(user_ids) if not is_online]
    if not came:
        return
    User.update(online_status=True, last_seen=work.now).where(User.id.in_(came)).execute()
    routing.come(work, set(came))
    partners = partners_of(came)
    for user_id in came:
        work.emit(UserConnected(user_id=user_id), to=[topics.PRESENCE, *map(topics.user, partners.get(user_id, ()))])


def _go_offline(work: Work, user_ids: set[int]) -> None:
    still = {row[0] for row in Connection.select(Connection.user).where(Connection.user.in_(user_ids)).tuples()}
    gone = sorted(user_ids - still)
    if not gone:
        return
    User.update(online_status=False, last_seen=work.now).where(User.id.in_(gone)).execute()
    routing.leave(work, set(gone))
    partners = partners_of(gone)
    for user_id in gone:
        work.emit(UserDisconnected(user_id=user_id), to=[topics.PRESENCE, *map(topics.user, partners.get(user_id, ()))])


def _hold(user_ids: Iterable[int]) -> list[tuple[int, bool]]:
    """Lock these people's rows, so that coming and going of one person in two processes cannot cross."""
    query = User.select(User.id, User.online_status).where(User.id.in_(list(user_ids))).order_by(User.id)
    return list(locked(query).tuples())


def _end_oldest(work: Work, newest: dict[int, list[int]], limit: int) -> None:
    """Close the connections of these people beyond their newest `limit`."""
    query = (
        Connection.select(Connection.user, Connection.id)
        .where(Connection.user.in_(list(newest)), Connection.closed_at.is_null())
        .order_by(Connection.id.desc())
    )
    seen: dict[int, int] = {}
    for user_id, connection_id in query.tuples():
        seen[user_id] = seen.get(user_id, 0) + 1
        if seen[user_id] > limit:
            work.emit(
                SessionsEnded(code=TOO_MANY, reason="too many connections"), to=[topics.connection(connection_id)]
            )
