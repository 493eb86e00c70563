"""What is revoked ends sockets, tokens, refresh tokens and cookies in both of two processes, at once.

At once is what the bus says, after some hundredths of a second. The check of open connections, which is there for when
Redis is not, needs up to a second: it does not run in one of the processes, and what it closes in the other one has
another reason where an account was closed.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from beneficiate.domain.staff import AGENT_ROLE, SUPERVISOR_ROLE
from beneficiate.jobs.deadlines import require_second_factors
from beneficiate.jobs.erasures import carry_out_erasures
from beneficiate.jobs.presence import send_heartbeat
from beneficiate.models.account_emails import FACTOR_NOTICES, RECOVERY, AccountEmail
from beneficiate.models.accounts import SignIn
from beneficiate.queries.account_links import account_version
from beneficiate.queries.accounts import digest_secret
from tests.erasure_steps import ask_to_be_erased
from tests.factor_steps import Application, add_second_factor
from tests.factories import PASSWORD, Person, agent, connect_socket, member, supervisor
from tests.handlers.form_fields import read_form
from tests.http_client import CookieClient, call_api
from tests.server_process import process_environment, start_command

pytestmark = pytest.mark.slow
NEW_PASSWORD = "arepa nube tren domingo"
API, PAGE, OLD = "api", "page", "old"
"""A sign-in over the API, one on the pages, and a token of the old service, which is of no sign-in."""


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


@pytest.fixture
def two(new_process, redis_url, io_loop):
    """Two running processes."""
    made = [new_process(REDIS_URL=redis_url) for _ in range(2)]
    return io_loop.run_sync(lambda: asyncio.gather(*(process.start() for process in made)))


@dataclass
class Scene:
    """A person with a sign-in over the API and one on the pages; `there` is another process than `here`, the test's."""

    who: Person
    here: Any
    there: Any
    pair: dict[str, Any] = field(default_factory=dict)
    page_token: str = ""
    browser: Any = None

    async def sign_in(self):
        body = {"email": self.who.user.email, "password": PASSWORD}
        self.pair = (await call_api(self.there.port, "auth/login", None, body)).data
        self.browser = await self.open_browser(self.who)
        self.page_token = (await self.browser.post("/sesion/token")).data["token"]

    async def open_browser(self, who):
        browser = CookieClient(self.there.port)
        await browser.sign_in(who, PASSWORD)
        return browser

    @property
    def tokens(self):
        return {API: self.pair["token"], PAGE: self.page_token, OLD: self.who.token}


async def sign_out_over_api(scene):
    body = {"refreshToken": scene.pair["refreshToken"]}
    return lambda: call_api(scene.there.port, "auth/logout", None, body)


async def sign_out_on_page(scene):
    """In a browser of its own: that of the scene keeps its cookies, which are to be of no use."""
    browser = CookieClient(scene.there.port)
    browser.cookies.update(scene.browser.cookies)
    await browser.get("/mi")
    return lambda: browser.post("/logout")


async def close_device(scene):
    """The device is closed from the page of another one."""
    sign_in_id = jwt.decode(scene.pair["token"], options={"verify_signature": False})["sid"]
    return lambda: scene.browser.post(f"/mi/dispositivos/{sign_in_id}/cerrar")


async def close_other_devices(scene):
    browser = await scene.open_browser(scene.who)
    return lambda: browser.post("/mi/dispositivos/otros/cerrar")


async def use_stolen_token(scene):
    body = {"refreshToken": scene.pair["refreshToken"]}
    scene.pair = (await call_api(scene.there.port, "auth/refresh-token", None, body)).data
    return lambda: call_api(scene.there.port, "auth/refresh-token", None, body, **{"User-Agent": "thief"})


async def set_second_factor_up(scene):
    """The person sets a second factor up on the page of another device."""
    browser = await scene.open_browser(scene.who)
    shown = await browser.post("/mi/segundo-paso/activar", password=PASSWORD)
    form = read_form(shown.text, "setup-form")
    secret = re.search(r'id="setup-key">([A-Z2-7 ]+)<', shown.text)[1].replace(" ", "")
    return lambda: browser.post("/mi/segundo-paso/confirmar", **{**form, "code": Application(secret).code()})


