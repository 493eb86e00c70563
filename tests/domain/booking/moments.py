"""Moments as people of Bogotá say them."""

from datetime import UTC, datetime

from beneficiate.domain.booking.slots import BOGOTA


def at(text):
    """`at("2026-01-12 08:00")` is that hour in Bogotá, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BOGOTA).astimezone(UTC)


def as_bogota_texts(moments):
    """The other way round, for a list."""
    return [moment.astimezone(BOGOTA).strftime("%Y-%m-%d %H:%M") for moment in moments]
