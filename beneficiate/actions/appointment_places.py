"""Appointments whose professional sees patients at another place from now on."""

from collections.abc import Iterable

from beneficiate.actions.appointments import emit_appointment_event
from beneficiate.actions.reminders import PLACE_EMAIL, schedule_notifications
from beneficiate.domain.booking.lifecycle import SCHEDULED_STATUSES
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import lock_rows
from beneficiate.models.professionals import VIRTUAL, Professional
from beneficiate.protocol.booking import AppointmentChanged
from beneficiate.unit_of_work import UnitOfWork


def announce_new_place(uow: UnitOfWork, professional: Professional, appointment_ids: Iterable[int]) -> None:
    """Tell the members of these appointments where they are now: by e-mail, with the calendar entry, and at once.

    On site the city becomes that of the professional; by video it stays that of the patient.
    """
    query = Appointment.select().where(Appointment.id.in_(list(appointment_ids))).order_by(Appointment.id)
    for appointment in lock_rows(query):
        appointment.version += 1
        appointment.updated_at = uow.now
        if professional.mode != VIRTUAL:
            appointment.township = professional.township_id
        appointment.save()
        is_timed = appointment.status in SCHEDULED_STATUSES
        schedule_notifications(uow, appointment, is_timed=is_timed, kind=PLACE_EMAIL)
        emit_appointment_event(uow, appointment, AppointmentChanged)
