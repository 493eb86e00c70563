"""The supervisors' page of payments: seen by them alone, and its forms."""

import re
import uuid
from datetime import UTC, datetime

import pytest

from beneficiate.actions import sign_ins
from beneficiate.actions.payments import MarkLinkUnknown, mark_link_unknown
from beneficiate.actions.wompi_events import StoreEvent, store_event
from beneficiate.domain.billing.outcome import APPROVED, EXPIRED, PENDING, UNKNOWN
from beneficiate.handlers.payments_admin import MAX_ADMIN_REASON_CHARS, MIN_ADMIN_REASON_CHARS
from beneficiate.handlers.signed_in import SESSION_COOKIE
from beneficiate.models.accounts import PAGE_SIGN_IN
from beneficiate.models.audit import AuditEntry
from beneficiate.models.payments import Payment, PaymentReview, Subscription, WompiEvent
from beneficiate.queries import payments_csv
from beneficiate.queries.audit_texts import open_entries
from beneficiate.unit_of_work import SYSTEM
from beneficiate.views.payments import payment_reference
from beneficiate.views.payments_admin import PAYMENT_TABS
from tests.actions.payment_steps import (
    load_payment,
    open_checkout,
    paid_payment,
    payment_with_link,
    run_committed,
    settle_one,
    signed_event,
    update_columns,
    wompi_transaction,
)
from tests.factories import agent, connect_socket, member, supervisor
from tests.http_client import CookieClient, fetch

REASON = "Se comprobó en el banco"
LIST = "/supervisor/pagos"


@pytest.fixture
def enter(server):
    """Make a browser of somebody who has signed in, as `/login` would have left it."""

    async def entered(who):
        command = sign_ins.StartSignIn(who.id, PAGE_SIGN_IN)
        browser = CookieClient(server.port)
        browser.cookies[SESSION_COOKIE] = (await server.context.store.run(sign_ins.start_sign_in, command)).token
        await browser.get("/logout")
        return browser

    return entered


def now():
    return datetime.now(UTC)


def waiting(who=None):
    return payment_with_link(run_committed, who or member(), now=now())


def in_doubt():
    payment_id = open_checkout(run_committed, member(), now=now()).payment_id
    run_committed(mark_link_unknown, MarkLinkUnknown(payment_id, "timeout"), SYSTEM)
    return payment_id


def flagged():
    payment_id = waiting()
    settle_one(run_committed, wompi_transaction(payment_id, amount_in_cents=1), now())
    return payment_id, PaymentReview.get(PaymentReview.payment == payment_id).id


def forms(payment_id, review_id):
    return (
        (f"{LIST}/{payment_id}/activar", "reason"),
        (f"{LIST}/{payment_id}/liberar", "reason"),
        (f"{LIST}/{payment_id}/revision/{review_id}", "note"),
    )


def rows():
    """All that a form could change."""
    tables = (Payment, PaymentReview, Subscription, AuditEntry)
    return [list(table.select().order_by(table._meta.primary_key).tuples()) for table in tables]


def problem(answer):
    found = re.search(r'id="payment-problem".*?data-part="say">([^<]+)<', answer.text, re.DOTALL)
    return found[1] if found else None


# ---- Who may look --------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_supervisors_look_and_nobody_else(server, enter):
    payment_id, _ = flagged()
    pages = ("", ".csv", "/lista", "/eventos", *(f"/{payment_id}{more}" for more in ("", "/fila", "/detalle")))
    browsers = {who: await enter(one) for who, one in (("m", member()), ("a", agent()), ("s", supervisor()))}
    for page in pages:
        for who, status in (("m", 403), ("a", 403), ("s", 200)):
            assert (await browsers[who].get(LIST + page)).status == status, (who, page)
        answer = await fetch(server.port, LIST + page)
        assert (answer.status, answer.headers["Location"].startswith("/login?next=%2Fsupervisor")) == (302, True)


@pytest.mark.gen_test
async def test_supervisors_send_forms_and_nobody_else(server, enter):
    payment_id, review_id = flagged()
    browsers = [await enter(who) for who in (member(), agent())]
    stranger = CookieClient(server.port)
    await stranger.get("/login")
    before = rows()
    for path, name in forms(payment_id, review_id):
        statuses = [(await browser.post(path, **{name: REASON})).status for browser in (*browsers, stranger)]
        assert statuses == [403, 403, 401], path
    assert rows() == before


