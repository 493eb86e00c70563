"""The pages on which a member moves or cancels an appointment, rendered in each of their states."""

from datetime import date

import pytest

from beneficiate.errors import SlotTaken
from beneficiate.protocol.booking import AppointmentPayload, PatientName
from beneficiate.views.appointment_pages import DayOption, ProfessionalDay
from beneficiate.views.appointments import OwnAppointmentView
from beneficiate.views.own_appointments import AppointmentMove, CancelAppointment, MoveAppointment
from beneficiate.views.site import SiteFrame
from tests.domain.booking.moments import at
from tests.views.rendering import render

FRAME = SiteFrame(None, None, is_test=False)
DAY, LAST_DAY = date(2026, 11, 26), date(2026, 11, 29)
PROFESSIONAL = ProfessionalDay(12, "Germán <Cifuentes>", "Calle 116", False, False, False, [at("2026-11-26 08:00")])


def own(can_move=True, can_cancel=True):
    payload = AppointmentPayload(
        id=81,
        ticket_number="APT-7K2QX-0481",
        status="CONFIRMED",
        user_id=31,
        beneficiary_id=None,
        patient=PatientName(first_name="Ana", last_name="Guzmán"),
        specialty_id=3,
        specialty_name="Cardiología",
        professional_id=12,
        professional_name="Germán Cifuentes",
        city_id=149,
        city_name="Bogotá, D.C.",
        place="Bogotá, D.C.",
        location="Calle 116",
        starts_at=at("2026-11-25 08:00"),
        duration_minutes=30,
        first_time=True,
        control=False,
        notes="",
        cancellation_reason="",
        version=2,
        created_at=at("2026-11-20 08:00"),
    )
    return OwnAppointmentView(payload, can_move, can_cancel)


def move_page(problem=None, **changes):
    given = {
        "appointment": own(),
        "day": DAY,
        "days": [DayOption(DAY, 1)],
        "before": None,
        "after": None,
        "professionals": [PROFESSIONAL],
        "plan_end_day": None,
        "has_times_after_plan": False,
        "change_hours": 4,
    }
    return render(MoveAppointment(FRAME, AppointmentMove(**{**given, **changes}), problem))


def test_times_can_be_chosen_and_the_form_says_which_version_it_shows():
    html = move_page(before=date(2026, 11, 25), after=date(2026, 11, 30))
    assert 'value="12@2026-11-26T13:00:00.000Z"' in html
    assert 'name="version" value="2"' in html
    assert "Germán &lt;Cifuentes&gt;" in html
    assert 'href="/mi/citas/81/mover?dia=2026-11-26" aria-current="date"' in html
    assert 'id="move-before" href="/mi/citas/81/mover?dia=2026-11-25"' in html
    assert 'id="move-after" href="/mi/citas/81/mover?dia=2026-11-30"' in html
    assert "move-plan" not in html


@pytest.mark.parametrize(
    ("changes", "part", "said"),
    [
        ({"appointment": own(can_move=False), "days": []}, "move-closed", "hasta 4 horas antes"),
        ({"appointment": own(can_move=False), "days": [], "change_hours": 1}, "move-closed", "hasta 1 hora antes"),
        ({"days": [], "day": None}, "move-none", "escríbanos por el chat"),
        (
            {"days": [], "day": None, "plan_end_day": LAST_DAY, "has_times_after_plan": True},
            "move-none",
            "después del 29 de noviembre de 2026, cuando termina su plan",
        ),
        ({"days": [], "day": None, "has_times_after_plan": True}, "move-none", "necesita un plan vigente"),
        ({"plan_end_day": LAST_DAY}, "move-plan", "Su plan termina el 29 de noviembre de 2026"),
    ],
)
def test_every_other_state_says_why(changes, part, said):
    html = move_page(**changes)
    assert f'id="{part}"' in html
    assert said in html
    assert ('href="/planes">' in html.partition("<h1")[2]) is ("plan" in said)


def test_refusal_is_said_above_the_times():
    html = move_page(SlotTaken())
    assert 'id="move-problem" role="alert" data-code="slot_taken"' in html
    assert SlotTaken.sentence in html


def test_cancel_page_keeps_what_was_typed_or_says_that_it_is_too_late():
    html = render(CancelAppointment(FRAME, own(), None, "<b>Viajo"))
    assert "&lt;b&gt;Viajo</textarea>" in html
    closed = render(CancelAppointment(FRAME, own(can_cancel=False), None, ""))
    assert ('id="cancel-closed"' in closed, 'id="cancel-form"' in closed) == (True, False)
