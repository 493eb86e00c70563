"""What people ask of the queue: a person, a chat of it, a colleague, an end to waiting."""

from beneficiate.actions import audit, notes, routing
from beneficiate.actions.routing import GIVEN, PICKED, QUEUED, Why
from beneficiate.errors import ChatIsClosed, ChatIsTaken, Conflict, NotFound, Problem
from beneficiate.models.base import as_text, locked
from beneficiate.models.chats import ACTIVE, CLOSED, RETURNED, SUPPORT, TRANSFERRED, WAITING, Chat, Rating
from beneficiate.models.people import Agent, User
from beneficiate.models.staff import Topic
from beneficiate.protocol import topics
from beneficiate.protocol.events import NewChat
from beneficiate.protocol.pictures import ChatPicture
from beneficiate.protocol.routing import (
    AssignChat,
    ChatRated,
    RateChat,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    SetAvailability,
    TakeChat,
    TransferChat,
)
from beneficiate.protocol.tools import AddNote
from beneficiate.queries.access import access_seat
from beneficiate.queries.chats import picture_of, pictures_of
from beneficiate.queries.hours import opening
from beneficiate.store import Order, Work, batched, each


@batched(limit=200)
def join(work: Work, orders: list[Order[RequestAgent]]) -> list[ChatPicture | Problem]:
    """Members ask for a person: each gets their open chat, or a new one that waits. Problems: NotFound (topic)."""
    members = {order.actor.user_id for order in orders}
    User.hold(members)
    routing.hold_queue()
    known = {topic.code: topic.id for topic in Topic.select().where(Topic.is_active)}
    is_open = (Chat.kind == SUPPORT) & (Chat.status != CLOSED)
    open_chats = dict(Chat.select(Chat.user, Chat.id).where(Chat.user.in_(list(members)), is_open).tuples())

    wanted: dict[int, int | None] = {}

    def enter(order: Order[RequestAgent]) -> int:
        if order.command.topic is not None and order.command.topic not in known:
            raise NotFound("No conocemos ese tema.")
        if order.actor.user_id not in open_chats:
            wanted.setdefault(order.actor.user_id, known.get(order.command.topic or ""))
        return order.actor.user_id

    results = each(orders, enter)
    entered = _new_waiting(work, wanted) if wanted else {}
    open_chats |= entered
    fresh = sorted(entered.values())
    for picture in pictures_of(fresh, is_user_side=True).values():
        work.emit(NewChat(chat=picture), to=[topics.user(picture.user_id)])
    if fresh:
        routing.remember(work, [(chat_id, None) for chat_id in fresh], Why(QUEUED))
        now = opening(work)
        if not now["is_open"]:
            said = f"{now['sentence']}. Escriba lo que necesita: su mensaje queda en la fila."
            routing.say_in_chats(work, dict.fromkeys(fresh, said))
        routing.assign(work)
    mine = [open_chats[result] for result in results if isinstance(result, int)]
    pictures = pictures_of(mine, is_user_side=True)
    return [pictures[open_chats[result]] if isinstance(result, int) else result for result in results]


def ask(work: Work) -> ChatPicture:
    """The assistant calls a person for the acting member, and is silent while they have the chat."""
    picture: ChatPicture | Problem = join(work, [Order(work.actor, RequestAgent())])[0]
    if isinstance(picture, Problem):
        raise picture
    Chat.update(bot_muted=True).where(Chat.id == picture.id).execute()
    return picture


def set_availability(work: Work, command: SetAvailability) -> None:
    """An agent says whether they take chats; what waits may then go to them."""
    routing.hold_queue()
    routing.set_availability(work, work.actor.agent_id or 0, command.availability, command.reason)
    routing.assign(work)


def take(work: Work, command: TakeChat) -> ChatPicture:
    """Pick a waiting chat. Raises NotFound, ChatIsTaken when somebody has it, ChatIsClosed."""
    routing.hold_queue()
    chat = _access_support(command.chat_id)
    if chat.agent_id == work.actor.agent_id:
        return picture_of(chat.id, is_user_side=False)
    if chat.agent_id is not None:
        raise ChatIsTaken
    routing.give(work, {chat.id: work.actor.agent_id or 0}, Why(PICKED))
    routing.assign(work)
    return picture_of(chat.id, is_user_side=False)


def transfer(work: Work, command: TransferChat) -> None:
    """Pass a chat of one's own on: at once to an agent who is named, or to whoever knows the topic.

    Raises NotFound (chat, agent or topic), ChatIsClosed, Conflict when it says neither or oneself.
    """
    routing.hold_queue()
    chat = access_own(work, command.chat_id)
    if (command.agent_id is None) == (command.topic is None) or command.agent_id == work.actor.agent_id:
        raise Conflict("Elija un agente o un tema, uno de los dos.")
    topic = None if command.topic is None else Topic.get_or_none(Topic.code == command.topic, Topic.is_active)
    if command.topic is not None and topic is None:
        raise NotFound("No conocemos ese tema.")
    wanted = None if command.agent_id is None else _access_agent(command.agent_id).id
    _leave_note(work, chat.id, command.note)
    why = Why(TRANSFERRED, command.note, topic.id if topic else chat.topic_id, wanted)
    routing.put_back(work, [chat.id], why)
    if wanted is not None:
        routing.give(work, {chat.id: wanted}, Why(GIVEN, command.note))
    routing.assign(work)


