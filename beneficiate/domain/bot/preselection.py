"""A professional who was chosen before the dialogue began, from a page or a link."""

from msgspec.structs import replace

from beneficiate.domain.bot import sentences as say
from beneficiate.domain.bot.drafts import BookingDraft, NamedRef, SlotPreference
from beneficiate.domain.bot.turns import BookingLookups


def preselect_professional(
    draft: BookingDraft, professional_id: int | None, lookups: BookingLookups
) -> tuple[BookingDraft, str]:
    """Return the draft with the professional, and a sentence when that one cannot be booked."""
    if professional_id is None or (
        draft.professional and draft.professional.id == professional_id and not draft.ticket
    ):
        return draft, ""
    professional = lookups.professional(professional_id)
    if professional is None or not professional.specialties:
        return draft, say.PROFESSIONAL_GONE
    if draft.ticket:
        draft = BookingDraft(turn=draft.turn)
    own = professional.specialties
    specialty = NamedRef(own[0].id, own[0].label) if len(own) == 1 else None
    if draft.specialty and any(hit.id == draft.specialty.id for hit in own):
        specialty = draft.specialty
    return (
        replace(
            draft,
            professional=NamedRef(professional.id, professional.name),
            city=professional.city or draft.city,
            specialty=specialty,
            search=None,
            slot=None,
            wants_contact=False,
            preference=SlotPreference(),
        ),
        "",
    )
