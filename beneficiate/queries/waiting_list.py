"""Freed slots that are being offered to members who wait."""

from collections.abc import Iterable
from datetime import datetime

from beneficiate.models.appointments import Appointment, WaitingListEntry
from beneficiate.models.professionals import Professional
from beneficiate.protocol.booking import SlotOffered

OFFERED = "OFFERED"


def list_open_offers(user_ids: Iterable[int], now: datetime) -> dict[int, list[SlotOffered]]:
    """The offers that these members may still take, the newest first."""
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
    for wait in query:
        offer = SlotOffered(
            appointment_id=wait.appointment_id,
            professional_id=wait.offered_professional.id,
            professional_name=wait.offered_professional.name,
            starts_at=wait.offered_at,
            expires_at=wait.offer_expires_at,
        )
        found.setdefault(wait.appointment.user_id, []).append(offer)
    return found
