"""The agent's desk: the lists of chats, the conversation that is open, its member, the team."""

from beneficiate.actions import contacts
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.queries import chat_lists, desk, member_panel, search


class DeskListPartial(SignedInPage):
    """`/agente/lista?lista=&etiqueta=&antes=`: a page of a list, drawn by the partial that the page uses."""

    async def get(self) -> None:
        await self.render_template("desk/_list.html", **await self.run_query(desk.load_chat_list, self.list_query()))

    def list_query(self) -> chat_lists.ChatListQuery:
        """The list that the address asks for."""
        return chat_lists.ChatListQuery(
            tab=self.get_query_argument("lista", chat_lists.MY_CHATS_TAB),
            tag=self.get_query_argument("etiqueta", ""),
            before=self.get_query_argument("antes", ""),
        )


class DeskPage(DeskListPartial):
    """`/agente?chat=&lista=&etiqueta=`."""

    async def get(self) -> None:
        chat_id = self.get_query_argument("chat", "")
        query = desk.DeskQuery(parse_id(chat_id) if chat_id.isdecimal() else None, self.list_query())
        await self.render_template("desk/desk.html", **await self.run_query(desk.load_desk, query))


class DeskWaitingPartial(SignedInPage):
    """`/agente/espera`: who waits for a person, drawn by the partial that the page uses."""

    async def get(self) -> None:
        await self.render_template("desk/_waiting.html", waiting=await self.run_query(desk.load_waiting_summary))


class DeskAvailabilityPartial(SignedInPage):
    """`/agente/disponibilidad`: whether one takes chats, and how many one has, drawn by the page's partial."""

    async def get(self) -> None:
        await self.render_template("desk/_me.html", me=await self.run_query(desk.load_own_agent))


class DeskTeamPartial(SignedInPage):
    """`/agente/equipo`: to whom a chat may be passed on."""

    async def get(self) -> None:
        await self.render_template("desk/_team.html", **await self.run_query(desk.load_team))


class DeskSearchPartial(SignedInPage):
    """`/agente/buscar?q=&pagina=`: members, and what was said."""

    async def get(self) -> None:
        page = self.get_query_argument("pagina", "1")
        number = max(1, min(parse_id(page), search.MAX_SEARCH_PAGES)) if page.isdecimal() else 1
        query = search.SearchQuery(self.get_query_argument("q", ""), number)
        await self.render_template("desk/_found.html", **await self.run_query(desk.load_search_results, query))


class DeskRowPartial(SignedInPage):
    """`/agente/chats/:id/fila`: one row of the list, drawn by the partial that the page uses."""

    async def get(self, chat_id: str) -> None:
        row = await self.run_query(desk.load_chat_row, parse_id(chat_id))
        await self.render_template("desk/_chat.html", row=row, selected_id=None)


class DeskConversationPartial(SignedInPage):
    """`/agente/chats/:id`: a conversation with its newest lines."""

    async def get(self, chat_id: str) -> None:
        await self.render_template(
            "desk/_conversation.html", **await self.run_query(desk.load_conversation, parse_id(chat_id))
        )


class DeskMemberPanelPartial(SignedInPage):
    """`/agente/chats/:id/ficha`: the member of a chat."""

    async def get(self, chat_id: str) -> None:
        await self.render_template(
            "desk/_about.html", **await self.run_query(member_panel.load_member_panel, parse_id(chat_id))
        )


class DeskContactPartial(SignedInPage):
    """`POST /agente/chats/:id/ficha/datos`: the member's contact in full, which is written down."""

    async def post(self, chat_id: str) -> None:
        contact = await self.run_action(
            contacts.reveal_contact, contacts.RevealContact(parse_id(chat_id), self.remote_address)
        )
        await self.render_template("desk/_contact.html", contact=contact)
