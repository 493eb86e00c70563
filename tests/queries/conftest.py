"""Queries are tested as actions are."""

from tests.actions.conftest import db  # noqa: F401
