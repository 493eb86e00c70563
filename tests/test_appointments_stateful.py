"""Appointments against a simple model: in whatever order of commands, nobody is in two places."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from beneficiate.actions.appointment_requests import RequestAppointment, request_appointment
from beneficiate.actions.appointments import ChangeAppointment, change_appointment
from beneficiate.domain.booking.lifecycle import (
    APPOINTMENT_TRANSITIONS,
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    NO_SHOW,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
)
from beneficiate.domain.booking.ticks import appointment_ticks
from beneficiate.errors import IllegalTransition, Invalid, Problem, SlotTaken
from beneficiate.models.appointments import Appointment, AppointmentChange, Tick
from beneficiate.models.base import database
from beneficiate.models.professionals import Professional
from beneficiate.protocol.booking import AppointmentPayload
from beneficiate.unit_of_work import UnitOfWork
from tests.domain.booking.moments import at
from tests.factories import agent, beneficiary, member_with_plan, professional, specialty, township
from tests.unit_of_work import UNLIMITED, call


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


EXAMPLES = {"sqlite": 20, "postgresql": 4}
STEPS = 30
NOW, OPENS, CLOSES = at("2026-11-23 08:00"), at("2026-11-25 08:00"), at("2026-11-25 12:00")
AFTER = at("2026-11-25 18:00")
FREED = (CANCELLED, EXPIRED)
TIMED = (TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED)


@dataclass(frozen=True)
class BookedAppointment:
    """The expected state of an appointment."""

    patient: str
    status: str
    whom: int | None = None
    starts_at: datetime | None = None
    version: int = 0

    @property
    def is_there(self) -> bool:
        return self.starts_at is not None and self.status not in FREED


class Appointments(RuleBasedStateMachine):
    """Two members, a child, an agent and two professionals, one with a buffer; all want the same morning."""

    appointments = Bundle("appointments")
    starts = st.integers(-1, 48).map(lambda tick: OPENS + tick * timedelta(minutes=5))
    whom = st.integers(0, 1)

    @initialize()
    def people(self):
        self.stack = ExitStack()
        self.unit = self.stack.enter_context(database.obj.atomic())
        ana, beto, self.agent = member_with_plan(), member_with_plan("Beto"), agent()
        self.owners = {f"u:{ana.id}": ana, f"b:{beneficiary(ana).id}": ana, f"u:{beto.id}": beto}
        self.whoms: list[Professional] = [
            professional(confirms_itself=True),
            professional("Laura", duration_minutes=40, buffer_minutes=10),
        ]
        self.model: dict[int, BookedAppointment] = {}

    @rule(
        target=appointments, patient=st.integers(0, 2), by_staff=st.booleans(), whom=whom, starts_at=st.none() | starts
    )
    def ask(self, patient, by_staff, whom, starts_at):
        key = list(self.owners)[patient]
        owner = self.owners[key]
        command = RequestAppointment(
            user_id=owner.id,
            patient_key=key,
            specialty_id=specialty().id,
            township_id=township().id,
            first_time=True,
            notes="Dolor de rodilla",
            professional_id=None if starts_at is None else self.whoms[whom].id,
            starts_at=starts_at,
        )
        result = self._do(request_appointment, command, self.agent if by_staff else owner)
        if starts_at is not None and not self._fits(key, whom, starts_at, by_staff):
            assert isinstance(result, SlotTaken)
            return multiple()
        first = CONFIRMED if by_staff or self.whoms[whom].confirms_itself else TO_BE_CONFIRMED
        status = PENDING if starts_at is None else first
        self.model[result.id] = BookedAppointment(key, status, None if starts_at is None else whom, starts_at)
        return result.id

    @rule(
        appointment=appointments,
        status=st.sampled_from(list(APPOINTMENT_TRANSITIONS)),
        by_staff=st.booleans(),
        whom=whom,
        starts_at=starts,
    )
    def step(self, appointment, status, by_staff, whom, starts_at):
        before = self.model[appointment]
        by = self.agent if by_staff else self.owners[before.patient]
        gives_time = status == RESCHEDULED or (status in TIMED and before.starts_at is None)
        more = {"professional_id": self.whoms[whom].id, "starts_at": starts_at} if gives_time else {}
        now = AFTER if status in (ATTENDED, NO_SHOW) else NOW
        result = self._do(change_appointment, ChangeAppointment(appointment, status, "Un motivo", **more), by, now)
        is_legal = status in APPOINTMENT_TRANSITIONS[before.status] and (by_staff or status in (CANCELLED, RESCHEDULED))
        if not is_legal:
            assert isinstance(result, IllegalTransition)
        elif gives_time and not self._fits(before.patient, whom, starts_at, by_staff, but=appointment):
            assert isinstance(result, SlotTaken)
        else:
            assert isinstance(result, AppointmentPayload)
            # What a member moves is confirmed as a new booking is.
            if status == RESCHEDULED and not by_staff:
                confirmed = CONFIRMED if before.status == TO_BE_CONFIRMED else RESCHEDULED
                status = confirmed if self.whoms[whom].confirms_itself else TO_BE_CONFIRMED
            after = replace(before, status=status, version=before.version + 1)
            self.model[appointment] = replace(after, whom=whom, starts_at=starts_at) if gives_time else after

    @rule(appointment=appointments)
    def move_without_a_time(self, appointment):
        result = self._do(change_appointment, ChangeAppointment(appointment, RESCHEDULED), self.agent)
        assert isinstance(result, (Invalid, IllegalTransition))

    @invariant()
    def rows_are_what_they_should_be(self):
        if not hasattr(self, "model"):
            return
        for row in Appointment.select():
            appointment = self.model[row.id]
            assert (row.status, row.version, row.starts_at) == (
                appointment.status,
                appointment.version,
                appointment.starts_at,
            )
            steps = AppointmentChange.select().where(AppointmentChange.appointment == row.id)
            chain = [(one.from_status, one.to_status) for one in steps.order_by(AppointmentChange.id)]
            assert len(chain) == row.version + 1
            self_moved = {(before, TO_BE_CONFIRMED) for before in (CONFIRMED, RESCHEDULED)}
            assert all(one in self_moved or one[1] in APPOINTMENT_TRANSITIONS[one[0]] for one in chain[1:])
            assert [one[1] for one in chain[:-1]] == [one[0] for one in chain[1:]]
        assert Appointment.select().count() == len(self.model)

    @invariant()
    def ticks_are_those_of_the_appointments(self):
        if not hasattr(self, "model"):
            return
        expected = {
            key for appointment in self.model.values() if appointment.is_there for key in self._ticks(appointment)
        }
        assert {(row.resource, row.tick) for row in Tick.select(Tick.resource, Tick.tick)} == expected

    @invariant()
    def nobody_is_in_two_places(self):
        if not hasattr(self, "model"):
            return
        rows = Appointment.select().where(Appointment.starts_at.is_null(False), Appointment.status.not_in(FREED))
        for one, other in combinations(rows, 2):
            if one.professional_id == other.professional_id or (one.user_id, one.beneficiary_id) == (
                other.user_id,
                other.beneficiary_id,
            ):
                first, second = sorted((one, other), key=lambda row: row.starts_at)
                assert first.starts_at + timedelta(minutes=first.duration_minutes) <= second.starts_at

    def teardown(self):
        if hasattr(self, "stack"):
            self.unit.rollback()
            self.stack.close()

    def _fits(self, patient, whom, starts_at, by_staff, but=0):
        """Return whether both are free: by hours, for members by the grid, and by other appointments."""
        length = timedelta(minutes=self.whoms[whom].duration_minutes)
        pause = timedelta(minutes=self.whoms[whom].buffer_minutes)
        if not OPENS <= starts_at <= CLOSES - length:
            return False
        if not by_staff and (starts_at - OPENS) % (length + pause):
            return False
        for id_, appointment in self.model.items():
            if id_ == but or not appointment.is_there:
                continue
            its_length = timedelta(minutes=self.whoms[appointment.whom].duration_minutes)
            apart = starts_at >= appointment.starts_at + its_length, appointment.starts_at >= starts_at + length
            if appointment.patient == patient and not any(apart):
                return False
            if appointment.whom == whom and abs(appointment.starts_at - starts_at) < length + pause:
                return False
        return True

    def _ticks(self, appointment):
        whom = self.whoms[appointment.whom]
        yield from (
            (f"p:{whom.id}", one)
            for one in appointment_ticks(appointment.starts_at, whom.duration_minutes + whom.buffer_minutes)
        )
        yield from (
            (appointment.patient, one) for one in appointment_ticks(appointment.starts_at, whom.duration_minutes)
        )

    def _do(self, action, command, who, now=NOW):
        """Return the result or the Problem; what a Problem left behind would be seen by the invariants."""
        try:
            with database.obj.atomic():
                return call(action, UnitOfWork(who.actor, now, UNLIMITED), command)
        except Problem as problem:
            return problem


def test_appointments_keep_their_invariants(db, backend):
    run_state_machine_as_test(
        Appointments,
        settings=settings(
            max_examples=EXAMPLES[backend],
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
