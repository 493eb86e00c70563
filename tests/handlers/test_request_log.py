"""What the application logs of a request."""

import pytest
from structlog.testing import capture_logs

from tests.http_client import fetch


async def levels_of(server, *paths):
    with capture_logs() as entries:
        for path in paths:
            await fetch(server.port, path)
    return {entry["path"]: entry["log_level"] for entry in entries if entry["event"] == "request"}


@pytest.mark.gen_test
async def test_static_files_are_not_logged_at_info(server):
    levels = await levels_of(server, "/static/css/tokens.css", "/favicon.ico", "/login")
    assert levels == {"/static/css/tokens.css": "debug", "/favicon.ico": "debug", "/login": "info"}


@pytest.mark.gen_test
async def test_missing_static_file_is_logged_as_a_warning(server):
    assert await levels_of(server, "/static/css/none.css") == {"/static/css/none.css": "warning"}


@pytest.mark.gen_test
async def test_query_string_is_not_logged(server):
    with capture_logs() as entries:
        await fetch(server.port, "/login?next=/mi&email=ana@example.com")
    assert [entry["path"] for entry in entries if entry["event"] == "request"] == ["/login"]
    assert "ana@example.com" not in repr(entries)


@pytest.mark.gen_test
async def test_token_of_a_link_is_not_logged_however_it_was_copied(server):
    token = "Zx8-_" * 8 + "abc"
    with capture_logs() as entries:
        for path in ("/recuperar/{}", "/recuperar/{}.", "/registro/confirmar/{}/", "/correo/{}%20", "/invitacion/{}"):
            await fetch(server.port, path.format(token))
    assert [entry["path"] for entry in entries if entry["event"] == "request"] == [
        "/recuperar/…",
        "/recuperar/….",
        "/registro/confirmar/…/",
        "/correo/…%20",
        "/invitacion/…",
    ]
    assert token not in repr(entries)
