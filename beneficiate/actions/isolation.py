"""Rows of a job, each in a savepoint of its own: one that can never succeed holds up none of the others."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from peewee import InterfaceError, OperationalError

from beneficiate.logs import log_failure
from beneficiate.models.base import database
from beneficiate.unit_of_work import UnitOfWork

T = TypeVar("T")
R = TypeVar("R")


def run_each(uow: UnitOfWork, rows: Iterable[T], handle: Callable[[T], R], *, kind: str = "") -> list[R]:
    """Return what `handle` returns for each row; a row for which it fails is logged and its changes are undone.

    Rows that are no models, such as ids, are logged as they are, under the name `kind`. Raises OperationalError and
    InterfaceError: then it is the database that fails, and not a row.
    """
    results = []
    for row in rows:
        try:
            with _savepoint(uow):
                results.append(handle(row))
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:  # noqa: BLE001  logged
            log_failure("row_failed", problem, {"row": getattr(row, "id", row)}, kind=kind or type(row).__name__)
    return results


def run_together(uow: UnitOfWork, ids: Iterable[T], handle: Callable[[list[T]], object], *, kind: str) -> list[T]:
    """Handle rows all at once or, if that fails, each by itself; return the ids of those that were handled.

    For what handles many rows in a few statements. A failure is logged for its row. Raises as `run_each` does.
    """
    every = list(ids)
    try:
        with _savepoint(uow):
            handle(every)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # noqa: BLE001  whatever it is, it is found in the row that has it

        def handle_one(one: T) -> T:
            handle([one])
            return one

        return run_each(uow, every, handle_one, kind=kind)
    return every


@contextmanager
def _savepoint(uow: UnitOfWork) -> Iterator[None]:
    """Undo the changes of the block when it fails, and forget the events that it emitted and what it deferred."""
    mark = uow.mark()
    try:
        with database.atomic():
            yield
    except Exception:
        uow.undo_to(mark)
        raise
