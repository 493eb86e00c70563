"""Lookups of the bot for one member: the patients of their plan, cities, specialties, free slots."""

from beneficiate.domain.bot.drafts import NamedRef, Patient, SlotOption
from beneficiate.domain.bot.sentences import format_slot_label
from beneficiate.domain.bot.turns import BookableProfessional
from beneficiate.domain.patient_key import PatientKey, patient_key
from beneficiate.errors import NotFound
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.professionals import Township
from beneficiate.queries import catalogue_search, slots
from beneficiate.queries.accounts import find_current_plan
from beneficiate.search import SearchHit
from beneficiate.unit_of_work import UnitOfWork


class MemberLookups:
    """The `BookingLookups` of a dialogue, read from the database."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def has_plan(self) -> bool:
        """Return whether a plan of the member runs now."""
        return find_current_plan(self._uow.actor.user_id, self._uow.now) is not None

    def find_patient(self, document: str) -> Patient | None:
        """Return the member or one of their beneficiaries; None for anybody else, whoever it is."""
        user_id = self._uow.actor.user_id
        member = User.get_by_id(user_id)
        if member.document_number == document:
            return _build_patient(patient_key(user_id, None), member.first_name, member.name, member.township)
        one = Beneficiary.get_or_none(
            Beneficiary.user == user_id, Beneficiary.document_number == document, Beneficiary.removed_at.is_null()
        )
        if one is None:
            return None
        name = f"{one.first_name} {one.last_name}"
        return _build_patient(patient_key(user_id, one.id), one.first_name, name, one.township or member.township)

    def search_cities(self, text: str) -> list[SearchHit]:
        """Return municipalities, the best first."""
        return catalogue_search.township_index().search(text)

    def search_specialties(self, text: str) -> list[SearchHit]:
        """Return specialties, the best first."""
        return catalogue_search.specialty_index().search(text)

    def find_next_slots(self, specialty_id: int, city_id: int, professional_id: int | None) -> list[SlotOption]:
        """Return the next free slots in a city, or of one professional."""
        found = slots.find_next_online_slots(self._uow, specialty_id, city_id, professional_id)
        return [
            SlotOption(
                id=f"{person.id}-{start:%Y%m%d%H%M}",
                starts_at=start,
                professional_id=person.id,
                professional_name=person.name,
                label=format_slot_label(start, person.name),
            )
            for start, person in found
        ]

    def professional(self, professional_id: int) -> BookableProfessional | None:
        """Return a professional who can be booked; None without such a one."""
        try:
            person = slots.access_professional(professional_id)
        except NotFound:
            return None
        practised = [SearchHit(id_, name) for id_, name in slots.load_practised_specialties(person).items()]
        return BookableProfessional(person.id, person.name, practised, _build_city_ref(person.township))


def _build_patient(key: PatientKey, first_name: str, name: str, home: Township | None) -> Patient:
    city = _build_city_ref(home)
    return Patient(key, first_name, name, city.id if city else None, city.name if city else "")


def _build_city_ref(township: Township | None) -> NamedRef | None:
    hit = None if township is None else catalogue_search.find_township(township.id)
    return None if hit is None else NamedRef(hit.id, hit.label)
