"""The supervisors' page of the audit log: filters, pages, one entry, CSV; seen by them alone."""

import csv
import io
import re

import pytest

from beneficiate.domain.audit_chain import ChainBreak, ChainLink
from beneficiate.models.audit import AuditEntry, AuditState
from beneficiate.queries import audit_csv, audit_log
from beneficiate.services.audit_chain import verify_new_entries
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.payment_steps import run_committed
from tests.audit import audit_triggers_off, write_audit
from tests.factories import PASSWORD, agent, member, supervisor
from tests.http_client import CookieClient, fetch
from tests.queries.appointment_rows import NOW

PAGE = "/supervisor/auditoria"


@pytest.fixture
def marta(server):
    return supervisor("Marta")


@pytest.fixture
def browser(server, io_loop, marta):
    client = CookieClient(server.port)
    io_loop.run_sync(lambda: client.sign_in(marta, PASSWORD))
    return client


def record(who, subject="chat:1", what="chats.give", **more):
    def act(uow):
        write_audit(uow, what, subject, **more)

    run_committed(act, None, who.actor)
    return AuditEntry.select().order_by(AuditEntry.id.desc()).get()


def shown(answer):
    return [int(number) for number in re.findall(r'<li data-entry-id="(\d+)"', answer.text)]


def sentences(answer):
    return dict(re.findall(r'id="(\w+)-error">.*?<span>([^<]*)</span>', answer.text))


@pytest.mark.gen_test
async def test_supervisors_look_and_nobody_else(server, browser):
    entry = record(supervisor())
    stranger, yuliana, ana = CookieClient(server.port), CookieClient(server.port), CookieClient(server.port)
    await yuliana.sign_in(agent(), PASSWORD)
    await ana.sign_in(member(), PASSWORD)
    for path in (PAGE, f"{PAGE}.csv", f"{PAGE}/{entry.id}"):
        assert [(await one.get(path)).status for one in (browser, yuliana, ana)] == [200, 403, 403], path
        answer = await fetch(server.port, path)
        assert (answer.status, answer.headers["Location"].startswith("/login?next=")) == (302, True)
    assert stranger.cookies == {}


@pytest.mark.gen_test
async def test_entry_has_who_what_whom_before_and_after_reason_address_request_and_hash(browser, marta):
    ana = member("Ana", document_number="52803456", email="anamaria@x.co")
    yuliana = agent("Yuliana")
    entry = record(marta, reason="Está <sola>", changes={"agent": (None, yuliana.agent_id)}, person_id=ana.id)
    text = (await browser.get(PAGE)).text
    for part in (marta.user.name, "Supervisor", "Asignó un chat", "Chat 1", ana.user.name, "•••• 3456", entry.hash):
        assert part in text, part
    assert f"<ins>{yuliana.user.name}</ins>" in text
    assert "Está &lt;sola&gt;" in text
    assert "52803456" not in text
    assert "anamaria@x.co" not in text


@pytest.mark.gen_test
async def test_request_is_that_of_the_act(browser, marta):
    await browser.get(f"{PAGE}.csv")
    entry = AuditEntry.get(AuditEntry.what == "audit.export")
    text = (await browser.get(PAGE)).text
    assert "127.0.0.1" in text
    assert entry.request_id
    assert entry.request_id in text


@pytest.mark.gen_test
async def test_text_of_a_recalled_message_is_shown_by_its_own_page_only(browser, marta):
    changes = {"message": ("Tengo fiebre", "Mensaje eliminado")}
    entry = record(marta, "message:7", "message.recall", changes=changes)
    assert "Tengo fiebre" not in (await browser.get(PAGE)).text
    assert "Tengo fiebre" not in (await browser.get(f"{PAGE}.csv")).text
    assert "Tengo fiebre" in (await browser.get(f"{PAGE}/{entry.id}")).text
    assert (await browser.get(f"{PAGE}/99999")).status == 404


@pytest.mark.gen_test
async def test_each_filter_finds_its_entries(browser, marta):
    gil, ana = supervisor("Gil"), member("Ana", document_number="52803456")
    ids = [
        record(marta, "chat:1").id,
        record(gil, "chat:2").id,
        record(gil, "payment:6f1c0c5e-0000-4000-8000-000000000000", "payments.release", person_id=ana.id).id,
    ]
    found = {
        "quien=gil": ids[1:],
        "asunto=chat:2": ids[1:2],
        "tipo=payments.release": ids[2:],
        "afiliado=52803456": ids[2:],
        "afiliado=ana&quien=marta": [],
        "quien=gil&tipo=chats.give": ids[1:2],
    }
    for query, expected in found.items():
        answer = await browser.get(f"{PAGE}?{query}")
        assert [number for number in shown(answer) if number in ids] == expected[::-1], query
    assert 'id="audit-none"' in (await browser.get(f"{PAGE}?quien=nadie")).text


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("desde=2026-02-30", "desde"),
        ("hasta=ayer", "hasta"),
        ("desde=1999-01-01", "desde"),
        ("desde=2026-08-25&hasta=2026-08-24", "hasta"),
        ("tipo=otro", "tipo"),
        ("afiliado=a", "afiliado"),
        ("asunto=APT-00000-0000", "asunto"),
        ("asunto=BNF-00000000", "asunto"),
        ("asunto=cualquier%20cosa", "asunto"),
    ],
)
async def test_wrong_filter_has_a_sentence_and_nothing_typed_is_lost(browser, marta, query, name):
    answer = await browser.get(f"{PAGE}?quien=Mar%22ta&{query}")
    assert (answer.status, list(sentences(answer))) == (200, [name])
    assert 'value="Mar&#34;ta"' in answer.text
    assert shown(answer) == []
    assert (await browser.get(f"{PAGE}.csv?{query}")).status == 422


