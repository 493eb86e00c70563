"""Searches by document and e-mail are counted by person, audited, and give no document or e-mail away."""

from pathlib import Path

import pytest

from beneficiate import handlers
from beneficiate.models.audit import AuditEntry
from beneficiate.routes import ROUTES
from tests.conftest import stop_refilling
from tests.factories import PASSWORD, agent, member, supervisor, support_chat
from tests.http_client import CookieClient, call_api

HANDLERS = Path(handlers.__file__).parent
DOCUMENT, EMAIL = "52803456", "anamaria@x.co"


@pytest.mark.gen_test
async def test_no_page_or_call_of_the_staff_gives_a_contact_away(server):
    ana, marta = member("Ana", document_number=DOCUMENT, email=EMAIL), supervisor()
    chat = support_chat(ana, marta)
    browser = CookieClient(server.port)
    await browser.sign_in(marta, PASSWORD)
    pages = [f"/agente?chat={chat.id}", f"/agente/chats/{chat.id}/ficha", "/agente/buscar?q=ana", "/supervisor/pagos"]
    texts = [(await browser.get(path)).text for path in [*pages, f"/agente/citas/nueva?para={chat.id}"]]
    calls = ["search?q=ana", f"agent-chat/user/{ana.id}", "agent-chat/online-users", f"patients?chat={chat.id}"]
    calls += [f"agent-chat/agent/{marta.agent_id}", "agent-chat/conversations", f"patients?document={DOCUMENT}"]
    calls += ["patients/search?q=ana", f"patients/search?q={DOCUMENT}", f"patients/search?q={EMAIL}"]
    answers = [await call_api(server.port, path, marta) for path in calls]
    assert {answer.status for answer in answers} == {200}
    for text in [*texts, *(answer.text for answer in answers)]:
        assert DOCUMENT not in text
        assert EMAIL not in text
    assert answers[0].data["members"][0]["document_number"] == "•••• 3456"
    assert [one["name"] for one in answers[3].data] == [ana.user.name]


CALLS = ("search?q=", "agent-chat/conversations?q=", "patients/search?q=", "patients?document=")
PAGES = (
    "/agente/buscar?q=",
    "/agente/citas?buscar=",
    "/agente/citas/lista?buscar=",
    "/supervisor/pagos?buscar=",
    "/supervisor/pagos/lista?buscar=",
    "/supervisor/pagos.csv?buscar=",
    "/supervisor/auditoria?afiliado=",
    "/supervisor/auditoria.csv?afiliado=",
)
PAGES_WITH_REFERENCES = [path for path in PAGES if path.endswith("buscar=")]


def recorded_searches(who):
    query = AuditEntry.select().where(AuditEntry.what == "people.search", AuditEntry.actor_id == who.id)
    return [entry.subject.split(":")[0] for entry in query.order_by(AuditEntry.id)]


def test_every_route_with_a_text_to_search_is_known_here():
    """A new one that can find people belongs to one of the two lists above."""
    no_people = {"canned-replies", "townships/search", "medical-specialties/search"}
    known = {f"/api/v1/{path.partition('?')[0]}" for path in CALLS} | {f"/api/v1/{path}" for path in no_people}
    searching = {route.path for route in ROUTES if {"q", "document"} & set(getattr(route.handler, "query_params", ()))}
    assert searching <= known
    source = "".join(path.read_text("utf-8") for path in HANDLERS.glob("*.py"))
    assert source.count('get_query_argument("buscar"') == 2


@pytest.mark.gen_test
@pytest.mark.parametrize(("text", "kind"), [("rojas", "name"), ("52803457", "document"), ("b@x.co", "email")])
async def test_every_search_that_finds_people_is_counted_and_audited_once(start, text, kind):
    server = stop_refilling(await start(lookups_per_minute=len(PAGES) + len(CALLS)))
    marta = supervisor(is_agent=True)
    browser = CookieClient(server.port)
    await browser.sign_in(marta, PASSWORD)
    for number, path in enumerate([*PAGES, *CALLS]):
        # Another text for each; twice, as a list that is loaded again.
        for _ in range(2):
            words = f"{path}{'x' * number}{text}"
            answer = await (browser.get(words) if path in PAGES else call_api(server.port, words, marta))
            assert answer.status == 200, words
    assert recorded_searches(marta) == [kind] * (len(PAGES) + len(CALLS))
    for path in CALLS:
        refused = await call_api(server.port, f"{path}mejia", marta)
        assert (refused.status, refused.code) == (429, "rate_limited")
    for path in PAGES:
        assert (await browser.get(f"{path}mejia")).status == 429
    # What was refused is not recorded; what was searched before, and other people's searches, are not refused.
    assert len(recorded_searches(marta)) == len(PAGES) + len(CALLS)
    assert (await call_api(server.port, f"search?q={'x' * len(PAGES)}{text}", marta)).status == 200
    assert (await call_api(server.port, "search?q=mejia", agent())).status == 200


@pytest.mark.gen_test
async def test_number_of_an_appointment_is_no_person_on_its_pages_only(start):
    server = stop_refilling(await start(lookups_per_minute=1))
    marta = supervisor(is_agent=True)
    browser = CookieClient(server.port)
    await browser.sign_in(marta, PASSWORD)
    for path in PAGES_WITH_REFERENCES:
        assert (await browser.get(f"{path}APT-3001117821")).status == 200
    assert recorded_searches(marta) == []
    # The desk would find this telephone.
    assert (await browser.get(f"{PAGES[0]}APT-3001117821")).status == 200
    assert recorded_searches(marta) == ["document"]


@pytest.mark.gen_test
async def test_too_short_texts_and_empty_lists_are_no_searches(server):
    yuliana = agent()
    for path in ("search?q=a", "patients/search?q=", "agent-chat/conversations"):
        assert (await call_api(server.port, path, yuliana)).status == 200
    assert recorded_searches(yuliana) == []


@pytest.mark.gen_test
async def test_each_search_for_a_patient_to_book_for_is_counted_by_name_too(start):
    server = stop_refilling(await start(lookups_per_minute=3))
    yuliana = agent()
    texts = ["ana", "Ana", "ana%20rojas", "304%20512%207788", "rojas", "rojas"]
    statuses = [(await call_api(server.port, f"patients/search?q={text}", yuliana)).status for text in texts]
    assert statuses == [200, 200, 200, 200, 429, 429]
    subjects = [entry.subject.split(":")[0] for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert subjects == ["name", "name", "document"]
    assert (await call_api(server.port, "patients/search?q=a", member())).status == 403


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.gen_test
async def test_five_names_typed_letter_by_letter_in_a_minute_are_found(server):
    yuliana = agent()
    names = ["ana restrepo", "luz marulanda", "beto cifuent", "camila rojas", "diego arango"]
    texts = [name[:length] for name in names for length in range(2, 13)]
    for text in texts:
        path = f"search?q={text.replace(' ', '%20')}"
        assert (await call_api(server.port, path, yuliana)).status == 200, text
    # A space at the end makes no other text.
    assert len(recorded_searches(yuliana)) == len({text.strip() for text in texts})
