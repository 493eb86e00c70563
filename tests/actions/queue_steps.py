"""Steps of the queue tests: agents who take chats, members who wait, and the rows and events that follow."""

from datetime import timedelta

from beneficiate.actions import chats, messages, queue
from beneficiate.models.accounts import AVAILABLE, Agent, User
from beneficiate.models.call_centre import Skill, Topic
from beneficiate.models.chats import Chat, ChatEvent, Message
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.protocol.commands import CloseChat, SendMessage
from beneficiate.protocol.queue import RequestAgent, TakeChat
from tests.domain.booking.moments import at
from tests.factories import agent, member

OPEN_HOURS_NOW = at("2026-11-25 10:00")
"""A Wednesday morning in business hours."""


def seconds_after_now(seconds):
    return OPEN_HOURS_NOW + timedelta(seconds=seconds)


def create_topic(code, *, is_active=True):
    return Topic.create(code=code, name=code.capitalize(), is_active=is_active)


def promise(topic=None, version=1, **times):
    """Save a service level: by default a minute, three minutes, four working hours, and a warning one hour before."""
    given = {"first_response_s": 60, "next_response_s": 180, "resolution_s": 4 * 3600, "warn_s": 3600, "goal": 80}
    return ServiceLevel.create(topic=topic, version=version, saved_at=OPEN_HOURS_NOW, **{**given, **times})


def available_agent(first_name="Yuliana", capacity=5, topics=(), *, is_online=True):
    """Return an agent who is available and, by default, online."""
    person = agent(first_name, online_status=is_online)
    Agent.update(availability=AVAILABLE, capacity=capacity).where(Agent.id == person.agent_id).execute()
    for topic_row in topics:
        Skill.create(agent=person.agent_id, topic=topic_row)
    return person


class QueueActions:
    """Commands about the queue, each at so many seconds after NOW."""

    def __init__(self, act):
        self.act = act

    def run_as(self, action, command, who, second=0):
        return self.act(action, command, who.actor, seconds_after_now(second))

    def join(self, who=None, topic_code=None, second=0):
        """Request an agent for a member and return the row of the chat."""
        payload, _ = self.run_as(queue.join_queue, RequestAgent(topic=topic_code), who or member(), second)
        return Chat.get_by_id(payload.id)

    def take(self, chat, who, second=0):
        return self.run_as(queue.take_chat, TakeChat(chat_id=chat.id), who, second)

    def send(self, chat, who, second=0, text="Hola"):
        return self.run_as(messages.send_messages, SendMessage(chat_id=chat.id, message=text), who, second)

    def close(self, chat, who, second=0):
        return self.run_as(chats.close_chat, CloseChat(chat_id=chat.id), who, second)


def load_chat(chat):
    return Chat.get_by_id(chat.id)


def chat_state(chat):
    """Return the agent and the status of a chat."""
    now = load_chat(chat)
    return now.status, now.agent_id


def load_agent(who):
    return Agent.get_by_id(who.agent_id)


def agent_availability(who):
    return load_agent(who).availability, load_agent(who).reason


def chat_events(chat):
    """Return the history of a chat: kind, agent and note."""
    events = ChatEvent.select().where(ChatEvent.chat == chat.id).order_by(ChatEvent.id)
    return [(one.kind, one.agent_id, one.note) for one in events]


def messages_of(chat):
    return [line.message for line in Message.select().where(Message.chat == chat.id).order_by(Message.seq)]


def events_with_channels(outgoing, *event_types):
    """Return the emitted events of these types with their channels."""
    return [(one.event, one.channels) for one in outgoing if not event_types or isinstance(one.event, event_types)]


def event_names_for(outgoing, channel):
    """Return the types of the events emitted to a channel, in order."""
    return [type(one.event).__name__ for one in outgoing if channel in one.channels]


def set_online(who, *, is_online=True):
    User.update(online_status=is_online, last_seen=OPEN_HOURS_NOW).where(User.id == who.id).execute()
