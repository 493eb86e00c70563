"""Freed slots that are offered to members on the waiting list."""

from collections.abc import Iterable
from datetime import datetime

from beneficiate.domain.booking.presentation import CONFIRMED_BY_HAND
from beneficiate.models.appointments import Appointment, WaitingListEntry
from beneficiate.models.professionals import Professional
from beneficiate.protocol.booking import SlotOffered

OFFERED = "OFFERED"


def list_open_offers(user_ids: Iterable[int], now: datetime) -> dict[int, list[SlotOffered]]:
    """Return the offers that these members can still accept, the newest first."""
    found: dict[int, list[SlotOffered]] = {}
    query = (
        WaitingListEntry.select(WaitingListEntry, Appointment, Professional)
        .join(Appointment)
        .join_from(WaitingListEntry, Professional)
        .where(
            Appointment.user.in_(list(user_ids)),
            WaitingListEntry.status == OFFERED,
            WaitingListEntry.offer_expires_at > now,
        )
        .order_by(WaitingListEntry.offer_expires_at.desc(), WaitingListEntry.id.desc())
    )
    for entry in query:
        professional = entry.offered_professional
        offer = SlotOffered(
            appointment_id=entry.appointment_id,
            professional_id=professional.id,
            professional_name=professional.name,
            starts_at=entry.offered_at,
            expires_at=entry.offer_expires_at,
            condition="" if professional.confirms_itself else CONFIRMED_BY_HAND,
        )
        found.setdefault(entry.appointment.user_id, []).append(offer)
    return found
