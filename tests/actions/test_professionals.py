"""Professionals: a change that leaves appointments outside is confirmed first, and loses none of them."""

import json
from datetime import date, timedelta

import pytest

from beneficiate.actions import professionals as actions
from beneficiate.actions.business_hours import SetHoursException
from beneficiate.domain.booking.hours_text import describe_day
from beneficiate.errors import InvalidForm, NotFound, OutdatedForm
from beneficiate.models.appointments import Appointment, AppointmentEmail
from beneficiate.models.audit import AuditEntry
from beneficiate.models.professionals import AvailabilityException, Professional, ProfessionalSpecialty
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AppointmentChanged
from beneficiate.queries.appointments import load_invitation, serialize_appointment
from beneficiate.queries.professionals import list_outside_appointments, load_day_exceptions, load_professional
from beneficiate.queries.slots import find_free_starts
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import EIGHT_OCLOCK, HALF_PAST, NOW, book_appointment
from tests.factories import agent, member_with_plan, professional, specialty, supervisor

WEDNESDAY = EIGHT_OCLOCK.date()


@pytest.fixture
def marta(db):
    return supervisor("Marta")


@pytest.fixture
def german(marta):
    return professional("Germán", confirms_itself=True)


@pytest.fixture
def do(act, marta):
    return lambda action, command, who=None: act(action, command, (who or marta).actor, NOW)[0]


@pytest.fixture
def save(do, marta):
    """Save a professional as the form shows them, with changes."""

    def run(row, confirmed="", version=None, **changes):
        _, shown = load_professional(UnitOfWork(marta.actor, NOW), row.id if row else 0)
        values = {**shown.values, **changes}
        shown_version = shown.version if version is None else version
        return do(
            actions.save_professional, actions.SaveProfessional(row.id if row else 0, shown_version, values, confirmed)
        )

    return run


def pending_of(run, *args, **changes):
    with pytest.raises(actions.AppointmentsAffected) as caught:
        run(*args, **changes)
    return caught.value.pending


def set_day(professional_id, day=WEDNESDAY, kind="cerrado", starts="", ends="", confirmed=""):
    typed = SetHoursException(day.isoformat(), kind, starts, ends)
    return actions.SetProfessionalDay(professional_id, typed, shown_of(professional_id, day), confirmed)


def delete_day(professional_id, confirmed=""):
    return actions.DeleteProfessionalDay(professional_id, WEDNESDAY, shown_of(professional_id, WEDNESDAY), confirmed)


def shown_of(professional_id, day):
    """Return what a form shows of a day now."""
    return describe_day(one for one in load_day_exceptions(professional_id) if one.day == day)


def free_starts(marta, german):
    return find_free_starts(UnitOfWork(marta.actor, NOW), Professional.get_by_id(german.id), WEDNESDAY, WEDNESDAY)


def outside(marta, german):
    found = list_outside_appointments(UnitOfWork(marta.actor, NOW), Professional.get_by_id(german.id))
    return [one.appointment_id for one in found]


def test_professional_is_created_and_changed(save, marta):
    cardiology = specialty().id
    new_id = save(
        None,
        nombres="Ana",
        apellidos="Ruiz",
        licencia="RM-900",
        municipio="medellin",
        direccion="Calle 1",
        especialidades=str(cardiology),
        martes="8-12",
        agenda="ONLINE",
    )
    row = Professional.get_by_id(new_id)
    assert (row.name, row.township.code, row.version, row.schedule_type) == ("Ana Ruiz", "05001", 1, "ONLINE")
    save(row, especialidades="", martes="", duracion="45")
    assert Professional.get_by_id(new_id).duration_minutes == 45
    assert not ProfessionalSpecialty.select().where(ProfessionalSpecialty.professional == new_id).exists()
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.what, entry.subject) == ("professionals.save", f"professional:{new_id}")
    assert json.loads(entry.before)["week"] == {"martes": "08:00-12:00"}


