"""Appointments whose professional sees patients at another place from now on."""

from collections.abc import Iterable

from beneficiate.actions.appointments import emit_appointment_payload
from beneficiate.actions.reminders import PLACE_EMAIL, schedule_notifications
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import lock_rows
from beneficiate.models.professionals import VIRTUAL, Professional
from beneficiate.protocol.booking import AppointmentChanged
from beneficiate.queries.appointments import serialize_appointments
from beneficiate.unit_of_work import UnitOfWork


def announce_new_place(uow: UnitOfWork, professional: Professional, appointment_ids: Iterable[int]) -> None:
    """Tell the members of these appointments where they are now: by e-mail, with the calendar entry, and at once.

    On site the city becomes that of the professional; by video it stays that of the patient. A handful of statements
    for all of them: the writer and their rows are held for a moment, however many there are.
    """
    ids = list(appointment_ids)
    is_of_these = Appointment.id.in_(ids)
    list(lock_rows(Appointment.select(Appointment.id).where(is_of_these).order_by(Appointment.id)).tuples())
    city = {} if professional.mode == VIRTUAL else {"township": professional.township_id}
    Appointment.update(version=Appointment.version + 1, updated_at=uow.now, **city).where(is_of_these).execute()
    schedule_notifications(uow, Appointment.select().where(is_of_these).order_by(Appointment.id), PLACE_EMAIL)
    for payload in serialize_appointments(ids):
        emit_appointment_payload(uow, payload, AppointmentChanged)