@pytest.mark.gen_test
async def test_a_form_without_its_token_is_refused(enter):
    payment_id, review_id = flagged()
    browser, before = await enter(supervisor()), rows()
    for path, name in forms(payment_id, review_id):
        for token in ("", "2|aaaaaaaa|bbbb|1"):
            assert (await browser.post(path, **{name: REASON, "_xsrf": token})).status == 403
    assert rows() == before


@pytest.mark.gen_test
async def test_a_member_cannot_activate_their_own_payment(enter):
    ana = member()
    payment_id = waiting(ana)
    assert (await (await enter(ana)).post(f"{LIST}/{payment_id}/activar", reason=REASON)).status == 403
    assert load_payment(payment_id).status == PENDING


# ---- The list ------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_the_list_is_drawn_by_the_page_and_by_its_partial(enter):
    ids = [waiting(member("<b>Ana</b>")), flagged()[0], paid_payment(run_committed, member("Beto"), now=now())]
    browser = await enter(supervisor())
    for query in (
        "",
        *(f"?lista={tab}" for tab in PAYMENT_TABS),
        "?lista=todos&buscar=beto",
        "?pagina=7",
        "?lista=nada",
    ):
        page, part = [await browser.get(f"{LIST}{more}{query}") for more in ("", "/lista")]
        assert (page.status, part.status) == (200, 200), query
        assert "<html" not in part.text
        assert "<b>Ana" not in page.text
        shown = re.findall(r'data-payment-id="([^"]+)"', part.text)
        assert re.findall(r'class="row" id="[^"]+" data-payment-id="([^"]+)"', page.text) == shown, query
    part = (await browser.get(f"{LIST}/lista?lista=todos")).text
    assert re.findall(r'data-payment-id="([^"]+)"', part) == ids[::-1]
    assert "&lt;b&gt;Ana" in part
    assert 'data-todo="1"' in part
    assert re.findall(r'data-payment-id="([^"]+)"', (await browser.get(LIST)).text) == [ids[1]]


@pytest.mark.gen_test
async def test_what_is_looked_for_comes_back_as_text(enter):
    waiting()
    browser = await enter(supervisor())
    for more in ("", "/lista"):
        answer = await browser.get(f"{LIST}{more}?buscar=%22%3E%3Cscript%3Ex&desde=2026-11-01&hasta=2026-11-30")
        assert answer.status == 200
        assert "<script>x" not in answer.text
        assert "&lt;script&gt;x" in answer.text
        assert "01/11/2026" in answer.text


@pytest.mark.gen_test
async def test_only_days_of_these_times_may_be_asked_for(enter):
    browser = await enter(supervisor())
    for day, status in (
        ("2026-02-28", 200),
        ("2020-01-01", 200),
        ("2199-12-31", 200),
        ("", 200),
        ("2026-02-30", 422),
        ("2019-12-31", 422),
        ("0001-01-01", 422),
        ("9999-12-31", 422),
        ("ayer", 422),
    ):
        for name in ("desde", "hasta"):
            for page in ("", "/lista", ".csv"):
                assert (await browser.get(f"{LIST}{page}?{name}={day}")).status == status, (name, day, page)


@pytest.mark.gen_test
async def test_an_odd_page_is_the_first(enter):
    payment_id = waiting()
    browser = await enter(supervisor())
    for page in ("0", "-1", "x", "1.5", "", "123456", "%D9%A3", "%00"):
        assert payment_id in (await browser.get(f"{LIST}?lista=todos&pagina={page}")).text, page
    assert payment_id not in (await browser.get(f"{LIST}?lista=todos&pagina=99999")).text