async def turn_second_factor_off(scene):
    """The person turns it off on the page of another device."""
    browser = await scene.open_browser(scene.who)
    code = add_second_factor(scene.who).recovery_codes[0]
    return lambda: browser.post("/mi/segundo-paso/quitar", password=PASSWORD, code=code)


async def reset_second_factor(scene):
    """A supervisor resets it."""
    browser = await scene.open_browser(supervisor())
    add_second_factor(scene.who)
    path = f"/supervisor/ajustes/personas/{scene.who.id}/segundo-paso"
    return lambda: browser.post(path, motivo="Perdió el celular y los códigos.")


async def require_second_factor(scene):
    """The setting makes it compulsory; the job that ends the sign-ins without one runs."""
    return lambda: require_second_factors(scene.here.context)


async def change_password(scene):
    """The person changes it on the page of another device."""
    browser = await scene.open_browser(scene.who)
    return lambda: browser.post("/mi/acceso/clave", present=PASSWORD, password=NEW_PASSWORD)


async def recover_password(scene):
    """Somebody without a sign-in uses the link of an e-mail."""
    token, now = "t" * 43, datetime.now(UTC)
    times = {"created_at": now, "sent_at": now, "expires_at": now + timedelta(hours=1)}
    user = scene.who.user
    names = {"token_hash": digest_secret(token), "account_version": account_version(user)}
    AccountEmail.create(kind=RECOVERY, email=user.email, user=user.id, **names, **times)
    browser = CookieClient(scene.there.port)
    await browser.get(f"/recuperar/{token}")
    return lambda: browser.post(f"/recuperar/{token}", password=NEW_PASSWORD)


async def deactivate(scene):
    """A supervisor deactivates the account."""
    browser = await scene.open_browser(supervisor())
    return lambda: browser.post(f"/supervisor/ajustes/personas/{scene.who.id}/desactivar")


async def deactivate_by_command(scene):
    """An operator deactivates it on the command line, which is a process of its own."""
    settings = scene.here.settings
    environment = process_environment(settings.database_url, REDIS_URL=settings.redis_url)
    output = Path(settings.erasures_file).with_name("command.log")

    async def run():
        assert (
            await asyncio.to_thread(start_command(["deactivate", scene.who.user.email], environment, output).wait) == 0
        )

    return run


async def change_role(scene):
    """A supervisor makes the agent a supervisor, or the other one an agent."""
    browser = await scene.open_browser(supervisor())
    path = f"/supervisor/ajustes/personas/{scene.who.id}"
    form = read_form((await browser.get(path)).text, "edit-form")
    role = AGENT_ROLE if form["papel"] == SUPERVISOR_ROLE else SUPERVISOR_ROLE
    return lambda: browser.post(path, **{**form, "papel": role})


async def erase(scene):
    """The member has asked for it eight days ago, and the job carries it out."""
    ask_to_be_erased(scene.who)
    return lambda: carry_out_erasures(scene.here.context)


@dataclass(frozen=True)
class Revocation:
    """What is done, to whom, what of theirs ends, and what their connections are told.

    `refused` is what was of no use before either: a token without a sign-in had no second step.
    """

    prepare: Callable[[Scene], Awaitable[Callable[[], Awaitable[Any]]]]
    create: Callable[[], Person]
    ends: tuple[str, ...] = (API, PAGE, OLD)
    told: tuple[int, str] = (4401, "signed out")
    refused: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


REVOCATIONS = [
    Revocation(deactivate, agent, told=(4403, "account deactivated")),
    Revocation(deactivate_by_command, member, told=(4403, "account deactivated")),
    Revocation(change_password, member),
    Revocation(recover_password, agent),
    Revocation(change_role, agent, told=(4403, "role changed")),
    Revocation(change_role, supervisor, told=(4403, "role changed")),
    Revocation(set_second_factor_up, agent),
    Revocation(turn_second_factor_off, agent, ends=(API, PAGE), refused=(OLD,)),
    Revocation(reset_second_factor, agent, ends=(API, PAGE), refused=(OLD,)),
    Revocation(require_second_factor, agent, ends=(API, PAGE), refused=(OLD,), settings={"second_factor": "required"}),
    Revocation(sign_out_over_api, member, ends=(API,)),
    Revocation(sign_out_on_page, member, ends=(PAGE,)),
    Revocation(close_device, member, ends=(API,)),
    Revocation(close_other_devices, member),
    Revocation(use_stolen_token, member, ends=(API,)),
    Revocation(erase, member, told=(4403, "account erased")),
]


