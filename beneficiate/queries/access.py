"""The one policy of who may see and use a row, for HTTP and sockets alike.

`access_x` returns the row or raises NotFound: what is somebody else's does not exist.
"""

from dataclasses import dataclass
from typing import Any

from beneficiate.errors import NotFound
from beneficiate.models.chats import DIRECT, Chat
from beneficiate.models.people import Agent, Supervisor, User
from beneficiate.protocol import topics
from beneficiate.store import Actor, Order

STAFF = ("agent", "supervisor")


@dataclass(slots=True)
class Seat:
    """A chat as one needs it to act in it: its columns and who sits on the other side."""

    id: int
    kind: str
    status: str
    user_id: int
    agent_id: int | None
    peer_id: int | None
    last_seq: int
    user_delivered_seq: int
    user_read_seq: int
    other_delivered_seq: int
    other_read_seq: int

    def is_user_side(self, actor: Actor) -> bool:
        """Whether the actor sits on the chat's `user` side (or else on the other). Raises NotFound for anybody else."""
        if self.user_id == actor.user_id:
            return True
        if not self.has_side(actor):
            raise NotFound
        return False

    def has_side(self, actor: Actor) -> bool:
        """Whether the actor takes part in the chat at all."""
        if self.user_id == actor.user_id:
            return True
        return (
            self.peer_id == actor.user_id
            if self.kind == DIRECT
            else (self.agent_id is not None and self.agent_id == actor.agent_id)
        )

    def delivered_seq(self, is_user_side: bool) -> int:
        return self.user_delivered_seq if is_user_side else self.other_delivered_seq

    def read_seq(self, is_user_side: bool) -> int:
        return self.user_read_seq if is_user_side else self.other_read_seq

    def across(self, is_user_side: bool) -> tuple[str, ...]:
        """The topic of the side across from this one; none, while nobody has the chat."""
        return self._other_topics() if is_user_side else (topics.user(self.user_id),)

    @property
    def onlookers(self) -> tuple[str, ...]:
        """The topic of the staff who look at a support chat; a direct one is nobody else's."""
        return () if self.kind == DIRECT else (topics.viewers(self.id),)

    @property
    def said_to(self) -> tuple[str, ...]:
        """Both sides, and whoever looks on."""
        return self.both if self.kind == DIRECT else (*self.both, topics.watched(self.id))

    @property
    def both(self) -> tuple[str, ...]:
        """The topics of both sides; one, while nobody has the chat."""
        return (topics.user(self.user_id), *self._other_topics())

    def _other_topics(self) -> tuple[str, ...]:
        if self.peer_id is not None:
            return (topics.user(self.peer_id),)
        return () if self.agent_id is None else (topics.agent(self.agent_id),)


_COLUMNS = (
    "id",
    "kind",
    "status",
    "user_id",
    "agent_id",
    "peer_id",
    "last_seq",
    "user_delivered_seq",
    "user_read_seq",
    "other_delivered_seq",
    "other_read_seq",
)


def find_seats(chat_ids: set[int], *, lock: bool) -> dict[int, Seat]:
    """The chats of these ids that exist. With `lock`, their rows are held until the unit ends, taken in order of id so
    that two processes never wait for each other."""
    return {row[0]: Seat(*row) for row in Chat.fetch_bulk(_COLUMNS, chat_ids, lock=lock)}


def seat_of(seats: dict[int, Seat], order: Order[Any]) -> tuple[Seat, bool]:
    """The chat that an order is about and whether its actor is on the user's side. Raises NotFound."""
    seat = seats.get(order.command.chat_id)
    if seat is None:
        raise NotFound
    return seat, seat.is_user_side(order.actor)


def access_seat(actor: Actor, chat_id: int, *, lock: bool = False) -> tuple[Seat, bool]:
    """A chat that the actor takes part in, and whether on the user's side. Raises NotFound."""
    seat = find_seats({chat_id}, lock=lock).get(chat_id)
    if seat is None:
        raise NotFound
    return seat, seat.is_user_side(actor)


def access_history(actor: Actor, chat_id: int) -> Seat:
    """A chat whose lines the actor may read: one's own, or for staff any support chat. Raises NotFound."""
    seat = find_seats({chat_id}, lock=False).get(chat_id)
    if seat is None:
        raise NotFound
    if not (actor.role in STAFF and seat.kind != DIRECT):
        seat.is_user_side(actor)
    return seat


def access_case(actor: Actor, chat_id: int, *, lock: bool = False) -> Seat:
    """A support chat as the staff works on it, whoever has it. Raises NotFound for members, and for direct chats."""
    seat = find_seats({chat_id}, lock=lock).get(chat_id)
    if seat is None or seat.kind == DIRECT or actor.role not in STAFF:
        raise NotFound
    return seat


def require_self_or_staff(actor: Actor, user_id: int) -> None:
    """Raises NotFound unless the actor is this person or staff."""
    if actor.user_id != user_id and actor.role not in STAFF:
        raise NotFound


def is_staff(user_id: int) -> bool:
    """Whether a person is an active agent or supervisor."""
    return any(
        table.select().join(User).where(table.user == user_id, table.status == "ACTIVE", User.is_active).exists()
        for table in (Agent, Supervisor)
    )


def require_supervisor(actor: Actor) -> None:
    """Raises NotFound unless the actor is a supervisor."""
    if actor.role != "supervisor":
        raise NotFound
