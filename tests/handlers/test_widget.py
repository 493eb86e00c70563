"""The files of the widget, as the page of another site loads them."""

import pytest

from beneficiate.handlers.assets import STATIC
from beneficiate.handlers.widget import WIDGET_FILES
from tests.http_client import fetch

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


@pytest.mark.parametrize("name", WIDGET_FILES)
@pytest.mark.gen_test
async def test_any_site_may_load_a_file_and_keep_it_until_it_changes(server, name):
    path = f"/static/widget/{name}"
    answer = await fetch(server.port, path, Origin="https://empresa.example")
    assert (answer.status, answer.text) == (200, (STATIC / WIDGET_FILES[name]).read_text(encoding="utf-8"))
    wanted = {
        "Content-Type": TYPES[name.rpartition(".")[2]],
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "no-cache",
    }
    assert {header: answer.headers[header] for header in wanted} == wanted
    assert "Set-Cookie" not in answer.headers
    assert (await fetch(server.port, path, If_None_Match=answer.headers["Etag"])).status == 304


@pytest.mark.parametrize("name", ["widget-app.js", "widget.js/", ""])
@pytest.mark.gen_test
async def test_widget_has_no_other_files(server, name):
    assert (await fetch(server.port, f"/static/widget/{name}")).status in (403, 404)


@pytest.mark.gen_test
async def test_other_static_files_are_not_for_other_sites(server):
    answer = await fetch(server.port, "/static/css/tokens.css", Origin="https://empresa.example")
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.gen_test
async def test_settings_of_the_widget_are_those_of_the_installation(start):
    server = await start(contact_phone="601 555 0100", contact_email="ayuda@beneficiate.example", attachment_bytes=5)
    answer = await fetch(server.port, "/api/v1/widget")
    assert (answer.status, answer.json["data"]) == (
        200,
        {"contact_phone": "601 555 0100", "contact_email": "ayuda@beneficiate.example", "attachment_bytes": 5},
    )
