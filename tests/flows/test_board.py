"""The board of two processes on one PostgreSQL and one Redis: what happens in either moves both."""

import html
import re
from datetime import datetime
from random import Random

import pytest
from peewee import fn

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.models.accounts import AVAILABLE, Agent
from beneficiate.models.chats import ACTIVE, CLOSED, WAITING, Chat
from beneficiate.models.facts import Fact
from beneficiate.queries.board import BOARD_CODES
from beneficiate.queries.metrics import compute_figures, select_day
from beneficiate.views.board import BoardFigure
from tests.actions.queue_steps import create_topic
from tests.factories import agent, connect_socket, member, supervisor
from tests.flows.test_processes import backend, run, two  # noqa: F401

pytestmark = pytest.mark.slow
ACTIONS, ACTIONS_PER_CHECK = 90, 6
SHORT = ("service_level", "first_response_level", "next_response_level", "resolution_level")
# The page draws the wait itself, from since when it lasts.
CODES = [code for code in BOARD_CODES if code != "longest_wait"]


def read_figures(frame):
    """The texts of the figures of a frame, by code, without those of agents."""
    numbers = re.findall(r'data-key="figure-([a-z_0-9]+?)" data-figure="([a-z_0-9]+)"[^>]*>([^<]*)', frame["html"])
    return {code: html.unescape(text) for key, code, text in numbers if key == code and code in CODES}


def compute_texts(frame, topic):
    """The same figures as a fresh count over the facts has them, as of the instant of the frame."""
    found = compute_figures(select_day(datetime.fromisoformat(frame["at"]), topic=topic), CODES)
    shown = {code: BoardFigure(METRICS[code], figure, "") for code, figure in found.items()}
    return {code: one.short_text if code in SHORT else one.text for code, one in shown.items()}


class Floor:
    """Members and agents, each connected to one of two processes, and what they do at random."""

    def __init__(self, random):
        self.random = random
        self.sockets = {}

    async def connect(self, ports):
        create_topic("pagos")
        self.guest = member("Zoe")
        self.members, self.agents = [member() for _ in range(4)], [agent(), agent()]
        Agent.update(availability=AVAILABLE, capacity=2).execute()
        for number, who in enumerate([*self.members, *self.agents]):
            self.sockets[who.id] = await connect_socket(ports[number % 2], who)

    async def come_or_go(self, socket):
        """Let the guest ask for an agent, or end their chat: whichever they can."""
        chat = Chat.get_or_none(Chat.user == self.guest.id, Chat.status != CLOSED)
        if chat is None:
            await socket.request("request_agent", topic="pagos")
        else:
            await socket.request("close_chat", chat_id=chat.id)

    async def step(self):
        """Let somebody do something; what is refused is refused."""
        chat = self._pick()
        if chat is None or self.random.random() < 0.3:
            who = self.random.choice(self.members)
            await self.sockets[who.id].request("request_agent", topic=self.random.choice((None, "pagos")))
            return
        staff = next((one for one in self.agents if one.agent_id == chat.agent_id), self.agents[0])
        command, fields = self.random.choice(self._commands(chat))
        who = (
            staff.id
            if command in ("take_chat", "return_chat", "transfer_chat")
            else self.random.choice((staff.id, chat.user_id))
        )
        if command == "rate_chat":
            who = chat.user_id
        await self.sockets[who].request(command, chat_id=chat.id, **fields)

    def _pick(self):
        found = list(Chat.select().where(Chat.user != self.guest.id).order_by(Chat.id))
        return self.random.choice(found) if found else None

    def _commands(self, chat):
        if chat.status == WAITING:
            return [("take_chat", {}), ("close_chat", {})]
        if chat.status == ACTIVE:
            say = ("agent_chat_message", {"message": "Hola"})
            return [say, say, say, ("close_chat", {}), ("return_chat", {}), ("transfer_chat", {"topic": "pagos"})]
        assert chat.status == CLOSED
        return [("reopen_chat", {}), ("rate_chat", {"score": self.random.randint(1, 5)})]


async def receive_settled(socket, topic, instant):
    """Return what the newest board shows and what a fresh count gives, once they agree or nothing more can come.

    A board of a later instant may have been drawn just before what happened last was committed: another follows.
    """
    for _ in range(3):
        frame = await socket.receive(
            lambda one: one["event"] == "board" and datetime.fromisoformat(one["at"]) > instant
        )
        shown, expected = read_figures(frame), compute_texts(frame, topic)
        if shown == expected:
            break
    assert frame["topic"] == topic
    return shown, expected


@pytest.mark.gen_test(timeout=300)
async def test_both_boards_are_a_fresh_count_whatever_happens_in_either_process(two, db):  # noqa: F811
    ports, floor = [one.port for one in two], Floor(Random(7))
    await floor.connect(ports)
    watching = {
        topic: await connect_socket(port, supervisor()) for port, topic in zip(ports, ("", "pagos"), strict=True)
    }
    for topic, socket in watching.items():
        await socket.request("watch_board", topic=topic)
    zoe = [await connect_socket(port, floor.guest) for port in ports]
    for number in range(ACTIONS // ACTIONS_PER_CHECK):
        for _ in range(ACTIONS_PER_CHECK):
            await floor.step()
        await floor.come_or_go(zoe[number % 2])
        last = Fact.select(fn.MAX(Fact.at)).scalar()
        for topic, socket in watching.items():
            shown, expected = await receive_settled(socket, topic, last)
            assert shown == expected
    assert Fact.select().where(Fact.kind == "closed").count() > ACTIONS_PER_CHECK
