"""Commands about the queue: request an agent, take, transfer, return, assign, reopen and rate a chat."""

import msgspec

from beneficiate.actions import assignment, audit, deadlines, notes, quotas
from beneficiate.actions.assignment import GIVEN, PICKED, QUEUED, AssignmentReason
from beneficiate.actions.facts import record_chat_facts
from beneficiate.domain import facts
from beneficiate.errors import AgentIsAbsent, ChatIsClosed, ChatIsTaken, Conflict, NotFound, Problem
from beneficiate.models.accounts import Agent, User
from beneficiate.models.base import instant_to_text, lock_rows
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import ACTIVE, CLOSED, REOPENED, RETURNED, SUPPORT, TRANSFERRED, WAITING, Chat, Rating
from beneficiate.protocol import channels
from beneficiate.protocol.desk_tools import AddNote
from beneficiate.protocol.events import NewChat
from beneficiate.protocol.payloads import ChatPayload
from beneficiate.protocol.queue import (
    AssignChat,
    ChatRated,
    RateChat,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    TakeChat,
    TransferChat,
)
from beneficiate.queries.access import ERASED_SENTENCE, access_participant_chat, is_erased
from beneficiate.queries.business_hours import load_business_hours_state
from beneficiate.queries.chats import serialize_chat, serialize_chats
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched, handle_each


@batched(limit=200)
def join_queue(uow: UnitOfWork, items: list[BatchItem[RequestAgent]]) -> list[ChatPayload | Problem]:
    """Put members into the queue: each gets their open chat, or a new one that waits.

    Problems: NotFound (topic), RateLimited after too many new chats.
    """
    members = {item.actor.user_id for item in items}
    User.lock_rows(members)
    assignment.lock_queue()
    known = {topic.code: topic.id for topic in Topic.select().where(Topic.is_active)}
    is_open = (Chat.kind == SUPPORT) & (Chat.status != CLOSED)
    open_chats = dict(Chat.select(Chat.user, Chat.id).where(Chat.user.in_(list(members)), is_open).tuples())
    topic_by_member: dict[int, int | None] = {}

    def enter(item: BatchItem[RequestAgent]) -> int:
        if item.command.topic is not None and item.command.topic not in known:
            raise NotFound("No conocemos ese tema.")
        if item.actor.user_id not in open_chats:
            topic_by_member.setdefault(item.actor.user_id, known.get(item.command.topic or ""))
        return item.actor.user_id

    results = handle_each(items, enter)
    joining = [item.actor for item in items if item.actor.user_id in topic_by_member]
    refusals = quotas.consume_quota_of_each(uow, uow.rules.quotas.chats, joining)
    for user_id in refusals:
        del topic_by_member[user_id]
    new_chats = _create_waiting_chats(uow, topic_by_member) if topic_by_member else {}
    _start_waiting(uow, [open_chats[result] for result in results if isinstance(result, int) and result in open_chats])
    open_chats |= new_chats
    new_chat_ids = sorted(new_chats.values())
    for payload in serialize_chats(new_chat_ids, is_user_side=True).values():
        uow.emit(NewChat(chat=payload), channels=[channels.user_channel(payload.user_id)])
    if new_chat_ids:
        assignment.record_chat_history(uow, [(chat_id, None) for chat_id in new_chat_ids], AssignmentReason(QUEUED))
        record_chat_facts(uow, facts.OPENED, [(chat_id, None) for chat_id in new_chat_ids], role="member")
        record_chat_facts(uow, facts.QUEUED, [(chat_id, None) for chat_id in new_chat_ids], facts.NEW, role="member")
        hours = load_business_hours_state(uow)
        if not hours["is_open"]:
            sentence = f"{hours['sentence']}. Escriba lo que necesita: su mensaje queda en la fila."
            assignment.send_system_messages(uow, dict.fromkeys(new_chat_ids, sentence))
        assignment.assign_waiting_chats(uow)
    payloads = serialize_chats(list(open_chats.values()), is_user_side=True)
    return [
        result if isinstance(result, Problem) else refusals.get(result) or payloads[open_chats[result]]
        for result in results
    ]