def return_(work: Work, command: ReturnChat) -> None:
    """Put a chat of one's own back, before the others. Raises NotFound, ChatIsClosed."""
    routing.hold_queue()
    chat = access_own(work, command.chat_id)
    _leave_note(work, chat.id, command.note)
    routing.put_back(work, [chat.id], Why(RETURNED, command.note, chat.topic_id))
    routing.assign(work)


def give(work: Work, command: AssignChat) -> None:
    """A supervisor gives a chat to an agent or takes it over, whoever has it. Raises NotFound, ChatIsClosed."""
    routing.hold_queue()
    chat, agent = _access_support(command.chat_id), _access_agent(command.agent_id)
    _leave_note(work, chat.id, command.note)
    if chat.agent_id == agent.id:
        return
    audit.record(work, "chats.give", f"chat:{chat.id}", "", command.note, agent=(chat.agent_id, agent.id))
    if chat.agent_id is not None:
        routing.put_back(work, [chat.id], Why(TRANSFERRED, command.note, chat.topic_id, agent.id))
    routing.give(work, {chat.id: agent.id}, Why(GIVEN, command.note))
    routing.assign(work)


def reopen(work: Work, command: ReopenChat) -> ChatPicture:
    """Go on with a chat that ended less than 24 hours ago: with its agent, or waiting when its member asks.

    Raises NotFound, ChatIsClosed when it ended too long ago, Conflict while the member has another open one.
    """
    seat, is_user_side = access_seat(work.actor, command.chat_id)
    User.hold([seat.user_id])
    routing.hold_queue()
    chat = locked(Chat.select().where(Chat.id == seat.id)).get()
    if chat.kind != SUPPORT:
        raise NotFound
    if chat.status != CLOSED:
        return picture_of(chat.id, is_user_side=is_user_side)
    if work.now - chat.closed_at > work.rules.reopen:
        raise ChatIsClosed("Este chat terminó hace más de un día. Abra uno nuevo, por favor.")
    if Chat.select().where(Chat.user == chat.user_id, Chat.kind == SUPPORT, Chat.status != CLOSED).exists():
        raise Conflict("Ya hay otro chat abierto con este afiliado.")
    Chat.update(
        status=WAITING,
        agent=None,
        queued_at=work.now,
        is_front=True,
        assigned_at=None,
        closed_at=None,
        closed_by=None,
        updated_at=work.now,
    ).where(Chat.id == chat.id).execute()
    routing.remember(work, [(chat.id, chat.agent_id)], Why("reopened"))
    if is_user_side:
        routing.say_in_chats(work, {chat.id: "El afiliado abrió de nuevo el chat."})
        work.emit(NewChat(chat=picture_of(chat.id, is_user_side=True)), to=[topics.user(chat.user_id)])
    else:
        routing.give(work, {chat.id: work.actor.agent_id or 0}, Why(PICKED))
    routing.assign(work)
    return picture_of(chat.id, is_user_side=is_user_side)


def rate(work: Work, command: RateChat) -> None:
    """How satisfied the member was with a chat that ended. Raises NotFound, Conflict the second time."""
    seat, is_user_side = access_seat(work.actor, command.chat_id)
    if not is_user_side or seat.kind != SUPPORT or seat.status != CLOSED:
        raise NotFound
    row = {"chat": seat.id, "agent": seat.agent_id, "score": command.score, "comment": command.comment}
    if not Rating.insert(created_at=work.now, **row).on_conflict_ignore().as_rowcount().execute():
        raise Conflict("Ya calificó este chat. Gracias.")
    event = ChatRated(chat_id=seat.id, agent_id=seat.agent_id, score=command.score, comment=command.comment)
    own = [] if seat.agent_id is None else [topics.agent(seat.agent_id)]
    work.emit(event, to=[*own, topics.SUPERVISORS])


def _new_waiting(work: Work, topic_of: dict[int, int | None]) -> dict[int, int]:
    """A waiting chat for each of these members, in the order in which they asked; its id."""
    now = as_text(work.now)
    columns = ("user_id", "topic_id", "kind", "status", "queued_at", "created_at", "updated_at")
    rows = [(user_id, topic_id, SUPPORT, WAITING, now, now, now) for user_id, topic_id in topic_of.items()]
    return dict(Chat.insert_bulk(columns, rows, returning="user_id, id"))


def _leave_note(work: Work, chat_id: int, text: str) -> None:
    """What the next one should know, beside the lines and out of the member's sight."""
    if text.strip():
        notes.add(work, AddNote(chat_id=chat_id, text=text))


def _access_support(chat_id: int) -> Chat:
    """An open support chat, held. Raises NotFound, ChatIsClosed."""
    chat: Chat | None = locked(Chat.select().where(Chat.id == chat_id, Chat.kind == SUPPORT)).first()
    if chat is None:
        raise NotFound
    if chat.status == CLOSED:
        raise ChatIsClosed
    return chat


def access_own(work: Work, chat_id: int) -> Chat:
    """An open support chat of the acting agent, held. Raises NotFound, ChatIsClosed."""
    chat = _access_support(chat_id)
    if chat.agent_id is None or chat.agent_id != work.actor.agent_id or chat.status != ACTIVE:
        raise NotFound
    return chat


def _access_agent(agent_id: int) -> Agent:
    """An agent who can be given chats. Raises NotFound."""
    agent: Agent | None = Agent.get_or_none(Agent.id == agent_id, Agent.status == "ACTIVE")
    if agent is None:
        raise NotFound("No encontramos a ese agente.")
    return agent
