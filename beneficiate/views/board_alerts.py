"""The rows that an alert of the board counts, and the page that lists them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from beneficiate.formatting import format_iso
from beneficiate.views.pages import StaffPage

ALERT_PATH = "/supervisor/tablero/alerta"


@dataclass(frozen=True)
class AlertRow:
    """What an alert counts: about whom it is, about what, since or until when, how it is now, and where it is shown.

    Without an `address` it is no longer there. `explanation`: how a deadline was counted; empty for what has none.
    """

    row_id: int
    person: str = ""
    at: datetime | None = None
    about: str = ""
    state: str = ""
    address: str = ""
    explanation: str = ""


@dataclass(frozen=True)
class AlertListOverview(StaffPage):
    """`/supervisor/tablero/alerta`: the `total` rows that an alert counted at an instant, a hundred on a page.

    `is_of_now`: they were too many for an address, and have been counted again.
    """

    template: ClassVar[str] = "board/alert.html"

    title: str
    at: datetime
    rows: list[AlertRow]
    total: int
    is_of_now: bool
    page: int
    has_more: bool
    address: str
    board_address: str
    topic_name: str


def build_alert_address(kind: str, at: datetime, row_ids: tuple[int, ...], topic: str) -> str:
    """Return the address of the rows that an alert counts: these, or those that it finds when it is opened."""
    typed = {"clase": kind, "hasta": format_iso(at, "microseconds"), "tema": topic}
    query = urlencode({name: text for name, text in typed.items() if text})
    rows = f"&filas={','.join(map(str, row_ids))}" if row_ids else ""
    return f"{ALERT_PATH}?{query}{rows}"
