"""What a supervisor changes reaches open desks and the queue at once, in both of two processes."""

import asyncio

import pytest

from beneficiate.models.accounts import AVAILABLE, Agent
from beneficiate.models.chats import WAITING, Chat
from tests.factories import PASSWORD, agent, connect_socket, member, supervisor
from tests.handlers.form_fields import read_form
from tests.http_client import CookieClient

pytestmark = pytest.mark.slow
PAGE = "/supervisor/ajustes/personas"
HOURS = "/supervisor/horario"


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


@pytest.fixture
def two(new_process, redis_url, io_loop):
    """Two running processes."""
    made = [new_process(REDIS_URL=redis_url) for _ in range(2)]
    return io_loop.run_sync(lambda: asyncio.gather(*(process.start() for process in made)))


async def open_administration(port):
    browser = CookieClient(port)
    await browser.sign_in(supervisor(), PASSWORD)
    return browser


def available_agent(**columns):
    omar = agent("Omar")
    Agent.update(availability=AVAILABLE, **columns).where(Agent.id == omar.agent_id).execute()
    return omar


@pytest.mark.gen_test
async def test_more_capacity_brings_a_waiting_chat_to_a_desk_of_the_other_process(two):
    here, there = two
    omar = available_agent(capacity=0)
    desk, home = await connect_socket(there.port, omar, "/ws/agent"), await connect_socket(there.port, member())
    await home.request("request_agent")
    assert Chat.get().status == WAITING
    browser = await open_administration(here.port)
    form = read_form((await browser.get(f"{PAGE}/{omar.id}")).text)
    assert (await browser.post(f"{PAGE}/{omar.id}", **{**form, "capacidad": "1"})).status == 303
    changed = await desk.receive("availability_changed")
    opened = await desk.receive("chat_initiated")
    assert (changed["agent_id"], opened["chat"]["id"]) == (omar.agent_id, Chat.get().id)


@pytest.mark.gen_test
async def test_deactivated_agent_is_closed_in_the_other_process_and_the_chat_goes_to_somebody_else(two):
    here, there = two
    omar, iris = available_agent(capacity=1), available_agent(capacity=1)
    desk = await connect_socket(there.port, omar, "/ws/agent")
    home = await connect_socket(there.port, member())
    await home.request("request_agent")
    await desk.receive("chat_initiated")
    other_desk = await connect_socket(here.port, iris, "/ws/agent")
    browser = await open_administration(here.port)
    await browser.get(f"{PAGE}/{omar.id}")
    assert (await browser.post(f"{PAGE}/{omar.id}/desactivar", confirmado="1")).status == 303
    assert await desk.wait_closed() == 4403
    await other_desk.receive("chat_initiated")
    assert Chat.get().agent_id == iris.agent_id


@pytest.mark.gen_test
async def test_of_two_who_save_at_the_same_moment_one_is_asked(two):
    person = f"{PAGE}/{agent('Omar').id}"
    browsers = [await open_administration(process.port) for process in two]
    for turn in range(4):
        for page, path, form_id, name, typed in (
            (person, person, "edit-form", "capacidad", (f"{8 + turn}", f"{4 + turn}")),
            (HOURS, f"{HOURS}/semana", "week-form", "dia-0-0-hasta", (f"1{turn}:00", f"1{turn}:30")),
        ):
            forms = [read_form((await browser.get(page)).text, form_id) for browser in browsers]
            sent = zip(browsers, forms, typed, strict=True)
            answers = await asyncio.gather(*(one.post(path, **{**form, name: text}) for one, form, text in sent))
            assert sorted(answer.status for answer in answers) == [200, 303], (page, turn)
            asked = [answer.status for answer in answers].index(200)
            assert read_form((await browsers[0].get(page)).text, form_id)[name] == typed[1 - asked]
            assert read_form(answers[asked].text, "clash-form")
