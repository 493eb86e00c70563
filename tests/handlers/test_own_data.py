"""The page of the rights over one's data, and the forms of the consents."""

from datetime import UTC, datetime

import pytest

from beneficiate.models.consents import Consent
from beneficiate.queries.consents import HEALTH_DATA, PERSONAL_DATA
from tests.factories import agent, member, supervisor
from tests.http_client import CookieClient

PAGE = "/mi/datos"
FORMS = [f"{PAGE}/autorizar", f"{PAGE}/retirar", f"{PAGE}/salud/autorizar", f"{PAGE}/salud/retirar"]


@pytest.mark.gen_test
async def test_everybody_sees_their_own_page(server, signed_in):
    for who in (member(), agent(), supervisor()):
        page = await (await signed_in(who)).get(PAGE)
        assert (page.status, page.text.count('class="grant" ')) == (200, 2)
        assert ('id="copy"' in page.text) is (who.actor.role == "member")
    assert (await CookieClient(server.port).get(PAGE)).headers["Location"] == "/login?next=%2Fmi%2Fdatos"


@pytest.mark.gen_test
async def test_forms_are_only_sent_by_who_is_signed_in_from_our_page(server, signed_in):
    browser = await signed_in(member())
    for path in FORMS:
        assert (await browser.post(path, _xsrf="")).status == 403
        assert (await CookieClient(server.port).post(path)).status == 401
        assert (await browser.get(path)).status == 405
    assert not Consent.select().exists()


@pytest.mark.gen_test
async def test_consent_is_given_to_the_text_that_was_read_and_taken_back(signed_in):
    browser = await signed_in(member())
    await browser.get(PAGE)
    stale = await browser.post(f"{PAGE}/autorizar", version="0")
    assert (stale.status, 'data-code="conflict"' in stale.text) == (200, True)
    done = await browser.post(f"{PAGE}/autorizar", version="1")
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=autorizado#autorizaciones")
    assert Consent.get().address == "127.0.0.1"
    assert 'data-state="given"' in (await browser.get("/mi")).text
    Consent.update(version="0").execute()
    assert 'data-state="older"' in (await browser.get("/mi")).text
    await browser.post(f"{PAGE}/retirar")
    assert 'data-state="withdrawn"' in (await browser.get("/mi")).text


@pytest.mark.gen_test
async def test_that_to_health_data_is_one_of_its_own(signed_in):
    browser = await signed_in(member())
    await browser.get(PAGE)
    done = await browser.post(f"{PAGE}/salud/autorizar", version="1")
    assert done.headers["Location"] == f"{PAGE}?listo=salud-autorizada#autorizaciones"
    await browser.post(f"{PAGE}/autorizar", version="1")
    done = await browser.post(f"{PAGE}/salud/retirar")
    assert 'id="own-data-said"' in (await browser.get(done.headers["Location"].partition("#")[0])).text
    kinds = {row.kind: row.withdrawn_at is None for row in Consent}
    assert kinds == {PERSONAL_DATA: True, HEALTH_DATA: False}


@pytest.mark.gen_test
async def test_what_was_told_where_a_reason_was_given_is_shown_and_can_be_taken_back(signed_in):
    who = member()
    browser = await signed_in(who)
    told = {"1-chat": "Si lo escribe, autoriza", "1-phone": "Si lo da, ¿autoriza"}
    for version, sentence in told.items():
        Consent.delete().execute()
        Consent.create(user=who.id, kind=HEALTH_DATA, version=version, address="", given_at=datetime.now(UTC))
        page = (await browser.get(PAGE)).text
        assert [sentence in page for sentence in told.values()] == [one == sentence for one in told.values()]
        assert ('id="salud" data-state="given"' in page, "give-health" in page) == (True, False)
        await browser.post(f"{PAGE}/salud/retirar")
        assert 'id="salud" data-state="withdrawn"' in (await browser.get(PAGE)).text


@pytest.mark.gen_test
async def test_who_changes_their_mind_too_often_is_told_to_wait(signed_in):
    browser = await signed_in(member())
    await browser.get(PAGE)
    for _ in range(10):
        await browser.post(f"{PAGE}/salud/autorizar", version="1")
        await browser.post(f"{PAGE}/salud/retirar")
    said = await browser.post(f"{PAGE}/salud/autorizar", version="1")
    assert (said.status, 'data-code="rate_limited"' in said.text) == (200, True)
