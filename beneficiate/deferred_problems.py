"""Steps of which each runs, whatever happened to those before it."""

from collections.abc import Iterator
from contextlib import contextmanager

from beneficiate.errors import Problem


class DeferredProblems:
    """For steps of which each runs whatever happened to those before; the first Problem is raised at the end."""

    def __init__(self) -> None:
        self._first: Problem | None = None

    @contextmanager
    def defer(self) -> Iterator[None]:
        """Keep the Problem of the block, if it is the first."""
        try:
            yield
        except Problem as problem:
            self._first = self._first or problem

    def raise_first(self) -> None:
        """Raise the first Problem that was kept; without one do nothing."""
        if self._first is not None:
            raise self._first