def test_saving_nothing_records_nothing(save, german):
    save(german)
    assert not AuditEntry.select().exists()
    assert Professional.get_by_id(german.id).version == 1


def test_week_that_leaves_appointments_outside_is_saved_once_confirmed(act, save, marta, german):
    booked = [book_appointment(act, marta, member_with_plan(), german, at) for at in (EIGHT_OCLOCK, HALF_PAST)]
    pending = pending_of(save, german, miercoles="08:30-12:00")
    assert [one.appointment_id for one in pending.outside] == [booked[0].id]
    save(german, pending.effect, miercoles="08:30-12:00")
    assert outside(marta, german) == [booked[0].id]
    assert Appointment.get_by_id(booked[0].id).status == "CONFIRMED"
    entry = AuditEntry.select().where(AuditEntry.what == "professionals.save").get()
    assert json.loads(entry.after)["outside"] == 1
    # What is outside already is no effect of another change.
    save(german, duracion="20")


def test_members_of_coming_appointments_are_told_of_another_place(act, save, marta, german):
    ana = member_with_plan()
    booked = book_appointment(act, marta, ana, german)
    version = Appointment.get_by_id(booked.id).version
    for change in ({"municipio": "medellin", "direccion": "Carrera 5"}, {"modo": "VIRTUAL"}):
        pending = pending_of(save, german, **change)
        assert ([one.appointment_id for one in pending.moved], pending.outside) == ([booked.id], [])
        assert pending.moved_title == "1 cita cambia de lugar"
        save(german, pending.effect, **change)
        version += 1
        row = AppointmentEmail.select().order_by(AppointmentEmail.id.desc()).get()
        assert (row.appointment_id, row.kind, row.version) == (booked.id, "place", version)
        assert load_invitation(UnitOfWork(ana.actor, NOW), booked.id).sequence == version
    shown = serialize_appointment(booked.id)
    assert (shown.location, shown.city_name, shown.status) == ("Virtual", "Medellín", "CONFIRMED")
    # By video nobody goes to the address.
    save(german, direccion="Otra calle")
    entry = AuditEntry.select().where(AuditEntry.what == "professionals.save").order_by(AuditEntry.id).get()
    assert json.loads(entry.after)["moved"] == 1


def test_new_place_is_sent_to_the_member_at_once(act, marta, german):
    ana = member_with_plan()
    booked = book_appointment(act, marta, ana, german)
    _, shown = load_professional(UnitOfWork(marta.actor, NOW), german.id)
    typed = {**shown.values, "direccion": "Carrera 5"}
    with pytest.raises(actions.AppointmentsAffected) as caught:
        act(actions.save_professional, actions.SaveProfessional(german.id, 1, typed), marta.actor, NOW)
    command = actions.SaveProfessional(german.id, 1, typed, caught.value.pending.effect)
    events = act(actions.save_professional, command, marta.actor, NOW)[1]
    changed = [one for one in events if isinstance(one.event, AppointmentChanged)]
    assert {one.event.appointment.location for one in changed} == {"Carrera 5"}
    assert channels.user_channel(ana.id) in changed[0].channels
    assert booked.location != "Carrera 5"


def test_confirmation_of_another_effect_does_not_count(act, save, marta, german):
    book_appointment(act, marta, member_with_plan(), german, EIGHT_OCLOCK)
    pending = pending_of(save, german, miercoles="09:00-12:00")
    book_appointment(act, marta, member_with_plan(), german, HALF_PAST)
    again = pending_of(save, german, pending.effect, miercoles="09:00-12:00")
    assert (len(again.outside), again.title) == (2, "2 citas quedan por fuera")


@pytest.mark.parametrize("change", [{"estado": "inactivo"}, {"agenda": "UNAVAILABLE"}, {"especialidades": ""}])
def test_who_sees_no_patients_any_more_leaves_all_appointments_outside(act, save, marta, german, change):
    booked = book_appointment(act, marta, member_with_plan(), german)
    assert [one.appointment_id for one in pending_of(save, german, **change).outside] == [booked.id]


