"""Copies over HTTP: asked for with the password, downloaded by their member alone."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from tornado.httpclient import AsyncHTTPClient

from beneficiate.jobs.data_copies import delete_expired_copies, write_requested_copies
from beneficiate.models.audit import AuditEntry
from beneficiate.models.data_copies import DataCopy
from tests.data_copies import OpenedCopy
from tests.factories import PASSWORD, agent, member, supervisor
from tests.http_client import CookieClient, fetch

PAGE = "/mi/datos"
FORM, STATE = f"{PAGE}/copia", f"{PAGE}/copia/estado"


def path_of(row):
    return f"{PAGE}/copias/{row.id}"


async def ask(browser):
    await browser.get(PAGE)
    done = await browser.post(FORM, present=PASSWORD)
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=copia#descargar")


async def fetch_file(browser, path, **headers):
    """The bytes of a file, as a browser downloads it."""
    url = f"http://127.0.0.1:{browser.port}{path}"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given |= {"Cookie": browser._cookie(), "Accept-Encoding": "gzip"}
    return await AsyncHTTPClient().fetch(url, headers=given, raise_error=False)


@pytest.mark.gen_test
async def test_it_is_asked_for_watched_and_downloaded_twice(context, signed_in):
    ana = member("Ana")
    browser = await signed_in(ana)
    assert 'data-state="none"' in (await browser.get(STATE)).text
    await ask(browser)
    assert 'data-state="pending"' in (await browser.get(STATE)).text
    assert (await browser.get(path_of(DataCopy.get()))).status == 404
    await write_requested_copies(context)
    assert f'href="{path_of(DataCopy.get())}"' in (await browser.get(PAGE)).text
    for _ in range(2):
        answer = await fetch_file(browser, path_of(DataCopy.get()))
        assert (answer.code, answer.headers["Content-Type"]) == (200, "application/zip")
        assert int(answer.headers["Content-Length"]) == len(answer.body) == DataCopy.get().size
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="mis-datos-20')
        assert answer.headers["Cache-Control"] == "no-store"
        assert OpenedCopy(BytesIO(answer.body)).tables["account"][0]["email"] == ana.user.email
    assert DataCopy.get().downloads == 2


@pytest.mark.gen_test
async def test_password_is_asked_for_and_guesses_are_throttled(server, signed_in):
    browser = await signed_in(member())
    await browser.get(PAGE)
    for _ in range(server.context.settings.sign_in_attempts):
        said = await browser.post(FORM, present="no es esta")
        assert (said.status, 'id="copy-error"' in said.text) == (200, True)
    said = await browser.post(FORM, present=PASSWORD)
    assert 'data-code="rate_limited"' in said.text
    assert not DataCopy.select().exists()


@pytest.mark.gen_test
async def test_it_is_of_its_member_alone(context, server, signed_in):
    ana, beto = await signed_in(member()), await signed_in(member())
    await ask(ana)
    await write_requested_copies(context)
    path = path_of(DataCopy.get())
    assert (await beto.get(path)).status == 404
    for who in (agent(), supervisor()):
        staff = await signed_in(who)
        await staff.get(PAGE)
        assert [(await staff.get(one)).status for one in (path, STATE)] == [403, 403]
        assert (await staff.post(FORM, present=PASSWORD)).status == 403
    stranger = CookieClient(server.port)
    assert (await stranger.get(path)).headers["Location"].startswith("/login?next=")
    assert (await stranger.post(FORM)).status == 401
    assert DataCopy.get().downloads == 0
    assert (await ana.get(f"{PAGE}/copias/99999999999")).status in (404, 422)


@pytest.mark.gen_test
async def test_another_site_has_nobody_download_it_and_to_look_at_it_is_no_download(context, signed_in):
    browser = await signed_in(member())
    await ask(browser)
    await write_requested_copies(context)
    path = path_of(DataCopy.get())
    for site in ("cross-site", "same-site"):
        answer = await browser.get(path, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate")
        assert (answer.status, answer.headers["Location"]) == (302, f"{PAGE}#descargar")
    assert (await fetch(browser.port, path, "HEAD", Cookie=browser._cookie())).status == 405
    recorded = AuditEntry.select().where(AuditEntry.what == "copies.download")
    assert (DataCopy.get().downloads, recorded.count()) == (0, 0)
    link = re.search(rf'href="({path})"', (await browser.get(PAGE)).text)[1]
    opened = await fetch_file(browser, link, Sec_Fetch_Site="same-origin")
    assert (opened.code, DataCopy.get().downloads, recorded.count()) == (200, 1, 1)


@pytest.mark.gen_test
async def test_after_its_end_it_is_gone_and_another_can_be_asked_for(context, signed_in):
    browser = await signed_in(member())
    await ask(browser)
    await write_requested_copies(context)
    row = DataCopy.get()
    DataCopy.update(expires_at=datetime.now(UTC) - timedelta(seconds=5)).execute()
    for _ in range(2):
        said = await browser.get(path_of(row))
        assert (said.status, "Ese archivo ya se borró" in said.text) == (410, True)
        await delete_expired_copies(context)
    assert 'data-state="expired"' in (await browser.get(PAGE)).text
    await ask(browser)
    assert 'data-state="pending"' in (await browser.get(PAGE)).text


@pytest.mark.gen_test
async def test_file_that_is_missing_is_gone_too(context, signed_in):
    browser = await signed_in(member())
    await ask(browser)
    await write_requested_copies(context)
    context.data_copies._files.delete(DataCopy.get().file_id)
    assert (await browser.get(path_of(DataCopy.get()))).status == 410


@pytest.mark.gen_test
async def test_partial_alone_leads_to_its_page(signed_in):
    browser = await signed_in(member())
    answer = await browser.get(STATE, Sec_Fetch_Mode="navigate")
    assert (answer.status, answer.headers["Location"]) == (302, PAGE)
