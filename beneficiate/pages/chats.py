"""Chats over HTTP: opening one with a colleague, lists, older lines."""

import msgspec

from beneficiate.actions.chats import open_direct
from beneficiate.pages.api import ApiDoor, path_id
from beneficiate.protocol.envelope import Id
from beneficiate.protocol.pictures import ChatPicture, Message, Person
from beneficiate.queries import chats, presence

MOST_LINES = 100


class OpenBody(msgspec.Struct):
    user_id: Id


class Chats(ApiDoor):
    """`POST chats`."""

    reads, gives = OpenBody, ChatPicture

    async def post(self) -> None:
        self.succeed(await self.do(open_direct, self.body(OpenBody).user_id), status=201)


class AgentChats(ApiDoor):
    """`GET agent-chat/agent/:id?page=`: 200 a page."""

    takes, gives = {"page": "integer"}, list[ChatPicture]

    async def get(self, agent_id: str) -> None:
        self.succeed(await self.look(chats.of_agent, chats.Owner(path_id(agent_id), self.number("page", 1) or 1)))


class UserChats(ApiDoor):
    """`GET agent-chat/user/:id?page=`: 50 a page."""

    takes, gives = {"page": "integer"}, list[ChatPicture]

    async def get(self, user_id: str) -> None:
        self.succeed(await self.look(chats.of_user, chats.Owner(path_id(user_id), self.number("page", 1) or 1)))


class ChatLines(ApiDoor):
    """`GET agent-chat/messages/:chat_id?before=seq&limit=`."""

    takes, gives = {"before": "integer", "limit": "integer"}, list[Message]

    async def get(self, chat_id: str) -> None:
        limit = self.number("limit", chats.PAGE, MOST_LINES) or chats.PAGE
        self.succeed(await self.look(chats.page, chats.Page(path_id(chat_id), self.number("before", None), limit)))


class OnlineUsers(ApiDoor):
    """`GET agent-chat/online-users`."""

    gives = list[Person]

    async def get(self) -> None:
        self.succeed(await self.look(presence.online))
