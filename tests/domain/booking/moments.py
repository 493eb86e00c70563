"""Moments in the time of Bogotá."""

from datetime import UTC, datetime

from beneficiate.domain.booking.slots import BOGOTA


def at(text):
    """Return a time of Bogotá in UTC: `at("2026-01-12 08:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=BOGOTA).astimezone(UTC)


def as_bogota_texts(moments):
    """Return the texts of moments, the reverse of `at`."""
    return [moment.astimezone(BOGOTA).strftime("%Y-%m-%d %H:%M") for moment in moments]
