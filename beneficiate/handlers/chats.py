"""Chats over the API: opening one with a colleague, lists, older messages."""

import msgspec

from beneficiate.actions.chats import open_direct_chat
from beneficiate.domain.audit_kinds import VIEWED_CHAT
from beneficiate.handlers.api import ApiHandler, parse_id
from beneficiate.handlers.data_views import note_opened
from beneficiate.protocol.envelope import Id
from beneficiate.protocol.payloads import ChatPayload, MessagePayload, PersonPayload
from beneficiate.queries import chats, presence

MAX_MESSAGES_PER_PAGE = 100


class OpenDirectChatBody(msgspec.Struct):
    """The person to open a direct chat with."""

    user_id: Id


class ChatsHandler(ApiHandler):
    """`POST chats`: opens a direct chat with a colleague."""

    request_type, response_type = OpenDirectChatBody, ChatPayload

    async def post(self) -> None:
        user_id = self.read_body(OpenDirectChatBody).user_id
        self.write_success(await self.run_action(open_direct_chat, user_id), status=201)


class AgentChatsHandler(ApiHandler):
    """`GET agent-chat/agent/:id?page=`: 200 a page."""

    query_params, response_type = {"page": "integer"}, list[ChatPayload]

    async def get(self, agent_id: str) -> None:
        query = chats.OwnedChatsQuery(parse_id(agent_id), self.get_int_argument("page", 1) or 1)
        self.write_success(await self.run_query(chats.list_agent_chats, query))


class UserChatsHandler(ApiHandler):
    """`GET agent-chat/user/:id?page=`: 50 a page."""

    query_params, response_type = {"page": "integer"}, list[ChatPayload]

    async def get(self, user_id: str) -> None:
        query = chats.OwnedChatsQuery(parse_id(user_id), self.get_int_argument("page", 1) or 1)
        self.write_success(await self.run_query(chats.list_user_chats, query))


class ChatLinesHandler(ApiHandler):
    """`GET agent-chat/messages/:chat_id?before=seq&limit=`."""

    query_params, response_type = {"before": "integer", "limit": "integer"}, list[MessagePayload]

    async def get(self, chat_id: str) -> None:
        default = chats.MESSAGES_PER_PAGE
        limit = self.get_int_argument("limit", default, MAX_MESSAGES_PER_PAGE) or default
        query = chats.MessagePageQuery(parse_id(chat_id), self.get_int_argument("before", None), limit)
        found = await self.run_query(chats.list_messages, query)
        note_opened(self, VIEWED_CHAT, f"chat:{query.chat_id}")
        self.write_success(found)


class OnlineUsersHandler(ApiHandler):
    """`GET agent-chat/online-users`."""

    response_type = list[PersonPayload]

    async def get(self) -> None:
        self.write_success(await self.run_query(presence.list_online))