@pytest.mark.gen_test
async def test_the_csv_is_a_file_for_a_spreadsheet(enter, monkeypatch):
    ana, beto = member("=Ana", email="ana@pruebas.co"), member("Beto")
    ids = [waiting(ana), paid_payment(run_committed, beto, now=now())]
    answer = await (await enter(supervisor())).get(f"{LIST}.csv?lista=todos")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pagos.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    lines = answer.text.split("\r\n")
    assert lines[0].startswith("\ufeffReferencia;")
    assert [line.split(";")[0] for line in lines[1:-1]] == [payment_reference(id_) for id_ in reversed(ids)]
    assert lines[2].split(";")[1].startswith("'=Ana")
    browser = await enter(supervisor())
    monkeypatch.setattr(payments_csv, "CSV_SLICE_ROWS", 1)
    assert (await browser.get(f"{LIST}.csv?lista=todos")).text == answer.text
    monkeypatch.setattr(payments_csv, "MAX_CSV_ROWS", 1)
    short = (await browser.get(f"{LIST}.csv?lista=todos")).text.split("\r\n")
    assert (len(short), short[2].startswith("Faltan 1 pagos")) == (4, True)
    monkeypatch.undo()
    assert len((await browser.get(f"{LIST}.csv?lista=aprobados")).text.split("\r\n")) == 3
    assert len((await browser.get(f"{LIST}.csv?lista=aprobados&buscar=ana@pruebas.co")).text.split("\r\n")) == 3


@pytest.mark.gen_test
async def test_events_of_nobody_are_listed_with_what_came(enter):
    browser = await enter(supervisor())
    assert 'id="unmatched"' not in (await browser.get(f"{LIST}/eventos")).text
    run_committed(store_event, StoreEvent(signed_event("1-7-1"), '{"a": "<script>x"}'), SYSTEM)
    assert 'id="unmatched"' not in (await browser.get(f"{LIST}/eventos")).text
    WompiEvent.update(tries=2).execute()
    answer = await browser.get(f"{LIST}/eventos")
    assert (answer.status, "1-7-1" in answer.text, "<script>x" in answer.text) == (200, True, False)
    assert "&lt;script&gt;x" in answer.text
    WompiEvent.update(body='{"name":"Ana \\ud83d"}').execute()
    shown = (await browser.get(f"{LIST}/eventos")).text
    assert "{\n  &#34;name&#34;: &#34;Ana ?&#34;\n}" in shown
    for page, is_first in (("2", False), ("0", True), ("x", True), ("99999999999", True), ("99999", False)):
        answer = await browser.get(f"{LIST}/eventos?pagina={page}")
        assert (answer.status, "1-7-1" in answer.text) == (200, is_first), page


# ---- One payment ---------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_payment_is_drawn_whatever_its_state_by_the_page_and_by_its_partial(enter):
    browser = await enter(supervisor())
    review_payment, review_id = flagged()
    for payment_id, has in (
        (waiting(), "activate-form"),
        (in_doubt(), "release-form"),
        (review_payment, f"resolve-{review_id}"),
        (paid_payment(run_committed, member(), now=now()), "payment-attempts"),
    ):
        page, part = [await browser.get(f"{LIST}/{payment_id}{more}") for more in ("", "/detalle")]
        row = await browser.get(f"{LIST}/{payment_id}/fila")
        assert [one.status for one in (page, part, row)] == [200, 200, 200]
        assert "<html" not in part.text + row.text
        for text in (page.text, part.text):
            assert f'id="{has}"' in text
            assert payment_reference(payment_id) in text
        assert f'id="payment-{payment_id}"' in row.text
        is_started = load_payment(payment_id).status == APPROVED
        assert ('id="activate-form"' in page.text) is not is_started
        assert ('id="release-form"' in page.text) is (load_payment(payment_id).status == UNKNOWN)


@pytest.mark.gen_test
async def test_what_does_not_exist_is_not_found(enter):
    browser, nobody = await enter(supervisor()), uuid.uuid4()
    for more in ("", "/fila", "/detalle"):
        assert (await browser.get(f"{LIST}/{nobody}{more}")).status == 404
    for path, name in forms(nobody, 1):
        assert (await browser.post(path, **{name: REASON})).status == 404
        assert (await browser.post(path, **{name: ""})).status == 404
    assert (await browser.get(f"{LIST}/7")).status == 404


