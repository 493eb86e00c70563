"""What the bot looks up for one member: their own people, cities, specialties, free slots."""

from beneficiate.chatbot.drafts import Named, Patient, Slot
from beneficiate.chatbot.sentences import slot_label
from beneficiate.chatbot.turns import Professional
from beneficiate.errors import NotFound
from beneficiate.models.care import Township
from beneficiate.models.people import Beneficiary, User
from beneficiate.queries import places, slots
from beneficiate.queries.accounts import running_plan
from beneficiate.search import Hit
from beneficiate.store import Work


class MemberChoices:
    """The `Choices` of the conversation, over the database."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def has_plan(self) -> bool:
        return running_plan(self._work.actor.user_id, self._work.now) is not None

    def find_patient(self, document: str) -> Patient | None:
        """The member or one of their beneficiaries; anybody else does not exist."""
        user_id = self._work.actor.user_id
        member = User.get_by_id(user_id)
        if member.document_number == document:
            return _patient(f"u:{user_id}", member.first_name, member.name, member.township)
        one = Beneficiary.get_or_none(
            Beneficiary.user == user_id, Beneficiary.document_number == document, Beneficiary.removed_at.is_null()
        )
        if one is None:
            return None
        name = f"{one.first_name} {one.last_name}"
        return _patient(f"b:{one.id}", one.first_name, name, one.township or member.township)

    def search_cities(self, text: str) -> list[Hit]:
        return places.townships().find(text)

    def search_specialties(self, text: str) -> list[Hit]:
        return places.specialties().find(text)

    def next_slots(self, specialty_id: int, city_id: int, professional_id: int | None) -> list[Slot]:
        found = slots.next_online(self._work, specialty_id, city_id, professional_id)
        return [
            Slot(
                id=f"{person.id}-{start:%Y%m%d%H%M}",
                starts_at=start,
                professional_id=person.id,
                professional_name=person.name,
                label=slot_label(start, person.name),
            )
            for start, person in found
        ]

    def professional(self, professional_id: int) -> Professional | None:
        try:
            person = slots.access_professional(professional_id)
        except NotFound:
            return None
        practised = [Hit(id_, name) for id_, name in slots.specialties_of(person).items()]
        return Professional(person.id, person.name, practised, _named(person.township))


def _patient(key: str, first_name: str, name: str, home: Township | None) -> Patient:
    city = _named(home)
    return Patient(key, first_name, name, city.id if city else None, city.name if city else "")


def _named(township: Township | None) -> Named | None:
    hit = None if township is None else places.known_township(township.id)
    return None if hit is None else Named(hit.id, hit.label)
