"""A password that somebody chooses is checked in all its letters."""

import pytest

from beneficiate.models.accounts import User
from tests.actions.test_invitations import TYPED
from tests.factories import supervisor
from tests.handlers.form_fields import read_form
from tests.handlers.test_invitations import PAGE, TOKEN, give_token
from tests.http_client import CookieClient


@pytest.mark.gen_test
async def test_spaces_around_a_password_count(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nueva")).text)
    await browser.post(f"{PAGE}/nueva", **{**form, **TYPED})
    give_token()
    own, password = CookieClient(server.port), "  arepa nube tren  "
    await own.get(f"/invitacion/{TOKEN}")
    assert (await own.post(f"/invitacion/{TOKEN}", password=password)).status == 303
    assert User.get(User.email == "iris@x.co").password_hash.startswith("$argon2id$")
    await own.get("/login")
    assert (await own.post("/login", email="iris@x.co", password=password.strip())).status == 200
    assert (await own.post("/login", email="iris@x.co", password=password)).status == 303
