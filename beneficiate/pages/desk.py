"""The agent's desk: their chats and the conversation that is open."""

from beneficiate.pages.api import path_id
from beneficiate.pages.signed_in import SignedInPage
from beneficiate.queries import desk


class DeskPage(SignedInPage):
    """`/agente`."""

    async def get(self) -> None:
        chat_id = self.get_query_argument("chat", "")
        picture = await self.look(desk.desk, path_id(chat_id) if chat_id.isdecimal() else None)
        await self.draw("desk/desk.html", **picture)


class DeskWaiting(SignedInPage):
    """`/agente/espera`: who waits for a person, drawn by the partial that the page uses."""

    async def get(self) -> None:
        await self.draw("desk/_waiting.html", waiting=await self.look(desk.waiting))


class DeskRow(SignedInPage):
    """`/agente/chats/:id/fila`: one row of the list, drawn by the partial that the page uses."""

    async def get(self, chat_id: str) -> None:
        await self.draw("desk/_chat.html", chat=await self.look(desk.row, path_id(chat_id)))


class DeskConversation(SignedInPage):
    """`/agente/chats/:id`: a conversation with its newest lines."""

    async def get(self, chat_id: str) -> None:
        await self.draw("desk/_conversation.html", **await self.look(desk.conversation, path_id(chat_id)))
