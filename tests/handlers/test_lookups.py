"""Searches by document and e-mail are counted by person, audited, and give no document or e-mail away."""

import pytest

from beneficiate.models.audit import AuditEntry
from tests.factories import PASSWORD, agent, member, supervisor, support_chat
from tests.http_client import CookieClient, call_api

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


@pytest.mark.gen_test
async def test_searches_for_people_are_counted_and_audited_on_every_page(start):
    server = await start(lookups_per_minute=5)
    yuliana, marta = agent(), supervisor()
    browser = CookieClient(server.port)
    await browser.sign_in(marta, PASSWORD)
    pages = (
        "/agente/buscar?q=52803456",
        "/agente/citas/lista?buscar=52803457",
        "/supervisor/pagos/lista?buscar=a@x.co",
        "/supervisor/pagos.csv?buscar=b@x.co",
    )
    for path in pages:
        assert (await browser.get(path)).status == 200
    assert (await call_api(server.port, "search?q=52803458", marta)).status == 200
    refused = await call_api(server.port, "patients?document=52803459", marta)
    assert (refused.status, refused.code) == (429, "rate_limited")
    # What was searched before, names, and other people's searches are not counted.
    for who, text in ((marta, "52803458"), (marta, "ana"), (yuliana, "52803458")):
        assert (await call_api(server.port, f"search?q={text}", who)).status == 200
    actors = [entry.actor_id for entry in AuditEntry.select().where(AuditEntry.what == "people.search")]
    assert (actors.count(marta.id), actors.count(yuliana.id)) == (6, 1)


@pytest.mark.gen_test
async def test_each_search_for_a_patient_to_book_for_is_counted_by_name_too(start):
    server = await start(lookups_per_minute=3)
    yuliana = agent()
    texts = ["ana", "Ana", "ana%20rojas", "304%20512%207788", "rojas"]
    statuses = [(await call_api(server.port, f"patients/search?q={text}", yuliana)).status for text in texts]
    assert statuses == [200, 200, 200, 200, 429]
    subjects = [entry.subject.split(":")[0] for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert subjects == ["name", "name", "document", "name"]
    assert (await call_api(server.port, "patients/search?q=a", member())).status == 403
