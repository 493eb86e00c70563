"""The base of the pages of the administration: lists with filters."""

from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.views.administration import ListFilters

MAX_FILTER_CHARS = 100
MAX_NUMBER_CHARS = 9


class AdministrationPage(SupervisorPage):
    """A page with a list: `?estado=&q=&despues=&listo=`; `listo` names what was done just before."""

    @property
    def filters(self) -> ListFilters:
        """The filters of the URL."""
        after = self.get_query_argument("despues", "")
        return ListFilters(
            self.get_query_argument("estado", "")[:MAX_FILTER_CHARS],
            self.get_query_argument("q", "")[:MAX_FILTER_CHARS],
            int(after) if _is_number(after) else 0,
        )

    @property
    def done(self) -> str:
        """What was done just before."""
        return self.get_query_argument("listo", "")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MAX_NUMBER_CHARS
