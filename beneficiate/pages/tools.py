"""The tools of the desk over HTTP: notes, tags, canned replies, the lists of chats, search. For the staff only."""

from typing import Annotated

import msgspec

from beneficiate.actions import canned as writing
from beneficiate.pages.api import ApiDoor, path_id
from beneficiate.protocol.tools import NotePicture
from beneficiate.queries import canned, conversations, finding, notes, tags

Short = Annotated[str, msgspec.Meta(max_length=200)]
Long = Annotated[str, msgspec.Meta(max_length=8000)]


class CannedBody(msgspec.Struct):
    shortcut: Short
    title: Short
    text: Long
    is_active: bool = True


class Notes(ApiDoor):
    """`GET agent-chat/notes/:chat_id`: the newest 200, oldest first."""

    gives = list[NotePicture]

    async def get(self, chat_id: str) -> None:
        self.succeed(await self.look(notes.of_chat, path_id(chat_id)))


class Mentions(ApiDoor):
    """`GET agent-chat/mentions`: the notes in which one is named and that one has not seen, newest first."""

    gives = list[notes.UnseenMention]

    async def get(self) -> None:
        self.succeed(await self.look(notes.unseen))


class Tags(ApiDoor):
    """`GET agent-chat/tags`: the most used first."""

    gives = list[tags.TagCount]

    async def get(self) -> None:
        self.succeed(await self.look(tags.all_tags))


class Conversations(ApiDoor):
    """`GET agent-chat/conversations?list=&tag=&q=&before=`: 50 a page; `list` is mine, waiting, all or closed."""

    takes = {"list": "string", "tag": "string", "q": "string", "before": "string"}  # noqa: RUF012
    gives = conversations.DeskList

    async def get(self) -> None:
        asked = conversations.Asked(
            tab=self.get_query_argument("list", conversations.MINE),
            tag=self.get_query_argument("tag", ""),
            text=self.get_query_argument("q", ""),
            before=self.get_query_argument("before", ""),
        )
        self.succeed(await self.look(conversations.conversations, asked))


class Search(ApiDoor):
    """`GET search?q=&page=`: members on the first page, and 20 lines a page, newest first."""

    takes, gives = {"q": "string", "page": "integer"}, finding.Findings

    async def get(self) -> None:
        page = self.number("page", 1, finding.MOST_PAGES) or 1
        self.succeed(await self.look(finding.find, finding.Sought(self.get_query_argument("q", ""), page)))


class CannedReplies(ApiDoor):
    """`GET canned-replies?q=&all=`: the most used first; `all` is for supervisors, with those that are not used any
    more. `POST canned-replies`, for supervisors."""

    takes = {"q": "string", "all": "string"}  # noqa: RUF012
    reads, gives = CannedBody, list[canned.CannedPicture] | canned.CannedPicture

    async def get(self) -> None:
        sought = canned.Sought(self.get_query_argument("q", ""), bool(self.get_query_argument("all", "")))
        self.succeed(await self.look(canned.find, sought))

    async def post(self) -> None:
        self.succeed(await self.do(writing.write, _as_written(self)), status=201)


class CannedReply(ApiDoor):
    """`PUT canned-replies/:id`, for supervisors."""

    reads, gives = CannedBody, canned.CannedPicture

    async def put(self, reply_id: str) -> None:
        self.succeed(await self.do(writing.write, _as_written(self, path_id(reply_id))))


class DeactivateCanned(ApiDoor):
    """`POST canned-replies/:id/deactivate`, for supervisors."""

    gives = canned.CannedPicture

    async def post(self, reply_id: str) -> None:
        self.succeed(await self.do(writing.deactivate, writing.Deactivate(path_id(reply_id), self.address)))


class CannedForChat(ApiDoor):
    """`GET canned-replies/:id/for/:chat_id`: worded for the member of a chat."""

    gives = canned.RenderedReply

    async def get(self, reply_id: str, chat_id: str) -> None:
        self.succeed(await self.look(canned.rendered, canned.For(path_id(reply_id), path_id(chat_id))))


def _as_written(door: ApiDoor, reply_id: int | None = None) -> writing.Write:
    body = door.body(CannedBody)
    return writing.Write(body.shortcut, body.title, body.text, door.address, reply_id, body.is_active)
