"""Who is online, as far as each person may know it."""

from collections.abc import Iterable

from peewee import ModelSelect

from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.chats import CLOSED, DIRECT, Chat
from beneficiate.protocol.payloads import PersonPayload
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views.people import serialize_person

MAX_ONLINE_SHOWN = 200


def find_chat_partners(user_ids: Iterable[int], *, with_staff: bool = False) -> dict[int, set[int]]:
    """Return for each person those who share an open chat with them.

    Without the staff, unless `with_staff`: they are told of presence on a channel of their own.
    """
    ids = list(user_ids)
    served = (
        Chat.select(Agent.user, Chat.user)
        .join(Agent)
        .where(Chat.status != CLOSED, Agent.user.in_(ids), Agent.status == "ACTIVE")
    )
    direct = Chat.select(Chat.user, Chat.peer).where(
        Chat.status != CLOSED, Chat.kind == DIRECT, Chat.user.in_(ids) | Chat.peer.in_(ids)
    )
    both_ways = [pair for row in direct.tuples() for pair in (row, row[::-1]) if pair[0] in set(ids)]
    on_duty = set() if with_staff else _filter_staff({partner for _, partner in both_ways})
    found: dict[int, set[int]] = {}
    for person, partner in [*served.tuples(), *both_ways]:
        if partner not in on_duty:
            found.setdefault(person, set()).add(partner)
    return found


def list_online(uow: UnitOfWork) -> list[PersonPayload]:
    """Return the people online whom the actor may see."""
    return list_online_for_actors([uow.actor])[uow.actor.user_id]


def list_online_for_actors(actors: list[Actor]) -> dict[int, list[PersonPayload]]:
    """Return for each actor the people online.

    For members those in their open chats; for the staff 200 people, those of their own chats first, then the latest.
    """
    found: dict[int, list[PersonPayload]] = {actor.user_id: [] for actor in actors}
    staff = [actor for actor in actors if actor.role in STAFF_ROLES]
    if staff:
        everyone = [
            serialize_person(*row)
            for row in _select_people()
            .where(User.online_status)
            .order_by(User.last_seen.desc())
            .limit(MAX_ONLINE_SHOWN)
            .tuples()
        ]
        own = _list_online_members([actor.agent_id for actor in staff if actor.agent_id is not None])
        for actor in staff:
            people = {person.id: person for person in [*own.get(actor.agent_id or 0, []), *everyone]}
            people.pop(actor.user_id, None)
            found[actor.user_id] = list(people.values())[:MAX_ONLINE_SHOWN]
    members = [actor.user_id for actor in actors if actor.role not in STAFF_ROLES]
    if members:
        shared = (
            Chat.select(Chat.user, User.id, User.first_name, User.last_name)
            .join(Agent)
            .join(User)
            .where(Chat.user.in_(members), Chat.status != CLOSED, Agent.status == "ACTIVE", User.online_status)
        )
        for member_id, *person in shared.tuples():
            found[member_id].append(serialize_person(*person))
        partners = find_chat_partners(members, with_staff=True)
        wanted = {partner for others in partners.values() for partner in others}
        known = {
            row[0]: serialize_person(*row[:3])
            for row in _select_people().where(User.id.in_(wanted), User.online_status).tuples()
        }
        for member_id, others in partners.items():
            found[member_id] += [known[partner] for partner in others if partner in known]
    return found


def _filter_staff(user_ids: set[int]) -> set[int]:
    if not user_ids:
        return set()
    tables = (Agent, Supervisor)
    rows = [
        table.select(table.user).where(table.user.in_(user_ids), table.status == "ACTIVE").tuples() for table in tables
    ]
    return {user_id for query in rows for (user_id,) in query}


def _list_online_members(agent_ids: list[int]) -> dict[int, list[PersonPayload]]:
    """Return the members online in the open chats of each of these agents."""
    found: dict[int, list[PersonPayload]] = {}
    shared = _select_people().select_extend(Chat.agent).join(Chat, on=Chat.user == User.id)
    for *person, agent_id in shared.where(
        Chat.agent.in_(agent_ids), Chat.status != CLOSED, User.online_status
    ).tuples():
        found.setdefault(agent_id, []).append(serialize_person(*person))
    return found


def _select_people() -> ModelSelect:
    return User.select(User.id, User.first_name, User.last_name, User.email)
