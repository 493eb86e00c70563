"""Who of the staff may look at a chat, and how the others see them."""

from beneficiate.errors import NotFound, Problem
from beneficiate.models.chats import DIRECT
from beneficiate.models.people import User
from beneficiate.protocol.tools import LeaveChat, ViewChat, Viewer
from beneficiate.queries.access import STAFF, find_seats
from beneficiate.store import Order, Work, batched, each


@batched(writes=False)
def look(work: Work, orders: list[Order[ViewChat | LeaveChat]]) -> list[Viewer | Problem]:
    """Each actor as the others who look at that support chat see them. Problems: NotFound, as `access_case` says it."""
    seats = find_seats({order.command.chat_id for order in orders}, lock=False)
    people = User.select(User.id, User.first_name, User.last_name)
    rows = people.where(User.id.in_({order.actor.user_id for order in orders})).tuples()
    known = {id_: Viewer(user_id=id_, first_name=first, last_name=last) for id_, first, last in rows}

    def admit(order: Order[ViewChat | LeaveChat]) -> Viewer:
        seat = seats.get(order.command.chat_id)
        if seat is None or seat.kind == DIRECT or order.actor.role not in STAFF:
            raise NotFound
        return known[order.actor.user_id]

    return each(orders, admit)
