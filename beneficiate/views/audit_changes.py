"""What an entry of the audit log has changed, in words; what is stored stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from beneficiate.domain.audit_kinds import AUDIT_FIELDS, AUDIT_VALUES
from beneficiate.domain.billing.presentation import STAFF_PAYMENT_BADGES
from beneficiate.domain.booking.hours_text import describe_recorded_day, describe_recorded_week
from beneficiate.domain.booking.presentation import APPOINTMENT_STATUS_NAMES
from beneficiate.domain.data_requests.presentation import STATE_NAMES
from beneficiate.domain.dates import parse_typed_date
from beneficiate.formatting import format_short_date, format_time

PRIVATE_FIELDS = ("email", "message")
"""Fields that may tell of somebody's health, or how to reach them: the page of one entry alone shows them."""
HIDDEN_VALUE = "Se ve al abrir solo este registro"
NO_VALUE = "—"
_YES_NO = {True: "Sí", False: "No"}

ReferredNames = Mapping[tuple[str, int], str]
"""Names of what entries refer to by id: agents, professionals, appointments (by their ticket)."""


@dataclass(frozen=True)
class AuditChange:
    """A field, what it was and what it became."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class RecordedChanges:
    """The fields of an entry as they are stored, before and after."""

    before: Mapping[str, object]
    after: Mapping[str, object]
    names: ReferredNames = field(default_factory=dict)
    subject: str = ""

    def describe(self, *, shows_private: bool) -> list[AuditChange]:
        """Return the fields as people read them, private ones only on request."""
        return [self._describe_field(name, shows_private=shows_private) for name in {**self.before, **self.after}]

    def _describe_field(self, name: str, *, shows_private: bool) -> AuditChange:
        label = AUDIT_FIELDS.get(name, name)
        if name in PRIVATE_FIELDS and not shows_private:
            return AuditChange(label, HIDDEN_VALUE, HIDDEN_VALUE)
        return AuditChange(label, self._text(name, self.before.get(name)), self._text(name, self.after.get(name)))

    def _text(self, name: str, value: object) -> str:
        if value is None or value in ("", [], {}):
            return NO_VALUE
        if isinstance(value, bool):
            return _YES_NO[value]
        if isinstance(value, int):
            return self.names.get((name, value), str(value))
        if isinstance(value, (list, dict)):
            return self._text_of_several(name, value)
        text = str(value)
        if name == "status":
            return _names_of_statuses(self.subject).get(text, text)
        return _format_instant(text) if name == "starts_at" else AUDIT_VALUES.get((name, text), text)

    def _text_of_several(self, name: str, value: list[object] | dict[str, object]) -> str:
        if isinstance(value, dict):
            # Nothing else has a value by key.
            return describe_recorded_week(value)
        if _has_hours(name):
            return describe_recorded_day(map(str, value))
        return ", ".join(self._text(name, one) for one in value)


def _has_hours(name: str) -> bool:
    """Return whether a field has the hours of a date; those of professionals are named by it: `2026-12-24`."""
    return name == "hours" or parse_typed_date(name) is not None


def _names_of_statuses(subject: str) -> Mapping[str, str]:
    """Return the names of the statuses that a subject may have."""
    kind = subject.partition(":")[0]
    if kind == "payment":
        return {status: badge.label for status, badge in STAFF_PAYMENT_BADGES.items()}
    if kind == "request":
        return STATE_NAMES
    return APPOINTMENT_STATUS_NAMES if kind == "appointment" else {}


def _format_instant(text: str) -> str:
    """Return an instant that was stored as text: `4 sept 2026, 8:05 a. m.`; other text as it is."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{format_short_date(instant)}, {format_time(instant)}"
