"""Every page and call of the staff that opens the data of a member is recorded; what members open is not."""

import inspect
import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs
from tornado.web import RequestHandler

from beneficiate.actions.audit import record_act
from beneficiate.actions.search_index import index_messages
from beneficiate.domain.audit_kinds import (
    VIEWED_APPOINTMENT,
    VIEWED_AUDIT,
    VIEWED_CHAT,
    VIEWED_COMMENT,
    VIEWED_FILE,
    VIEWED_PANEL,
    VIEWED_PARTS,
    VIEWED_REQUEST,
    VIEWED_SEARCH,
)
from beneficiate.domain.booking.lifecycle import CONFIRMED
from beneficiate.domain.reports.periods import Period
from beneficiate.errors import Unavailable
from beneficiate.formatting import bogota_date
from beneficiate.handlers.forms import PostOnlyPage
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import write_transaction
from beneficiate.models.chats import Chat, Message, Rating
from beneficiate.models.data_requests import DataRequest
from beneficiate.models.facts import Fact
from beneficiate.queries.message_index import has_unindexed_messages
from beneficiate.routes import ROUTES
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.report_figures import ReportFilters
from tests.factories import PASSWORD, agent, member, supervisor, support_chat
from tests.handlers.test_attachments import fetch, send
from tests.http_client import API_PREFIX, CookieClient, call_api
from tests.queries.appointment_rows import NOW, create_appointment
from tests.sample_files import make_image


def say(who, chat, text):
    """Store a message of a member, which searches find from then on."""
    Message.create(chat=chat.id, seq=1, sender_type="USER", sender_id=who.id, message=text, sent_at=NOW)
    Chat.update(last_seq=1).where(Chat.id == chat.id).execute()
    uow = UnitOfWork(SYSTEM, NOW)
    while has_unindexed_messages(uow):
        index_messages(uow)


class Case:
    """A member with a chat, a file, an appointment and an entry of the audit."""

    def __init__(self):
        self.ana, self.yuliana = member("Ana"), agent("Yuliana")
        self.chat = support_chat(self.ana, self.yuliana)
        self.appointment = create_appointment(self.ana, CONFIRMED, NOW)
        entry = {"at": NOW, "actor_role": "agent", "address": "", "what": "people.reveal", "subject": "user:1"}
        self.entry = AuditEntry.create(person_id=self.ana.id, **entry)
        self.rated_at = datetime.now(UTC)
        Rating.create(chat=self.chat, score=2, comment="Me duele", created_at=self.rated_at)
        days = {"counted_from": NOW.date(), "due_on": NOW.date()}
        request = {"kind": "query", "text": "¿Qué datos tienen?", "state": "received", "received_at": NOW, **days}
        self.request = DataRequest.create(user=self.ana.id, **request)
        say(self.ana, self.chat, "Me duele la cabeza")
        Fact.create(at=self.rated_at, kind="rated", value=2, chat_id=self.chat.id, span=1, actor_role="member")

    def report_list_of(self, code):
        today = bogota_date(self.rated_at)
        return ReportFilters(Period(today, today), self.rated_at).address_of(code)


@pytest.fixture
def case(server):
    return Case()


@pytest.fixture
def recorded(server):
    """Return what was recorded, once everything that runs in the background has run."""

    async def views():
        await server.context.store.run_in_background(lambda uow: None)
        rows = AuditEntry.select().where(AuditEntry.what == "people.view").order_by(AuditEntry.id)
        return [(row.actor_id, row.person_id, row.after) for row in rows]

    return views


async def signed_in(server, who):
    browser = CookieClient(server.port)
    await browser.sign_in(who, PASSWORD)
    return browser


def view_of(who, ana, part):
    return (who.id, ana.id, f'{{"part": "{part}"}}')


