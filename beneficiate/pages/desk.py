"""The agent's desk: the lists of chats, the conversation that is open, its member, the team."""

from beneficiate.actions import contacts
from beneficiate.pages.api import path_id
from beneficiate.pages.signed_in import SignedInPage
from beneficiate.queries import conversations, desk, finding, panel


class DeskList(SignedInPage):
    """`/agente/lista?lista=&etiqueta=&antes=`: a page of a list, drawn by the partial that the page uses."""

    async def get(self) -> None:
        await self.draw("desk/_list.html", **await self.look(desk.listed, self.asked()))

    def asked(self) -> conversations.Asked:
        """The list that the address asks for."""
        return conversations.Asked(
            tab=self.get_query_argument("lista", conversations.MINE),
            tag=self.get_query_argument("etiqueta", ""),
            before=self.get_query_argument("antes", ""),
        )


class DeskPage(DeskList):
    """`/agente?chat=&lista=&etiqueta=`."""

    async def get(self) -> None:
        chat_id = self.get_query_argument("chat", "")
        opened = desk.Opened(path_id(chat_id) if chat_id.isdecimal() else None, self.asked())
        await self.draw("desk/desk.html", **await self.look(desk.desk, opened))


class DeskWaiting(SignedInPage):
    """`/agente/espera`: who waits for a person, drawn by the partial that the page uses."""

    async def get(self) -> None:
        await self.draw("desk/_waiting.html", waiting=await self.look(desk.waiting))


class DeskAvailability(SignedInPage):
    """`/agente/disponibilidad`: whether one takes chats, and how many one has, drawn by the page's partial."""

    async def get(self) -> None:
        await self.draw("desk/_me.html", me=await self.look(desk.me))


class DeskTeam(SignedInPage):
    """`/agente/equipo`: to whom a chat may be passed on."""

    async def get(self) -> None:
        await self.draw("desk/_team.html", **await self.look(desk.team))


class DeskSearch(SignedInPage):
    """`/agente/buscar?q=&pagina=`: members, and what was said."""

    async def get(self) -> None:
        page = self.get_query_argument("pagina", "1")
        number = max(1, min(path_id(page), finding.MOST_PAGES)) if page.isdecimal() else 1
        sought = finding.Sought(self.get_query_argument("q", ""), number)
        await self.draw("desk/_found.html", **await self.look(desk.found, sought))


class DeskRow(SignedInPage):
    """`/agente/chats/:id/fila`: one row of the list, drawn by the partial that the page uses."""

    async def get(self, chat_id: str) -> None:
        row = await self.look(desk.row, path_id(chat_id))
        await self.draw("desk/_chat.html", row=row, selected_id=None)


class DeskConversation(SignedInPage):
    """`/agente/chats/:id`: a conversation with its newest lines."""

    async def get(self, chat_id: str) -> None:
        await self.draw("desk/_conversation.html", **await self.look(desk.conversation, path_id(chat_id)))


class DeskPanel(SignedInPage):
    """`/agente/chats/:id/ficha`: the member of a chat."""

    async def get(self, chat_id: str) -> None:
        await self.draw("desk/_about.html", **await self.look(panel.panel, path_id(chat_id)))


class DeskContact(SignedInPage):
    """`POST /agente/chats/:id/ficha/datos`: the member's contact in full, which is written down."""

    async def post(self, chat_id: str) -> None:
        contact = await self.do(contacts.reveal, contacts.Reveal(path_id(chat_id), self.address))
        await self.draw("desk/_contact.html", contact=contact)
