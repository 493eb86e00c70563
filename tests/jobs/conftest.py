"""The context of a server whose jobs run only when a test calls them."""

import pytest

from beneficiate.clients.mail import FolderMailClient


@pytest.fixture
def context(server, tmp_path):
    """The application context of a server without running jobs, whose e-mails go to a folder of this test."""
    for job in server._jobs:
        job.stop()
    server.context.mail = FolderMailClient(tmp_path / "outbox")
    return server.context