@pytest.mark.gen_test
async def test_every_page_that_opens_the_data_of_a_member_is_recorded(server, case, recorded):
    _, said = await send(server.port, case.chat, case.yuliana, make_image())
    pages = {
        f"/agente?chat={case.chat.id}": VIEWED_PANEL,
        f"/agente/chats/{case.chat.id}": VIEWED_CHAT,
        f"/agente/chats/{case.chat.id}/ficha": VIEWED_PANEL,
        f"/agente/citas/{case.appointment.id}": VIEWED_APPOINTMENT,
        f"/archivos/{said['attachment']['id']}": VIEWED_FILE,
        f"/supervisor/auditoria/{case.entry.id}": VIEWED_AUDIT,
        "/agente/buscar?q=me+duele": VIEWED_SEARCH,
        "/supervisor/tablero/lista?figura=satisfaction": VIEWED_COMMENT,
        case.report_list_of("ratings"): VIEWED_COMMENT,
        f"/supervisor/solicitudes/{case.request.id}": VIEWED_REQUEST,
    }
    expected = []
    for path, part in pages.items():
        # Somebody else each time: the second of one person in an hour is not recorded.
        marta = supervisor("Marta")
        browser = await signed_in(server, marta)
        for _ in range(2):
            assert (await browser.get(path)).status == 200, path
        expected.append(view_of(marta, case.ana, part))
        assert await recorded() == expected, path
    assert {part for _, _, part in expected} == {f'{{"part": "{part}"}}' for part in VIEWED_PARTS}


@pytest.mark.gen_test
async def test_every_call_that_opens_the_data_of_a_member_is_recorded(server, case, recorded):
    _, said = await send(server.port, case.chat, case.yuliana, make_image())
    calls = {
        f"agent-chat/messages/{case.chat.id}": VIEWED_CHAT,
        f"agent-chat/notes/{case.chat.id}": VIEWED_CHAT,
        "search?q=me+duele": VIEWED_SEARCH,
        f"medical-appointment/{case.appointment.id}": VIEWED_APPOINTMENT,
        f"medical-appointment/{case.appointment.id}/history": VIEWED_APPOINTMENT,
        f"medical-appointment/{case.appointment.id}/calendar": VIEWED_APPOINTMENT,
        f"medical-appointment/user/{case.ana.id}": VIEWED_APPOINTMENT,
        f"attachments/{said['attachment']['id']}": VIEWED_FILE,
    }
    expected = []
    for path, part in calls.items():
        marta = supervisor("Marta")
        assert (await fetch(server.port, f"{API_PREFIX}{path}", marta)).code == 200, path
        expected.append(view_of(marta, case.ana, part))
        assert await recorded() == expected, path


ABOUT_MEMBERS = re.compile(
    r"/(api/v1/(agent-chat|attachments|search|medical-appointment|patients)|archivos|agente|"
    r"supervisor/(solicitudes|auditoria|tablero|reportes/lista))"
)
BY_ANOTHER_METHOD = {"AttachmentHandler", "AttachmentPage", "AuditCsvPage", "DataRequestPage"}
WITHOUT_WORDS = "words of members stand there for who has their chat; the others are named"
NO_MEMBER = "about the staff, tags or free times"
MASKED = "names and masked numbers; who is searched for is recorded"
WORKED_THROUGH = "names, specialties and times, which the staff works through"
NOT_RECORDED = {
    "AgentChatsHandler": WITHOUT_WORDS,
    "UserChatsHandler": WITHOUT_WORDS,
    "ConversationsHandler": WITHOUT_WORDS,
    "DeskRowPartial": WITHOUT_WORDS,
    "DeskListPartial": WITHOUT_WORDS,
    "DeskWaitingPartial": WITHOUT_WORDS,
    "MentionsHandler": "who is mentioned in a note was sent it",
    "FileForMemberPage": "the name, beside an empty form",
    "FiledRequestsPage": "what the agent filed themselves",
    "DataRequestsPage": "names, and what is asked for without its text",
    "AppointmentsPage": WORKED_THROUGH,
    "AppointmentsListPartial": WORKED_THROUGH,
    "AlertListPage": WORKED_THROUGH,
    "NewAppointmentPartial": "an empty form",
    "PatientsHandler": MASKED,
    "PatientSearchHandler": MASKED,
    "OnlineUsersHandler": NO_MEMBER,
    "TagsHandler": NO_MEMBER,
    "DeskAvailabilityPartial": NO_MEMBER,
    "DeskTeamPartial": NO_MEMBER,
    "DaySlotsPartial": NO_MEMBER,
}


def test_every_read_about_members_is_recorded_or_has_a_reason():
    handlers = {route.handler for route in ROUTES if ABOUT_MEMBERS.match(route.path)}
    reads = {one for one in handlers if one.get is not RequestHandler.get and not issubclass(one, PostOnlyPage)}
    silent = {one.__name__ for one in reads if "note_" not in inspect.getsource(one.get)}
    assert silent == BY_ANOTHER_METHOD | set(NOT_RECORDED)