# ---- Forms ---------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_plan_is_started_by_hand_and_everybody_is_notified(server, enter):
    ana, marta = member(), supervisor("Marta")
    payment_id, browser = waiting(ana), await enter(marta)
    at_home, on_duty = (
        await connect_socket(server.port, ana),
        await connect_socket(server.port, marta, "/ws/supervisor"),
    )
    answer = await browser.post(f"{LIST}/{payment_id}/activar", reason=REASON)
    assert (answer.status, answer.headers["Location"]) == (303, f"{LIST}/{payment_id}")
    assert (load_payment(payment_id).status, load_payment(payment_id).activated_by_id) == (APPROVED, marta.id)
    for client in (at_home, on_duty):
        assert (await client.receive("plan_activated"))["payment"]["id"] == payment_id
        assert (await client.receive("payment_updated"))["payment"]["status"] == APPROVED
    entry = AuditEntry.get(AuditEntry.what == "payments.activate")
    assert (entry.what, entry.actor_id, entry.address) == ("payments.activate", marta.id, "127.0.0.1")
    assert open_entries([entry])[entry.id][2] == REASON
    page = (await browser.get(f"{LIST}/{payment_id}")).text
    assert REASON in page
    assert "Marta" in page
    again = await browser.post(f"{LIST}/{payment_id}/activar", reason=REASON)
    assert (again.status, bool(problem(again))) == (200, True)
    assert Subscription.select().count() == 1


@pytest.mark.gen_test
async def test_a_payment_in_doubt_is_released(enter):
    payment_id, browser = in_doubt(), await enter(supervisor())
    answer = await browser.post(f"{LIST}/{payment_id}/liberar", reason=REASON)
    assert (answer.status, answer.headers["Location"]) == (303, f"{LIST}/{payment_id}")
    assert (load_payment(payment_id).status, load_payment(payment_id).is_open) == (EXPIRED, False)
    assert REASON in (await browser.get(f"{LIST}/{payment_id}")).text
    again = await browser.post(f"{LIST}/{payment_id}/liberar", reason=REASON)
    assert (again.status, bool(problem(again))) == (200, True)
    assert AuditEntry.select().where(AuditEntry.what == "payments.release").count() == 1


@pytest.mark.gen_test
async def test_a_review_is_resolved_once(enter):
    payment_id, review_id = flagged()
    marta = supervisor("Marta")
    browser = await enter(marta)
    answer = await browser.post(f"{LIST}/{payment_id}/revision/{review_id}", note="<i>Se devolvió</i>")
    assert (answer.status, answer.headers["Location"]) == (303, f"{LIST}/{payment_id}")
    assert (PaymentReview.get().resolved_by_id, PaymentReview.get().note) == (marta.id, "<i>Se devolvió</i>")
    page = (await browser.get(f"{LIST}/{payment_id}")).text
    assert "&lt;i&gt;Se devolvió" in page
    assert "<i>Se" not in page
    assert f'id="resolve-{review_id}"' not in page
    again = await browser.post(f"{LIST}/{payment_id}/revision/{review_id}", note=REASON)
    assert (again.status, bool(problem(again))) == (200, True)
    for odd in (0, review_id + 1, 99999999999):
        other = await browser.post(f"{LIST}/{payment_id}/revision/{odd}", note=REASON)
        assert (other.status, bool(problem(other))) == (200, True)
    assert AuditEntry.select().where(AuditEntry.what == "payments.resolve").count() == 1


@pytest.mark.gen_test
async def test_a_reason_must_say_something_and_not_everything(enter):
    payment_id, review_id = flagged()
    update_columns(payment_id, status=UNKNOWN, is_open=True)
    browser, before = await enter(supervisor()), rows()
    for path, name in forms(payment_id, review_id):
        for reason in (
            "",
            "x" * (MIN_ADMIN_REASON_CHARS - 1),
            " " * 20,
            f"x{' ' * 20}",
            "x" * (MAX_ADMIN_REASON_CHARS + 1),
        ):
            answer = await browser.post(path, **{name: reason})
            assert (answer.status, str(MIN_ADMIN_REASON_CHARS) in (problem(answer) or "")) == (200, True), (
                path,
                reason[:12],
            )
        assert (await browser.post(path)).status == 200
        # What was written stays in the form that was sent, and in no other.
        kept = (await browser.post(path, **{name: "<b>muy"})).text
        assert kept.count("\n&lt;b&gt;muy</textarea>") == 1, path
    assert rows() == before
    for path, name in forms(payment_id, review_id)[1:]:
        assert (await browser.post(path, **{name: "x" * MIN_ADMIN_REASON_CHARS})).status == 303


@pytest.mark.gen_test
async def test_pages_need_nothing_that_their_policy_forbids(enter):
    payment_id, _ = flagged()
    browser = await enter(supervisor())
    for path in (LIST, f"{LIST}/{payment_id}", f"{LIST}/eventos"):
        text = (await browser.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)[^>]*>\s*[^<\s]", text), path
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:|src=\"(?:https?:)?//", text), path