@pytest.mark.gen_test
@pytest.mark.parametrize("row", REVOCATIONS, ids=lambda row: f"{row.prepare.__name__}-{row.create.__name__}")
async def test_revocation_ends_sockets_tokens_and_cookies_everywhere_at_once(start, new_process, redis_url, row):
    there, here = await asyncio.gather(
        new_process(REDIS_URL=redis_url).start(), start(redis_url=redis_url, **row.settings)
    )
    for job in here._jobs:
        if job._name != send_heartbeat.__name__:
            job.stop()
    scene = Scene(row.create(), here, there)
    await scene.sign_in()
    revoke = await row.prepare(scene)
    # Once: the old service's token is issued when it is asked for, and one that is issued later is good.
    ports, tokens = (here.port, there.port), scene.tokens
    sockets = {
        kind: [await connect_socket(port, None, protocols=["beneficiate", token]) for port in ports]
        for kind, token in tokens.items()
        if kind not in row.refused
    }
    ended = [socket for kind in row.ends for socket in sockets[kind]]
    closing = asyncio.gather(*(socket.wait_closed() for socket in ended))
    await revoke()
    answered_at = time.perf_counter()
    await closing
    print(f"all sockets closed {(time.perf_counter() - answered_at) * 1000:.1f} ms after the answer")
    assert {(one.connection.close_code, one.connection.close_reason) for one in ended} == {row.told}
    for kind, token in tokens.items():
        is_ended = kind in row.ends + row.refused
        answers = [await call_api(port, "auth/me", None, Authorization=f"Bearer {token}") for port in ports]
        assert [one.status for one in answers] == [401 if is_ended else 200] * 2
        for socket in () if is_ended else sockets[kind]:
            assert (await socket.request("ping"))["event"] == "pong"
    refreshed = await call_api(there.port, "auth/refresh-token", None, {"refreshToken": scene.pair["refreshToken"]})
    assert refreshed.status == (401 if API in row.ends else 200)
    page = await scene.browser.get("/mi")
    if PAGE in row.ends:
        assert (page.status, page.headers["Location"]) == (302, "/login?next=%2Fmi")
    else:
        assert page.status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize("change", [set_second_factor_up, turn_second_factor_off, reset_second_factor])
async def test_owner_is_told_of_every_change_of_a_second_factor(server, change):
    scene = Scene(agent(), server, server)
    await (await change(scene))()
    is_told = (AccountEmail.user == scene.who.id) & AccountEmail.kind.in_(FACTOR_NOTICES)
    assert AccountEmail.select().where(is_told).exists()


@pytest.mark.gen_test
async def test_code_signs_in_once_in_two_processes_at_once(two):
    """Whoever comes second waits for the row of the person, and finds the code used."""
    for _ in range(5):
        yuliana = agent()
        application = add_second_factor(yuliana)
        body = {"email": yuliana.user.email, "password": PASSWORD}
        asked = [await call_api(process.port, "auth/login", None, body) for process in two]
        code = application.code()
        answers = await asyncio.gather(
            *(
                call_api(process.port, "auth/second-factor", None, {"challenge": one.json["challenge"], "code": code})
                for process, one in zip(two, asked, strict=True)
            )
        )
        assert sorted(answer.status for answer in answers) == [200, 401]
        assert SignIn.select().where(SignIn.user == yuliana.id).count() == 1


@pytest.mark.gen_test
async def test_recovery_code_signs_in_once_in_two_processes_at_once(two):
    yuliana = agent()
    code = add_second_factor(yuliana).recovery_codes[0]
    body = {"email": yuliana.user.email, "password": PASSWORD}
    asked = [await call_api(process.port, "auth/login", None, body) for process in two]
    answers = await asyncio.gather(
        *(
            call_api(process.port, "auth/second-factor", None, {"challenge": one.json["challenge"], "code": code})
            for process, one in zip(two, asked, strict=True)
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 401]
