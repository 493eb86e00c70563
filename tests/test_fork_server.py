"""A forked command is a process of its own for whoever started it."""

import signal
import subprocess

import pytest

from tests import servers
from tests.fork_server import ForkServer, is_available
from tests.server_process import process_environment

pytestmark = pytest.mark.skipif(not is_available(), reason="no forks here")


@pytest.fixture
def server(tmp_path):
    running = ForkServer(tmp_path, tmp_path)
    yield running
    running.stop()


def test_output_and_exit_code_are_its_own(server, tmp_path):
    output = tmp_path / "output"
    given = process_environment("sqlite://", BENEFICIATE_SIGN_IN_WAIT_S="never")

    assert server.start(["no-such-command"], given, output).wait(30) == 2
    assert "No such command" in output.read_text(encoding="utf-8")
    assert server.start(["serve"], given, output).wait(30) == 1
    assert "BENEFICIATE_SIGN_IN_WAIT_S" in output.read_text(encoding="utf-8")


def test_signals_reach_it_and_the_others_go_on(server, tmp_path):
    ports = [servers.free_port() for _ in range(3)]
    killed, stopped, left = [
        server.start(
            ["serve", "--port", str(port)], process_environment(f"sqlite:///{tmp_path}/{port}.db"), tmp_path / "output"
        )
        for port in ports
    ]
    for port in ports:
        servers.wait_for_port(port, 30)

    killed.kill()
    stopped.send_signal(signal.SIGTERM)

    assert (killed.wait(10), stopped.wait(10)) == (-signal.SIGKILL, 0)
    with pytest.raises(subprocess.TimeoutExpired):
        left.wait(0)
    server.stop()
    assert left.wait(10) == -signal.SIGKILL
