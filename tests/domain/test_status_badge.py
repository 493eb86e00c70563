"""Badges of statuses."""

from beneficiate.domain.status_badge import StatusBadge


def test_css_class_carries_the_tone():
    assert StatusBadge("Confirmada", "calendar-check", "ok").css_class == "badge badge--ok"
    assert StatusBadge("Cancelada", "calendar-x").css_class == "badge"
