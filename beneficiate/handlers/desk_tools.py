"""The API of the desk, for the staff only: notes, tags, canned replies, lists of chats, search."""

from dataclasses import replace
from typing import Annotated

import msgspec

from beneficiate.actions import canned_replies as actions
from beneficiate.domain.audit_kinds import VIEWED_CHAT
from beneficiate.handlers.api import ApiHandler, parse_id
from beneficiate.handlers.data_views import note_found_messages, note_opened
from beneficiate.handlers.lookups import search_people
from beneficiate.protocol.desk_tools import NotePayload
from beneficiate.protocol.envelope import MAX_ID
from beneficiate.queries import canned_replies, chat_lists, notes, search, tags
from beneficiate.queries.chat_order import BY_DEADLINE
from beneficiate.views.canned_replies import CannedReplyPayload, RenderedReply
from beneficiate.views.chat_lists import DeskChatPage, TagCount
from beneficiate.views.search import SearchResults

ShortText = Annotated[str, msgspec.Meta(max_length=200)]
LongText = Annotated[str, msgspec.Meta(max_length=8000)]


API_ORDERS = {"due": BY_DEADLINE}


class CannedReplyBody(msgspec.Struct):
    """A canned reply as a supervisor writes it."""

    shortcut: ShortText
    title: ShortText
    text: LongText
    is_active: bool = True


class ChangedReplyBody(CannedReplyBody, kw_only=True):
    """A canned reply as a supervisor changes it: `version` is the one that was read, on which the change is based."""

    version: Annotated[int, msgspec.Meta(ge=1, le=MAX_ID)]


class NotesHandler(ApiHandler):
    """`GET agent-chat/notes/:chat_id`: the newest 200, oldest first."""

    response_type = list[NotePayload]

    async def get(self, chat_id: str) -> None:
        found = await self.run_query(notes.list_notes, parse_id(chat_id))
        note_opened(self, VIEWED_CHAT, f"chat:{parse_id(chat_id)}")
        self.write_success(found)


class MentionsHandler(ApiHandler):
    """`GET agent-chat/mentions`: the notes that mention the actor and that they have not seen, newest first."""

    response_type = list[notes.UnseenMention]

    async def get(self) -> None:
        self.write_success(await self.run_query(notes.list_unseen_mentions))


class TagsHandler(ApiHandler):
    """`GET agent-chat/tags`: the most used first."""

    response_type = list[TagCount]

    async def get(self) -> None:
        self.write_success(await self.run_query(tags.list_tags))


class ConversationsHandler(ApiHandler):
    """`GET agent-chat/conversations?list=&tag=&q=&order=&before=`: 50 a page; `list` is mine, waiting, all or closed.

    With `order=due` what is due first comes first.
    """

    query_params = {"list": "string", "tag": "string", "q": "string", "order": "string", "before": "string"}  # noqa: RUF012
    response_type = DeskChatPage

    async def get(self) -> None:
        order = self.get_query_argument("order", "")
        query = chat_lists.ChatListQuery(
            tab=self.get_query_argument("list", chat_lists.MY_CHATS_TAB),
            tag=self.get_query_argument("tag", ""),
            text=self.get_query_argument("q", ""),
            before=self.get_query_argument("before", ""),
            order=API_ORDERS.get(order, order),
        )
        self.write_success(await search_people(self, chat_lists.list_desk_chats, query, query.text))


class SearchHandler(ApiHandler):
    """`GET search?q=&page=`: members on the first page, and 20 messages a page, newest first."""

    query_params, response_type = {"q": "string", "page": "integer"}, SearchResults

    async def get(self) -> None:
        page = self.get_int_argument("page", 1, search.MAX_SEARCH_PAGES) or 1
        query = search.SearchQuery(self.get_query_argument("q", ""), page)
        found = await search_people(self, search.search_desk, query, query.text)
        note_found_messages(self, found.lines)
        self.write_success(found)


class CannedRepliesHandler(ApiHandler):
    """`GET canned-replies?q=&all=`: the most used first; for supervisors, `all` adds the inactive ones.

    `POST canned-replies`, for supervisors.
    """

    query_params = {"q": "string", "all": "string"}  # noqa: RUF012
    request_type, response_type = (
        CannedReplyBody,
        list[CannedReplyPayload] | CannedReplyPayload,
    )

    async def get(self) -> None:
        with_inactive = bool(self.get_query_argument("all", ""))
        query = canned_replies.CannedReplyQuery(self.get_query_argument("q", ""), with_inactive)
        self.write_success(await self.run_query(canned_replies.find_canned_replies, query))

    async def post(self) -> None:
        command = _save_command(self.read_body(CannedReplyBody))
        self.write_success(await self.run_action(actions.save_canned_reply, command), status=201)


class CannedReplyHandler(ApiHandler):
    """`PUT canned-replies/:id`, for supervisors.

    Where somebody else has saved since `version`, nothing is: the answer is 409 with the saved `version`, and in
    `changes` what is `saved` and what was `sent` of each field in which they differ.
    """

    request_type, response_type = ChangedReplyBody, CannedReplyPayload

    async def put(self, reply_id: str) -> None:
        body = self.read_body(ChangedReplyBody)
        command = replace(_save_command(body), reply_id=parse_id(reply_id), version=body.version)
        self.write_success(await self.run_action(actions.save_canned_reply, command))


class DeactivateCannedHandler(ApiHandler):
    """`POST canned-replies/:id/deactivate`, for supervisors."""

    response_type = CannedReplyPayload

    async def post(self, reply_id: str) -> None:
        command = actions.DeactivateCannedReply(parse_id(reply_id))
        self.write_success(await self.run_action(actions.deactivate_canned_reply, command))


class CannedForChatHandler(ApiHandler):
    """`GET canned-replies/:id/for/:chat_id`: filled in for the member of a chat."""

    response_type = RenderedReply

    async def get(self, reply_id: str, chat_id: str) -> None:
        query = canned_replies.ReplyForChat(parse_id(reply_id), parse_id(chat_id))
        self.write_success(await self.run_query(canned_replies.render_canned_reply, query))


def _save_command(body: CannedReplyBody) -> actions.SaveCannedReply:
    return actions.SaveCannedReply(body.shortcut, body.title, body.text, is_active=body.is_active)
