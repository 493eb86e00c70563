"""The benchmarks' clients know what the bot asks: a benchmark that stops at a question measures nothing."""

import pytest

from beneficiate.models.appointments import Appointment
from tests.benchmarks.booking import BookingClient
from tests.factories import add_hours_soon, member_with_plan, professional


@pytest.mark.parametrize("has_professional", [False, True])
@pytest.mark.gen_test
async def test_client_books_one_appointment_after_the_other(new_process, has_professional):
    who = member_with_plan()
    client = BookingClient(who, add_hours_soon(professional(hours=()), days=50) if has_professional else None)
    await client.connect((await new_process().start()).port)
    for _ in range(2):
        await client.book()
    assert Appointment.select().where(Appointment.user == who.id).count() == 2
    client.cut()
