"""Lookups of the bot for one member: the patients of their plan, cities, specialties, free slots."""

from collections import Counter
from datetime import date, timedelta

import msgspec

from beneficiate.domain.booking.lifecycle import OPEN_STATUSES, RESCHEDULED, can_transition
from beneficiate.domain.booking.presentation import format_slot_label
from beneficiate.domain.bot.drafts import MovableAppointment, NamedRef, Patient, SlotOption, SlotPreference
from beneficiate.domain.bot.symptoms import GENERAL_MEDICINE
from beneficiate.domain.bot.turns import BookableProfessional
from beneficiate.domain.identity_documents import write_document
from beneficiate.domain.patient_key import PatientKey, patient_key
from beneficiate.errors import NotFound
from beneficiate.formatting import bogota_date
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.professionals import Professional, Township
from beneficiate.protocol.booking import AppointmentPayload
from beneficiate.queries import catalogue_search, slots
from beneficiate.queries.accounts import find_current_plan, find_plan_end_day
from beneficiate.queries.appointments import list_appointments_with_expiry
from beneficiate.queries.beneficiaries import active_beneficiaries
from beneficiate.queries.catalogue import list_specialties
from beneficiate.queries.consents import may_ask_reason
from beneficiate.search import MAX_HITS, SearchHit
from beneficiate.unit_of_work import UnitOfWork

MAX_MOVABLE = 9
"""Appointments to choose from: the bot shows ten buttons at most, and one leaves them as they are."""
_ONE_DAY = timedelta(days=1)


class MemberLookups:
    """The `BookingLookups` of a dialogue, read from the database."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def has_plan(self) -> bool:
        """Return whether a plan of the member runs now."""
        return find_current_plan(self._uow.actor.user_id, self._uow.now) is not None

    def may_ask_reason(self) -> bool:
        """Return whether the member may be asked for the reason of the appointment."""
        return may_ask_reason(self._uow.actor.user_id)

    def today(self) -> date:
        """Return the date in Bogotá."""
        return bogota_date(self._uow.now)

    def list_patients(self) -> list[Patient]:
        """Return the member and then their beneficiaries; equal names with the end of the document."""
        user_id = self._uow.actor.user_id
        member = User.get_by_id(user_id)
        people = active_beneficiaries(user_id)
        names = Counter([member.name, *(f"{one.first_name} {one.last_name}" for one in people)])

        def build(key: PatientKey, who: User | Beneficiary, home: Township | None) -> Patient:
            name = f"{who.first_name} {who.last_name}"
            document = write_document(who.document_type, f"…{who.document_number[-3:]}")
            label = name if names[name] == 1 else f"{name} ({document})"
            return _build_patient(key, who.first_name, label, home)

        own = build(patient_key(user_id, None), member, member.township)
        return [own, *(build(patient_key(user_id, one.id), one, one.township or member.township) for one in people)]

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

    def find_city(self, text: str) -> SearchHit | None:
        """Return the only municipality that is called so."""
        return catalogue_search.township_index().find(text)

    def search_specialties(self, text: str) -> list[SearchHit]:
        """Return specialties, the best first."""
        return catalogue_search.specialty_index().search(text)

    def find_specialty(self, text: str) -> SearchHit | None:
        """Return the only specialty that is called so."""
        return catalogue_search.specialty_index().find(text)

    def list_specialties(self) -> list[SearchHit]:
        """Return general medicine, then the other specialties by name."""
        rows = [SearchHit(row["id"], row["name"]) for row in list_specialties(self._uow)]
        return sorted(rows, key=lambda hit: hit.label != GENERAL_MEDICINE)

    def find_next_slots(
        self, specialty_id: int, city_id: int, professional_id: int | None, preference: SlotPreference
    ) -> list[SlotOption]:
        """Return the next free slots that fit the preference, in a city or of one professional, within the plan."""
        last_day = find_plan_end_day(self._uow.actor.user_id, self._uow.now)
        if last_day is None:
            return []
        found = slots.find_next_online_slots(self._uow, specialty_id, city_id, professional_id, preference, last_day)
        return [
            SlotOption(
                id=f"{person.id}-{start:%Y%m%d%H%M}",
                starts_at=start,
                professional_id=person.id,
                professional_name=person.name,
                label=format_slot_label(start, person.name),
                confirms_itself=person.confirms_itself,
            )
            for start, person in found
        ]

    def find_plan_limit(
        self, specialty_id: int, city_id: int, professional_id: int | None, preference: SlotPreference
    ) -> date | None:
        """Return the last day of the plan if slots that fit are free after it; None otherwise."""
        last_day = find_plan_end_day(self._uow.actor.user_id, self._uow.now)
        if last_day is None or last_day >= self.today() + self._uow.rules.horizon:
            return None
        day = max(last_day + _ONE_DAY, preference.day or last_day)
        later = msgspec.structs.replace(preference, day=day)
        found = slots.find_next_online_slots(self._uow, specialty_id, city_id, professional_id, later, count=1)
        return last_day if found else None

    def list_movable_appointments(self) -> list[MovableAppointment]:
        """Return the coming appointments that the member may move now, at most 9, the nearest first."""
        earliest = self._uow.now + timedelta(hours=self.change_window_hours())
        movable = [status for status in OPEN_STATUSES if can_transition(status, RESCHEDULED)]
        where = [
            Appointment.user == self._uow.actor.user_id,
            Appointment.status.in_(movable),
            Appointment.starts_at >= earliest,
        ]
        rows = list_appointments_with_expiry(where, (Appointment.starts_at, Appointment.id), MAX_MOVABLE)
        return [_build_movable(payload) for payload, _ in rows]

    def change_window_hours(self) -> int:
        """Return until how many hours before it an appointment may be moved."""
        return self._uow.rules.change_window_hours

    def list_slot_professionals(self, specialty_id: int, city_id: int) -> list[SearchHit]:
        """Return the professionals of a specialty in a city whose slots members choose, at most 10, by name."""
        people = slots.select_online_professionals(specialty_id, city_id, None)
        return [
            SearchHit(one.id, one.name)
            for one in people.order_by(Professional.first_name, Professional.id).limit(MAX_HITS)
        ]

    def professional(self, professional_id: int) -> BookableProfessional | None:
        """Return a professional who can be booked; None without such a one."""
        try:
            person = slots.access_professional(professional_id)
        except NotFound:
            return None
        practised = [SearchHit(id_, name) for id_, name in slots.load_practised_specialties(person).items()]
        return BookableProfessional(person.id, person.name, practised, _build_city_ref(person.township))


def _build_movable(payload: AppointmentPayload) -> MovableAppointment:
    if payload.starts_at is None:
        raise AssertionError("only appointments with a time are movable")
    name = payload.professional_name or ""
    professional = None if payload.professional_id is None else NamedRef(payload.professional_id, name)
    return MovableAppointment(
        id=payload.id,
        version=payload.version,
        ticket=payload.ticket_number,
        patient=payload.patient.first_name,
        specialty=NamedRef(payload.specialty_id, payload.specialty_name),
        city=NamedRef(payload.city_id, payload.city_name),
        professional=professional,
        label=format_slot_label(payload.starts_at, name),
    )


def _build_patient(key: PatientKey, first_name: str, name: str, home: Township | None) -> Patient:
    city = _build_city_ref(home)
    return Patient(key, first_name, name, city.id if city else None, city.name if city else "")


def _build_city_ref(township: Township | None) -> NamedRef | None:
    hit = None if township is None else catalogue_search.find_township(township.id)
    return None if hit is None else NamedRef(hit.id, hit.label)
