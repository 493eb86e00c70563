"""The sockets of a process and of its workers."""

from dataclasses import replace

import pytest

from beneficiate.listening import bind_listening_sockets, bind_metrics
from beneficiate.settings import InvalidSettings, Settings
from tests import servers
from tests.factories import SECRET


def test_metrics_of_a_worker_have_the_port_after_those_of_the_one_before():
    port = servers.free_port()
    settings = Settings(secret=SECRET, metrics_address=f"127.0.0.1:{port}")
    sockets = [bind_metrics(settings, number)[0] for number in (0, 1)]
    assert [one.getsockname()[1] for one in sockets] == [port, port + 1]
    for one in sockets:
        one.close()


def test_ports_end_at_65535():
    with pytest.raises(InvalidSettings, match="Cannot listen on port 65536"):
        bind_metrics(Settings(secret=SECRET, metrics_address="127.0.0.1:65535"), 1)


def test_without_an_address_there_are_no_metrics():
    settings = Settings(secret=SECRET, port=0, address="127.0.0.1")
    for given in (settings, replace(settings, metrics_address="127.0.0.1:0")):
        sockets = bind_listening_sockets(given)
        assert len(sockets.pages) == 1
        assert len(sockets.metrics) == bool(given.metrics_address)
        for one in (*sockets.pages, *sockets.metrics):
            one.close()