@pytest.mark.gen_test
async def test_page_that_does_not_exist_says_so(browser):
    for place in ("nada", "0", "-1", "99999999999999", "²"):
        answer = await browser.get(f"{PAGE}?antes={place}&quien=Marta")
        assert (answer.status, "Esa página no existe" in answer.text, 'value="Marta"' in answer.text) == (
            200,
            True,
            True,
        )


@pytest.mark.gen_test
async def test_too_many_members_are_asked_for_more_of_the_name(browser, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.people.MAX_MATCHING_PEOPLE", 1)
    for name in ("Ana", "Anabel"):
        member(name)
    answer = await browser.get(f"{PAGE}?afiliado=ana")
    assert "Hay muchas personas" in sentences(answer)["afiliado"]
    assert 'value="ana"' in answer.text


@pytest.mark.gen_test
async def test_pages_have_each_entry_once_and_keep_the_filters(browser, marta, monkeypatch):
    monkeypatch.setattr(audit_log, "ENTRIES_PER_PAGE", 2)
    ids = [record(marta, f"chat:{number}").id for number in range(5)]
    seen, path = [], f"{PAGE}?tipo=chats.give"
    while path:
        answer = await browser.get(path)
        seen += shown(answer)
        more = re.search(r'id="page-after"\s+href="([^"]+)"', answer.text)
        path = more and more[1].replace("&amp;", "&")
    assert seen == ids[::-1]
    assert 'id="page-first" href="/supervisor/auditoria?tipo=chats.give"' in answer.text


@pytest.mark.gen_test
async def test_export_is_recorded_with_its_filters_and_has_what_is_filtered(browser, marta, monkeypatch):
    monkeypatch.setattr(audit_csv, "AUDIT_SLICE_ROWS", 2)
    ana = member("Ana", document_number="52803456")
    ids = [record(marta, f"chat:{number}", reason="=1+1", person_id=ana.id).position for number in range(5)]
    record(marta, "hours", "hours.set_week")
    answer = await browser.get(f"{PAGE}.csv?tipo=chats.give&afiliado=52803456")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("\ufeffRegistro;")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""), delimiter=";"))
    assert [int(row["Registro"]) for row in rows] == ids[::-1]
    assert {(row["Motivo"], row["Documento"], row["Afiliado"]) for row in rows} == {
        ("'=1+1", "CC •••• 3456", ana.user.name)
    }
    entry = AuditEntry.get(AuditEntry.what == "audit.export")
    assert (entry.actor_id, entry.subject) == (marta.id, "audit")
    assert '"rows": 5' in entry.after
    assert '"kind": "chats.give"' in entry.after
    assert "52803456" not in entry.after


@pytest.mark.gen_test
async def test_export_that_leaves_something_out_says_so(browser, marta, monkeypatch):
    monkeypatch.setattr(audit_csv, "AUDIT_SLICE_ROWS", 1)
    monkeypatch.setattr(audit_csv, "MAX_AUDIT_CSV_ROWS", 2)
    for number in range(3):
        record(marta, f"chat:{number}")
    lines = (await browser.get(f"{PAGE}.csv?tipo=chats.give")).text.splitlines()
    assert len(lines) == 4
    assert lines[-1].startswith("Faltan registros más antiguos")


@pytest.mark.gen_test
async def test_head_says_how_far_the_chain_is_verified_and_where_it_breaks(server, browser, marta):
    def state(text):
        return re.search(r'id="audit-chain"[^>]*data-state="(\w+)"', text)[1]

    assert state((await browser.get(PAGE)).text) == "unknown"
    for number in range(3):
        record(marta, f"chat:{number}")
    await verify_new_entries(server.context.store)
    verified = AuditState.get().position
    record(marta)
    text = (await browser.get(PAGE)).text
    assert (state(text), f"Verificada hasta el registro {verified}," in text) == ("whole", True)
    assert "Hay 1 más reciente" in text
    with audit_triggers_off():
        AuditEntry.update(reason="otro").where(AuditEntry.position == verified + 1).execute()
    assert await verify_new_entries(server.context.store) == ChainBreak(verified + 1, "changed")
    text = (await browser.get(PAGE)).text
    assert (state(text), f"se rompe en el registro {verified + 1}" in text) == ("broken", True)
    assert f"Los {verified} anteriores" in text


def test_chain_link_of_no_verification_is_the_beginning(db):
    assert audit_log.load_chain_status(UnitOfWork(supervisor().actor, NOW)).position == ChainLink().position


@pytest.mark.gen_test
async def test_sign_in_of_the_staff_has_the_address_and_the_request(browser, marta):
    entry = AuditEntry.get(AuditEntry.what == "accounts.sign_in")
    assert (entry.actor_id, entry.address, len(entry.request_id)) == (marta.id, "127.0.0.1", 32)