def test_day_off_is_confirmed_and_taken_back(act, do, marta, german):
    booked = book_appointment(act, marta, member_with_plan(), german)
    pending = pending_of(do, actions.set_professional_day, set_day(german.id))
    assert not AvailabilityException.select().exists()
    do(actions.set_professional_day, set_day(german.id, confirmed=pending.effect))
    assert (free_starts(marta, german), outside(marta, german)) == ([], [booked.id])
    do(actions.delete_professional_day, delete_day(german.id))
    assert outside(marta, german) == []
    assert len(free_starts(marta, german)) == 7
    kinds = [row.what for row in AuditEntry.select().where(AuditEntry.subject == f"professional:{german.id}")]
    assert kinds == ["professionals.set_day"] * 2


def test_extra_hours_that_are_taken_back_are_confirmed_too(act, do, marta, german):
    do(actions.set_professional_day, set_day(german.id, kind="abierto", starts="06:00", ends="12:00"))
    early = book_appointment(act, marta, member_with_plan(), german, EIGHT_OCLOCK.replace(hour=11))
    command = delete_day(german.id)
    pending = pending_of(do, actions.delete_professional_day, command)
    assert [one.appointment_id for one in pending.outside] == [early.id]
    do(actions.delete_professional_day, delete_day(german.id, pending.effect))
    do(actions.delete_professional_day, delete_day(german.id))
    assert not AvailabilityException.select().exists()


def test_second_of_two_supervisors_does_not_replace_a_day_unseen(do, german):
    first, second = set_day(german.id), set_day(german.id, kind="abierto", starts="08:00", ends="09:00")
    remove = delete_day(german.id)
    do(actions.set_professional_day, first)
    # The same form twice changes nothing.
    do(actions.set_professional_day, first)
    for action, command in ((actions.set_professional_day, second), (actions.delete_professional_day, remove)):
        with pytest.raises(OutdatedForm):
            do(action, command)
    assert [one.is_open for one in load_day_exceptions(german.id)] == [False]
    # A form that has shown other days is not outdated.
    do(actions.set_professional_day, set_day(german.id, WEDNESDAY + timedelta(1)))


def test_what_is_wrong_is_said_by_field(save, do, german):
    other = professional("Otro")
    for field, text in {
        "licencia": other.license_number,
        "municipio": "Nadaquever",
        "especialidades": "999999",
        "lunes": "12-8",
    }.items():
        with pytest.raises(InvalidForm) as caught:
            save(german, **{field: text})
        assert list(caught.value.fields) == [field]
    with pytest.raises(InvalidForm) as caught:
        do(actions.set_professional_day, set_day(german.id, day=date(2020, 1, 1)))
    assert list(caught.value.fields) == ["fecha"]


@pytest.mark.parametrize("license_number", ["tp-11-044609", "TP 11 044609", "TP11044609"])
def test_license_is_the_same_however_it_is_written(save, german, license_number):
    professional("Otro", license_number="TP-11-044609")
    with pytest.raises(InvalidForm) as caught:
        save(german, licencia=license_number)
    assert list(caught.value.fields) == ["licencia"]


def test_old_version_unknown_one_and_others_are_refused(save, do, german):
    save(german, direccion="Otra calle")
    with pytest.raises(OutdatedForm):
        save(german, version=1, direccion="Una más")
    for who, professional_id in ((agent(), german.id), (None, 99999)):
        for action, command in (
            (actions.save_professional, actions.SaveProfessional(professional_id, 1, {})),
            (actions.set_professional_day, set_day(professional_id)),
            (actions.delete_professional_day, delete_day(professional_id)),
        ):
            with pytest.raises(NotFound):
                do(action, command, who)
