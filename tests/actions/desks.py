"""Agents who take chats, members who wait for one, and the words for what came of it."""

from datetime import timedelta

from beneficiate.actions import chats, queue
from beneficiate.models.chats import Chat, ChatEvent, Line
from beneficiate.models.people import AVAILABLE, Agent, User
from beneficiate.models.staff import Skill, Topic
from beneficiate.protocol.commands import CloseChat
from beneficiate.protocol.routing import RequestAgent, TakeChat
from tests.people import agent, member
from tests.scheduling.moments import at

NOW = at("2026-11-25 10:00")
"""A Wednesday morning: the house is open."""


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def topic(code, *, is_active=True):
    return Topic.create(code=code, name=code.capitalize(), is_active=is_active)


def on_duty(first_name="Yuliana", capacity=5, knows=(), *, is_online=True):
    """An agent who is available and, unless said otherwise, online."""
    who = agent(first_name, online_status=is_online)
    Agent.update(availability=AVAILABLE, capacity=capacity).where(Agent.id == who.agent_id).execute()
    for one in knows:
        Skill.create(agent=who.agent_id, topic=one)
    return who


class Desk:
    """Short words for what people do, each at so many seconds after NOW."""

    def __init__(self, act):
        self.act = act

    def do(self, action, command, who, second=0):
        return self.act(action, command, who.actor, later(second))

    def join(self, who=None, about=None, second=0):
        """A member asks for an agent: the chat's row."""
        picture, _ = self.do(queue.join, RequestAgent(topic=about), who or member(), second)
        return Chat.get_by_id(picture.id)

    def take(self, chat, who, second=0):
        return self.do(queue.take, TakeChat(chat_id=chat.id), who, second)

    def close(self, chat, who, second=0):
        return self.do(chats.close, CloseChat(chat_id=chat.id), who, second)


def row(chat):
    return Chat.get_by_id(chat.id)


def state(chat):
    """Who has it, and how it is."""
    now = row(chat)
    return now.status, now.agent_id


def desk_of(who):
    return Agent.get_by_id(who.agent_id)


def availability_of(who):
    return desk_of(who).availability, desk_of(who).reason


def events_of(chat):
    """What is remembered of a chat: the kind, the agent, the note."""
    events = ChatEvent.select().where(ChatEvent.chat == chat.id).order_by(ChatEvent.id)
    return [(one.kind, one.agent_id, one.note) for one in events]


def sentences_in(chat):
    return [line.message for line in Line.select().where(Line.chat == chat.id).order_by(Line.seq)]


def told(said, *words):
    """Who hears which event, of these words."""
    return [(one.event, one.to) for one in said if not words or isinstance(one.event, words)]


def words_to(said, name):
    """The words that are said to a topic, in order."""
    return [type(one.event).__name__ for one in said if name in one.to]


def go_online(who, *, is_online=True):
    User.update(online_status=is_online).where(User.id == who.id).execute()