def request_agent_for_member(uow: UnitOfWork) -> ChatPayload:
    """Put the acting member into the queue for the bot, which is muted while an agent has the chat."""
    payload = join_queue.run_one(uow, RequestAgent())
    if Chat.update(bot_muted=True).where(Chat.id == payload.id, ~Chat.bot_muted).execute():
        record_chat_facts(uow, facts.HANDED_OVER, [(payload.id, payload.agent_id)], facts.TO_PERSON)
    return payload


def take_chat(uow: UnitOfWork, command: TakeChat) -> ChatPayload:
    """Take a waiting chat. Raises NotFound, ChatIsTaken when another agent has it, ChatIsClosed."""
    assignment.lock_queue()
    chat = _access_open_support_chat(command.chat_id)
    if chat.agent_id == uow.actor.agent_id:
        return serialize_chat(chat.id, is_user_side=False)
    if chat.agent_id is not None:
        raise ChatIsTaken
    quotas.consume_quota(uow, uow.rules.quotas.chat_moves)
    assignment.assign_chats(uow, {chat.id: uow.actor.agent_id or 0}, AssignmentReason(PICKED))
    assignment.assign_waiting_chats(uow)
    changes = {"agent": (None, uow.actor.agent_id)}
    audit.record_act(uow, "chats.take", f"chat:{chat.id}", changes=changes, person_id=chat.user_id)
    return serialize_chat(chat.id, is_user_side=False)


def transfer_chat(uow: UnitOfWork, command: TransferChat) -> None:
    """Transfer one of the actor's chats: at once to a named agent, or into the queue of a topic.

    An agent who is absent does not get it at once: it goes to the queue, if that was confirmed. Raises NotFound (chat,
    agent or topic), ChatIsClosed, AgentIsAbsent, Conflict for neither agent nor topic, or for the actor.
    """
    assignment.lock_queue()
    chat = access_own_chat(uow, command.chat_id)
    if (command.agent_id is None) == (command.topic is None) or command.agent_id == uow.actor.agent_id:
        raise Conflict("Elija un agente o un tema, uno de los dos.")
    topic = None if command.topic is None else Topic.get_or_none(Topic.code == command.topic, Topic.is_active)
    if command.topic is not None and topic is None:
        raise NotFound("No conocemos ese tema.")
    wanted = None if command.agent_id is None else _access_agent(command.agent_id)
    is_given = wanted is not None and _require_present(wanted, is_confirmed=command.if_absent == "queue")
    quotas.consume_quota(uow, uow.rules.quotas.chat_moves)
    _add_handover_note(uow, chat.id, command.note)
    topic_id, wanted_agent_id = topic.id if topic else chat.topic_id, wanted.id if wanted else None
    reason = AssignmentReason(TRANSFERRED, command.note, topic_id, wanted_agent_id)
    assignment.return_to_queue(uow, [chat.id], reason)
    if wanted is not None and is_given:
        assignment.assign_chats(uow, {chat.id: wanted.id}, AssignmentReason(GIVEN, command.note))
    assignment.assign_waiting_chats(uow)
    changes = {"agent": (chat.agent_id, wanted_agent_id), "topic": (chat.topic_id, topic_id)}
    audit.record_act(uow, "chats.transfer", f"chat:{chat.id}", changes=changes, person_id=chat.user_id)


def return_chat(uow: UnitOfWork, command: ReturnChat) -> None:
    """Return one of the actor's chats to the front of the queue. Raises NotFound, ChatIsClosed."""
    assignment.lock_queue()
    chat = access_own_chat(uow, command.chat_id)
    quotas.consume_quota(uow, uow.rules.quotas.chat_moves)
    _add_handover_note(uow, chat.id, command.note)
    assignment.return_to_queue(uow, [chat.id], AssignmentReason(RETURNED, command.note, chat.topic_id))
    assignment.assign_waiting_chats(uow)
    changes = {"agent": (chat.agent_id, None)}
    audit.record_act(uow, "chats.return", f"chat:{chat.id}", changes=changes, person_id=chat.user_id)


