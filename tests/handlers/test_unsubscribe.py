"""The link of an e-mail ends those of its kind, with one click of a mail program or a button."""

import pytest

from beneficiate.domain.notices import CHOSEN_EMAILS
from beneficiate.queries.notices import load_choices
from beneficiate.tokens import UnsubscribeTokens
from tests.conftest import stop_refilling
from tests.factories import SECRET, member
from tests.http_client import fetch

TOKENS = UnsubscribeTokens(SECRET)
ONE_CLICK = {"body": "List-Unsubscribe=One-Click", "Content_Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("kind", CHOSEN_EMAILS)
@pytest.mark.gen_test
async def test_one_click_of_a_mail_program_needs_no_cookie(server, kind):
    ana = member()
    path = f"/baja/{TOKENS.issue(ana.id, kind)}"
    for _ in range(2):
        answer = await fetch(server.port, path, "POST", **ONE_CLICK)
        assert (answer.status, "Set-Cookie" in answer.headers) == (200, False)
    assert load_choices(ana.id).switched_off == {f"{kind}.email"}


@pytest.mark.gen_test
async def test_to_open_the_link_changes_nothing_and_names_nobody(server):
    ana = member("Ana", email="ana@x.co")
    answer = await fetch(server.port, f"/baja/{TOKENS.issue(ana.id, 'chat')}")
    assert (answer.status, 'id="unsubscribe"' in answer.text) == (200, True)
    assert ("Ana" in answer.text, "ana@x.co" in answer.text) == (False, False)
    assert load_choices(ana.id).switched_off == frozenset()


@pytest.mark.gen_test
async def test_token_that_is_not_ours_ends_nothing_and_is_counted(server):
    stop_refilling(server)
    ana = member()
    token = TOKENS.issue(ana.id, "chat")
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), token.replace("chat", "offer"), "x" * 43):
        assert (await fetch(server.port, f"/baja/{wrong}", "POST", **ONE_CLICK)).status == 404
    for _ in range(17):
        await fetch(server.port, f"/baja/{'x' * 43}")
    assert (await fetch(server.port, f"/baja/{'x' * 43}")).status == 429
    assert (await fetch(server.port, f"/baja/{token}", "POST", **ONE_CLICK)).status == 200
    assert load_choices(ana.id).switched_off == {"chat.email"}


@pytest.mark.gen_test
async def test_token_is_not_in_the_log(server, capsys):
    token = TOKENS.issue(member().id, "chat")
    await fetch(server.port, f"/baja/{token}")
    printed = capsys.readouterr().out
    assert "/baja/" in printed
    assert token not in printed


@pytest.mark.gen_test
async def test_person_who_is_gone_has_no_emails_to_end(server):
    answer = await fetch(server.port, f"/baja/{TOKENS.issue(2_000_000, 'chat')}", "POST", **ONE_CLICK)
    assert (answer.status, 'id="unsubscribe-wrong"' in answer.text) == (404, True)


@pytest.mark.parametrize("kind", ["change", "answer"])
@pytest.mark.gen_test
async def test_link_of_a_kind_that_cannot_be_ended_says_so(server, kind):
    """Letters are kept for years: their links outlive what the kinds are called."""
    ana = member()
    path = f"/baja/{TOKENS.issue(ana.id, kind)}"
    for answer in (await fetch(server.port, path), await fetch(server.port, path, "POST", **ONE_CLICK)):
        assert (answer.status, 'id="unsubscribe-wrong"' in answer.text) == (404, True)
    assert load_choices(ana.id).switched_off == frozenset()
