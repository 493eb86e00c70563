"""Rows of a job, each in a savepoint of its own: one that can never succeed holds up none of the others."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog
from peewee import InterfaceError, Model, OperationalError

from beneficiate.models.base import database
from beneficiate.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=Model)
R = TypeVar("R")


def run_each(uow: UnitOfWork, rows: Iterable[M], handle: Callable[[M], R]) -> list[R]:
    """Return what `handle` returns for each row; a row for which it fails is logged and its changes are undone.

    Raises OperationalError and InterfaceError: then it is the database that fails, and not a row.
    """
    results = []
    for row in rows:
        emitted = len(uow.outgoing)
        try:
            with database.atomic():
                results.append(handle(row))
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:
            del uow.outgoing[emitted:]
            log.exception("row_failed", row=f"{type(row).__name__} {row.id}", problem=type(problem).__name__)
    return results