def assign_chat(uow: UnitOfWork, command: AssignChat) -> None:
    """Assign a chat to an agent or to the acting supervisor, whoever has it.

    An agent who is absent does not get it at once: it goes to the queue, if that was confirmed. Raises NotFound,
    ChatIsClosed, AgentIsAbsent, ChatIsTaken when another agent than `holder_id` has it.
    """
    assignment.lock_queue()
    chat, agent = _access_open_support_chat(command.chat_id), _access_agent(command.agent_id)
    if command.holder_id is not msgspec.UNSET and chat.agent_id not in (None, command.holder_id, agent.id):
        raise ChatIsTaken(f"Ahora lo tiene {chat.agent.user.name}. Si continúa, deja de tenerlo.")
    is_theirs = agent.id in (chat.agent_id, uow.actor.agent_id)
    is_given = is_theirs or _require_present(agent, is_confirmed=command.if_absent == "queue")
    quotas.consume_quota(uow, uow.rules.quotas.chat_moves)
    _add_handover_note(uow, chat.id, command.note)
    if chat.agent_id == agent.id:
        return
    changes = {"agent": (chat.agent_id, agent.id)}
    audit.record_audit(uow, "chats.give", f"chat:{chat.id}", command.note, changes, chat.user_id)
    if chat.agent_id is not None:
        assignment.return_to_queue(uow, [chat.id], AssignmentReason(TRANSFERRED, command.note, chat.topic_id, agent.id))
    if is_given:
        assignment.assign_chats(uow, {chat.id: agent.id}, AssignmentReason(GIVEN, command.note))
    else:
        Chat.update(wanted_agent=agent).where(Chat.id == chat.id).execute()
    assignment.assign_waiting_chats(uow)


def reopen_chat(uow: UnitOfWork, command: ReopenChat) -> ChatPayload:
    """Reopen a chat that was closed less than 24 hours ago: for its agent, or in the queue if the member asks.

    Raises NotFound, ChatIsClosed when it was closed too long ago, Conflict while the member has another open chat, and
    when their data were erased.
    """
    access, is_user_side = access_participant_chat(uow.actor, command.chat_id)
    User.lock_rows([access.user_id])
    assignment.lock_queue()
    chat = lock_rows(Chat.select().where(Chat.id == access.id)).get()
    if chat.kind != SUPPORT:
        raise NotFound
    if chat.status != CLOSED:
        return serialize_chat(chat.id, is_user_side=is_user_side)
    if uow.now - chat.closed_at > uow.rules.reopen:
        raise ChatIsClosed("Este chat terminó hace más de un día. Abra uno nuevo, por favor.")
    if is_erased(chat.user_id):
        raise Conflict(ERASED_SENTENCE)
    if Chat.select().where(Chat.user == chat.user_id, Chat.kind == SUPPORT, Chat.status != CLOSED).exists():
        raise Conflict("Ya hay otro chat abierto con este afiliado.")
    quotas.consume_quota(uow, uow.rules.quotas.chat_moves)
    Chat.update(
        status=WAITING,
        agent=None,
        # A member queues by the time of reopening, behind all who wait; an agent who reopens has nothing to answer yet.
        awaiting_since=uow.now if is_user_side else None,
        is_front=False,
        assigned_at=None,
        closed_at=None,
        closed_by=None,
        updated_at=uow.now,
        span=Chat.span + 1,
        **deadlines.NO_DEADLINES,
    ).where(Chat.id == chat.id).execute()
    deadlines.promise_again(uow, [chat.id])
    record_chat_facts(uow, facts.REOPENED, [(chat.id, chat.agent_id)])
    assignment.record_chat_history(uow, [(chat.id, chat.agent_id)], AssignmentReason(REOPENED))
    if is_user_side:
        record_chat_facts(uow, facts.QUEUED, [(chat.id, None)], facts.AGAIN)
        assignment.send_system_messages(uow, {chat.id: "El chat se abrió de nuevo."})
        uow.emit(
            NewChat(chat=serialize_chat(chat.id, is_user_side=True)), channels=[channels.user_channel(chat.user_id)]
        )
    else:
        assignment.assign_chats(uow, {chat.id: uow.actor.agent_id or 0}, AssignmentReason(PICKED))
        audit.record_act(uow, "chats.reopen", f"chat:{chat.id}", person_id=chat.user_id)
    assignment.assign_waiting_chats(uow)
    return serialize_chat(chat.id, is_user_side=is_user_side)


