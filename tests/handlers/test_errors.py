"""Paths that no route has."""

from datetime import UTC, datetime

import pytest

from beneficiate.models.accounts import SignIn
from tests.factories import supervisor
from tests.http_client import fetch


@pytest.mark.gen_test
async def test_unknown_path_is_a_page_with_the_code_of_the_request(server):
    answer = await fetch(server.port, "/nada")
    assert answer.status == 404
    assert 'data-status="404"' in answer.text
    assert f"Código de la solicitud: {answer.headers['X-Request-Id'][:8]}" in answer.text


@pytest.mark.gen_test
async def test_form_of_somebody_who_is_signed_out_leads_to_the_sign_in(server, signed_in):
    browser = await signed_in(supervisor())
    await browser.get("/supervisor/ajustes/temas/nuevo")
    SignIn.update(ended_at=datetime.now(UTC)).execute()
    said = await browser.post("/supervisor/ajustes/temas/nuevo", nombre="Cobros", estado="activo")
    assert said.status == 401
    assert 'id="go-login" href="/login"' in said.text


@pytest.mark.gen_test
async def test_unknown_path_of_the_api_is_json(server):
    answer = await fetch(server.port, "/api/v1/nada")
    assert (answer.status, answer.code, answer.json["statusCode"]) == (404, "not_found", 404)
