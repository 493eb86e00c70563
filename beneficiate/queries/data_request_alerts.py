"""The alerts of the board about requests about personal data whose term ends soon or has ended."""

from datetime import datetime
from typing import Literal

from peewee import fn

from beneficiate.formatting import bogota_date, format_number
from beneficiate.models.data_requests import DataRequest
from beneficiate.queries.data_requests import is_due_soon, is_overdue
from beneficiate.views.board import BoardAlert
from beneficiate.views.data_request_list import DUE_SOON, OVERDUE

PAGE = "/supervisor/solicitudes?plazo="


def load_request_alerts(now: datetime) -> list[BoardAlert]:
    """Return at most two alerts, each with how many requests are open in all."""
    today = bogota_date(now)
    count = fn.COUNT(DataRequest.id)
    columns = (count, count.filter(is_overdue(today)), count.filter(is_due_soon(today)))
    total, late, soon = DataRequest.select(*columns).where(DataRequest.closed_at.is_null()).tuples().get()
    found = [
        _describe("danger", "triangle-alert", late, total, ("está vencida", "están vencidas"), OVERDUE),
        _describe("warn", "hourglass", soon, total, ("está por vencer", "están por vencer"), DUE_SOON),
    ]
    return [alert for alert in found if alert is not None]


def _describe(
    level: Literal["danger", "warn"], icon: str, count: int, total: int, words: tuple[str, str], due: str
) -> BoardAlert | None:
    if not count:
        return None
    one, several = words
    counted = "Una solicitud" if count == 1 else f"{format_number(count)} solicitudes"
    title = f"{counted} de datos {one if count == 1 else several}."
    text = "Hay 1 abierta." if total == 1 else f"Hay {format_number(total)} abiertas."
    return BoardAlert(level, icon, title, text, "Ver las solicitudes", f"{PAGE}{due}")
