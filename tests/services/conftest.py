"""The context of a server whose jobs run only when a test calls them."""

from tests.jobs.conftest import context  # noqa: F401