def rate_chat(uow: UnitOfWork, command: RateChat) -> None:
    """Store the member's rating of a closed chat, once for each time that it was closed.

    Raises NotFound, also for a closing after which the chat went on, and Conflict the second time.
    """
    access, is_user_side = access_participant_chat(uow.actor, command.chat_id)
    if not is_user_side or access.kind != SUPPORT or access.status != CLOSED:
        raise NotFound
    span: int = Chat.select(Chat.span).where(Chat.id == access.id).scalar()
    if command.span not in (None, span):
        raise NotFound("El chat siguió después de ese cierre. Califique el último.")
    row = {"chat": access.id, "span": span, "agent": access.agent_id, "score": command.score}
    rating = Rating.insert(**row, comment=command.comment, created_at=uow.now).on_conflict_ignore()
    if not rating.as_rowcount().execute():
        raise Conflict("Ya calificó este chat. Gracias.")
    record_chat_facts(uow, facts.RATED, [(access.id, access.agent_id)], value=command.score)
    rated = ChatRated(chat_id=access.id, span=span, agent_id=access.agent_id, score=command.score, comment="")
    of_agent = [] if access.agent_id is None else [channels.agent_channel(access.agent_id)]
    own = msgspec.structs.replace(rated, comment=command.comment)
    uow.emit(own, channels=[channels.user_channel(access.user_id)])
    uow.emit(rated, channels=[*of_agent, channels.SUPERVISORS_CHANNEL])


def _create_waiting_chats(uow: UnitOfWork, topic_of: dict[int, int | None]) -> dict[int, int]:
    """Create a waiting chat for each of these members, in the order of the requests. Returns chat ids by user id."""
    now = instant_to_text(uow.now)
    clocks = deadlines.open_clocks(uow, topic_of.values())
    columns = ("user_id", "topic_id", "kind", "status", "awaiting_since", "created_at", "updated_at")
    rows = [(user, topic, SUPPORT, WAITING, now, now, now, *clocks[topic]) for user, topic in topic_of.items()]
    return dict(Chat.insert_bulk((*columns, *deadlines.OPENING_COLUMNS), rows, returning="user_id, id"))


def _start_waiting(uow: UnitOfWork, chat_ids: list[int]) -> None:
    """Record that the members of these open chats wait for their agents from now on, unless they do already."""
    is_answered = Chat.id.in_(chat_ids) & (Chat.status == ACTIVE) & Chat.awaiting_since.is_null()
    answered = [chat_id for (chat_id,) in lock_rows(Chat.select(Chat.id).where(is_answered).order_by(Chat.id)).tuples()]
    if answered:
        Chat.update(awaiting_since=uow.now).where(Chat.id.in_(answered)).execute()
        deadlines.refresh_deadlines(uow, answered)


def _add_handover_note(uow: UnitOfWork, chat_id: int, text: str) -> None:
    """Store an internal note for the next agent, which the member does not see."""
    if text.strip():
        notes.add_note(uow, AddNote(chat_id=chat_id, text=text))


def _access_open_support_chat(chat_id: int) -> Chat:
    """Return an open support chat, locked. Raises NotFound, ChatIsClosed."""
    chat: Chat | None = lock_rows(Chat.select().where(Chat.id == chat_id, Chat.kind == SUPPORT)).first()
    if chat is None:
        raise NotFound
    if chat.status == CLOSED:
        raise ChatIsClosed
    return chat


def access_own_chat(uow: UnitOfWork, chat_id: int) -> Chat:
    """Return an open support chat of the acting agent, locked. Raises NotFound, ChatIsClosed."""
    chat = _access_open_support_chat(chat_id)
    if chat.agent_id is None or chat.agent_id != uow.actor.agent_id or chat.status != ACTIVE:
        raise NotFound
    return chat


def _access_agent(agent_id: int) -> Agent:
    """Return an agent to whom chats can be assigned. Raises NotFound."""
    agent: Agent | None = Agent.get_or_none(Agent.id == agent_id, Agent.status == "ACTIVE")
    if agent is None:
        raise NotFound("No encontramos a ese agente.")
    return agent


def _require_present(agent: Agent, *, is_confirmed: bool) -> bool:
    """Return whether an agent is online. Raises AgentIsAbsent for one who is not, unless that is confirmed."""
    is_present = bool(agent.user.online_status)
    if not is_present and not is_confirmed:
        raise AgentIsAbsent(f"{agent.user.first_name} no está. Si continúa, el chat va a la fila.")
    return is_present
