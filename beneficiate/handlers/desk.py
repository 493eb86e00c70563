"""The agent's desk: the page, and the parts of it that its script fetches again."""

from beneficiate.actions import contacts
from beneficiate.domain.audit_kinds import VIEWED_CHAT, VIEWED_PANEL
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.data_views import note_found_messages, note_opened
from beneficiate.handlers.lookups import search_people
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.queries import chat_lists, desk, member_panel, search
from beneficiate.views.chat_lists import ChatListPart, ChatRowPart
from beneficiate.views.conversation import ConversationPart
from beneficiate.views.desk import AvailabilityPart, TeamPart, WaitingPart
from beneficiate.views.member_panel import ContactPart, MemberPanelPart


class DeskListPartial(SignedInPage):
    """`/agente/lista?lista=&etiqueta=&orden=&antes=`: a page of a list."""

    async def get(self) -> None:
        await self.render_page(ChatListPart(await self.run_query(desk.load_chat_list, self.list_query())))

    def list_query(self) -> chat_lists.ChatListQuery:
        """Return the list that the address names."""
        return chat_lists.ChatListQuery(
            tab=self.get_query_argument("lista", chat_lists.MY_CHATS_TAB),
            tag=self.get_query_argument("etiqueta", ""),
            before=self.get_query_argument("antes", ""),
            order=self.get_query_argument("orden", ""),
        )


class DeskPage(DeskListPartial):
    """`/agente?chat=&lista=&etiqueta=&orden=`."""

    async def get(self) -> None:
        chat_id = self.get_query_argument("chat", "")
        query = desk.DeskQuery(parse_id(chat_id) if chat_id.isdecimal() else None, self.list_query())
        view = await self.run_query(desk.load_desk, query)
        if view.panel is not None:
            note_opened(self, VIEWED_PANEL, f"chat:{view.panel.chat_id}")
        await self.render_page(view)


class DeskWaitingPartial(SignedInPage):
    """`/agente/espera`: the members who wait for an agent."""

    async def get(self) -> None:
        await self.render_page(WaitingPart(await self.run_query(desk.load_waiting_summary)))


class DeskAvailabilityPartial(SignedInPage):
    """`/agente/disponibilidad`: whether the agent takes chats, and how many they have."""

    async def get(self) -> None:
        await self.render_page(AvailabilityPart(await self.run_query(desk.load_own_agent)))


class DeskTeamPartial(SignedInPage):
    """`/agente/equipo`: the colleagues and topics to whom a chat may be transferred."""

    async def get(self) -> None:
        await self.render_page(TeamPart(await self.run_query(desk.load_team)))


class DeskSearchPartial(SignedInPage):
    """`/agente/buscar?q=&pagina=`: members and messages."""

    async def get(self) -> None:
        page = min(self.get_page_argument(), search.MAX_SEARCH_PAGES)
        query = search.SearchQuery(self.get_query_argument("q", ""), page)
        found = await search_people(self, desk.load_search_results, query, query.text)
        note_found_messages(self, found.results.lines)
        await self.render_page(found)


class DeskRowPartial(SignedInPage):
    """`/agente/chats/:id/fila`: one row of a list."""

    async def get(self, chat_id: str) -> None:
        await self.render_page(ChatRowPart(await self.run_query(desk.load_chat_row, parse_id(chat_id))))


class DeskConversationPartial(SignedInPage):
    """`/agente/chats/:id`: a conversation with its newest messages."""

    async def get(self, chat_id: str) -> None:
        conversation = await self.run_query(desk.load_conversation, parse_id(chat_id))
        note_opened(self, VIEWED_CHAT, f"chat:{parse_id(chat_id)}")
        await self.render_page(ConversationPart(conversation))


class DeskMemberPanelPartial(SignedInPage):
    """`/agente/chats/:id/ficha`: the member of a chat."""

    async def get(self, chat_id: str) -> None:
        panel = await self.run_query(member_panel.load_member_panel, parse_id(chat_id))
        note_opened(self, VIEWED_PANEL, f"chat:{panel.chat_id}")
        await self.render_page(MemberPanelPart(panel))


class DeskContactPartial(SignedInPage):
    """`POST /agente/chats/:id/ficha/datos`: the member's contact in full; that it was read is recorded."""

    async def post(self, chat_id: str) -> None:
        command = contacts.RevealContact(parse_id(chat_id))
        await self.render_page(ContactPart(await self.run_action(contacts.reveal_contact, command)))
