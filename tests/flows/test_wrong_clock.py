"""The clock of one of two processes is moved by an hour, while it runs: nobody is lost, and nothing stops."""

import os
import shutil
import struct
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beneficiate.models.accounts import AVAILABLE, Agent, ServerProcess, User
from beneficiate.models.chats import Message
from tests.factories import agent, connect_socket, member, support_chat
from tests.flows.fault_steps import readiness
from tests.flows.presence_steps import receive_changes
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow
SOURCE = Path(__file__).parent / "shifted_clock.c"
NO_COMPILER = "no C compiler: install gcc"
HOUR_S = 3_600


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


class Clock:
    """What the clock of a process is ahead, in seconds."""

    def __init__(self, folder):
        compiler = shutil.which("cc")
        if compiler is None:
            if os.environ.get("CI") == "true":
                raise FileNotFoundError(NO_COMPILER)
            pytest.skip(NO_COMPILER)
        library, self._file = folder / "shifted_clock.so", folder / "shift"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE)], check=True)
        self._file.write_bytes(struct.pack("@l", 0))
        self.environment = {"LD_PRELOAD": library, "CLOCK_SHIFT_FILE": self._file}

    def shift(self, seconds):
        with self._file.open("r+b") as file:
            file.write(struct.pack("@l", seconds))


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


@pytest.fixture
def two(new_process, redis_url, clock, io_loop):
    """A process with a clock of its own, and one with the right one."""
    quick = {"REDIS_URL": redis_url, "BENEFICIATE_PRESENCE_GRACE_S": 0.5, "BENEFICIATE_PROCESS_EXPIRY_S": 2.0}
    wrong, right = new_process(**quick, **clock.environment), new_process(**quick)
    # Not forked, so that the library is loaded.
    io_loop.run_sync(lambda: wrong.start(preexec=os.getpid))
    io_loop.run_sync(right.start)
    return wrong, right


async def wait_for_heartbeats(since):
    await wait_until(lambda: all(process.beat_at > since for process in ServerProcess.select()), 20)


@pytest.mark.gen_test(timeout=90)
async def test_clock_that_is_moved_an_hour_costs_nobody_their_presence_and_stops_no_job(two, clock):
    wrong, right = two
    ana, yuliana, luis = member(), agent(), member("Luis")
    Agent.update(availability=AVAILABLE).where(Agent.id == yuliana.agent_id).execute()
    chat = support_chat(ana, yuliana)
    at_desk, at_home = await connect_socket(right.port, yuliana), await connect_socket(wrong.port, ana)
    await receive_changes(at_desk, ana, "online")
    assert "clock_differs" not in wrong.output

    for shift_s in (HOUR_S, -HOUR_S, 0):
        clock.shift(shift_s)
        # Whoever comes and leaves after it is noticed by the jobs of that process.
        passing = await connect_socket(wrong.port, luis)
        await receive_changes(at_desk, luis, "online")
        await wait_for_heartbeats(datetime.now(UTC))
        passing.close()
        assert await receive_changes(at_desk, luis, "offline") == [(luis.id, "offline")]

        sent = await at_home.request("agent_chat_message", chat_id=chat.id, message=f"{shift_s} s")
        received = await at_desk.receive("user_message")
        assert received["message"] == sent["message"]
        assert {user.id for user in User.select().where(User.online_status)} == {ana.id, yuliana.id}
        assert Agent.get_by_id(yuliana.agent_id).availability == AVAILABLE
        assert [await readiness(process) for process in two] == [200, 200]

    times = [message.sent_at for message in Message.select().order_by(Message.seq)]
    assert times == sorted(times)
    assert all(abs(datetime.now(UTC) - time) < timedelta(minutes=10) for time in times)
    # It was moved, and says so.
    assert "clock_differs" in wrong.output
    assert "clock_differs" not in right.output
    assert "Traceback" not in wrong.output + right.output
