"""The lists of the administration: their filters, tabs by state, and pages."""

from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from urllib.parse import urlencode


@dataclass(frozen=True)
class ListFilters:
    """What a list shows: the rows of a state, empty for all, that match a text and follow the row `after`.

    A second list of a page has a `prefix` before its parameters, and keeps those of the first: names and values.
    """

    state: str = ""
    text: str = ""
    after: int = 0
    prefix: str = ""
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The filters of this list that are set, as parameters of an address."""
        typed = {"estado": self.state, "q": self.text, "despues": str(self.after or "")}
        return tuple((f"{self.prefix}{name}", value) for name, value in typed.items() if value)

    @property
    def query(self) -> str:
        """The filters as a query string with its `?`; empty without any."""
        text = urlencode([*self.kept, *self.parameters])
        return f"?{text}" if text else ""

    def query_with(self, *, state: str | None = None, after: int = 0) -> str:
        """Return the query string of another state, or of the rows after another one."""
        return replace(self, state=self.state if state is None else state, after=after).query


@dataclass(frozen=True)
class ListRow:
    """A row of a list; a subclass has what else its subject shows. `search_text` is what a search looks through."""

    row_id: int
    name: str
    state: str
    search_text: str


R = TypeVar("R", bound=ListRow)
N = TypeVar("N")


@dataclass(frozen=True)
class AdministrationList(Generic[R]):
    """A page of a list. `tabs` are (state, label, number of rows); `next_id` is 0 on the last page."""

    filters: ListFilters
    rows: list[R]
    tabs: list[tuple[str, str, int]]
    next_id: int

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return self.tabs[0][2]


@dataclass(frozen=True)
class NewestRows(Generic[N]):
    """A page of a list whose newest rows come first; `next_id` is 0 on the last page."""

    filters: ListFilters
    rows: list[N]
    next_id: int