@pytest.mark.gen_test
async def test_search_is_recorded_for_each_member_whose_words_its_page_shows(server, case, recorded, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.search.MESSAGES_PER_SEARCH_PAGE", 2)
    beto, iris, marta = member("Beto"), member("Iris"), supervisor("Marta")
    for who in (beto, iris):
        say(who, support_chat(who, None), "También me duele")
    browser = await signed_in(server, marta)
    for _ in range(2):
        assert "cabeza" not in (await browser.get("/agente/buscar?q=duele")).text
    newest = [view_of(marta, who, VIEWED_SEARCH) for who in (beto, iris)]
    assert await recorded() == newest
    assert "cabeza" in (await browser.get("/agente/buscar?q=duele&pagina=2")).text
    assert await recorded() == [*newest, view_of(marta, case.ana, VIEWED_SEARCH)]


@pytest.mark.gen_test
async def test_audit_is_recorded_for_each_member_about_whom_it_shows_words(server, case, recorded):
    beto, iris, kenia = member("Beto"), member("Iris"), member("Kenia")
    with write_transaction():
        uow = UnitOfWork(case.yuliana.actor, NOW)
        record_act(uow, "appointments.cancel", "appointment:1", "Le duele", person_id=beto.id)
        record_act(uow, "chats.tag", "chat:1", changes={"tag": (None, "Dolor")}, person_id=iris.id)
        record_act(uow, "message.recall", "message:1", changes={"message": ("Me duele", None)}, person_id=kenia.id)
        record_act(uow, "chats.unanswered", "chat:1", "Sin respuesta", person_id=case.ana.id, actor=SYSTEM)
        uow.finish()
    for path in ("/supervisor/auditoria", "/supervisor/auditoria.csv"):
        marta = supervisor("Marta")
        browser = await signed_in(server, marta)
        before = await recorded()
        text = (await browser.get(path)).text
        assert ("Le duele" in text, "Dolor" in text, "Me duele" in text) == (True, True, False), path
        shown = [view_of(marta, who, VIEWED_AUDIT) for who in (beto, iris)]
        assert (await recorded())[len(before) :] == shown, path


@pytest.mark.gen_test
async def test_search_that_finds_people_only_shows_them_masked_and_is_no_view(server, case, recorded):
    marta, of_ana = supervisor("Marta"), case.ana.user
    browser = await signed_in(server, marta)
    for text in (of_ana.email, of_ana.document_number):
        of_api = await fetch(server.port, f"{API_PREFIX}search?q={quote(text)}", marta)
        for shown in ((await browser.get(f"/agente/buscar?q={quote(text)}")).text, of_api.body.decode()):
            assert of_ana.last_name in shown
            assert of_ana.email not in shown
            assert of_ana.document_number not in shown
    assert await recorded() == []


@pytest.mark.gen_test
async def test_what_members_open_and_what_is_refused_is_not_recorded(server, case, recorded):
    for path in (f"agent-chat/messages/{case.chat.id}", f"medical-appointment/{case.appointment.id}"):
        assert (await call_api(server.port, path, case.ana)).status == 200
        assert (await call_api(server.port, path, member())).status == 404
    browser = await signed_in(server, case.yuliana)
    for path in ("/agente", "/agente?chat=99999", "/agente/citas"):
        assert (await browser.get(path)).status == 200
    marta = await signed_in(server, supervisor())
    for path in ("/supervisor/tablero/lista?figura=closed", case.report_list_of("closed")):
        assert (await marta.get(path)).status == 200
    assert (await browser.get("/agente/chats/99999/ficha")).status == 404
    assert await recorded() == []


@pytest.mark.gen_test
async def test_page_is_shown_when_it_cannot_be_recorded_and_the_log_says_so(server, case, monkeypatch):
    store, browser = server.context.store, await signed_in(server, case.yuliana)
    run = store.run_in_background

    def refuse(action, command, actor):
        def fail(uow, _):
            raise Unavailable

        return run(fail, command, actor)

    monkeypatch.setattr(store, "run_in_background", refuse)
    with capture_logs() as logs:
        assert (await browser.get(f"/agente/chats/{case.chat.id}/ficha")).status == 200
        await run(lambda uow: None)
    assert [log["code"] for log in logs if log["event"] == "data_view_not_recorded"] == ["unavailable"]
