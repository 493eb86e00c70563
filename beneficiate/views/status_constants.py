"""Prints the words for statuses that scripts of the browser need, from the tables in beneficiate/domain."""

import json
from collections.abc import Mapping, Sequence

from beneficiate.domain.billing.presentation import PAYMENT_NOTICES, UNSETTLED_PAYMENT_STATUSES
from beneficiate.domain.booking.lifecycle import APPOINTMENT_TRANSITIONS, OPEN_STATUSES
from beneficiate.domain.booking.presentation import APPOINTMENT_NEWS, APPOINTMENT_STATUS_NAMES

_HEAD = "// Printed by `make protocol` from beneficiate/domain: statuses and what people read of them. Do not edit.\n"


def render_status_constants() -> str:
    """Return statuses.js, one constant per table, marked pure so that a bundle only has those that it uses."""
    tables: dict[str, Mapping[str, str] | Sequence[str]] = {
        "APPOINTMENT_LABELS": APPOINTMENT_STATUS_NAMES,
        "APPOINTMENT_NEWS": APPOINTMENT_NEWS,
        "OPEN_APPOINTMENT_STATUSES": [status for status in APPOINTMENT_TRANSITIONS if status in OPEN_STATUSES],
        "PAYMENT_NOTICES": PAYMENT_NOTICES,
        "UNSETTLED_PAYMENT_STATUSES": UNSETTLED_PAYMENT_STATUSES,
    }
    return _HEAD + "".join(
        f"export const {name} = /* @__PURE__ */ Object.freeze({_render(table)});\n" for name, table in tables.items()
    )


def _render(table: Mapping[str, str] | Sequence[str]) -> str:
    if isinstance(table, Mapping):
        rows = "".join(f"  {key}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in table.items())
        return "{\n" + rows + "}"
    return json.dumps(list(table))
