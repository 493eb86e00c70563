"""The supervisors' page of e-mails that were given up."""

from datetime import UTC, datetime

import pytest

from beneficiate.models.appointments import Appointment, AppointmentEmail
from beneficiate.queries.undelivered_emails import REFUSED_TRIES
from tests.actions.appointment_steps import NOW
from tests.factories import PASSWORD, agent, member_with_plan, specialty, supervisor, township
from tests.http_client import CookieClient

PAGE = "/supervisor/correos"


def give_up_email(who):
    row = {"ticket_number": "APT-1", "specialty": specialty(), "township": township(), "status": "PENDING"}
    times = {"created_at": NOW, "updated_at": NOW}
    appointment = Appointment.create(user=who.id, first_time=True, notes="", **row, **times)
    return AppointmentEmail.create(
        appointment=appointment, kind="change", version=0, created_at=datetime.now(UTC), tries=REFUSED_TRIES
    )


@pytest.mark.gen_test
async def test_supervisor_sees_what_was_given_up_and_lets_it_be_sent_again(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    assert 'id="undelivered-none"' in (await browser.get(PAGE)).text
    ana = member_with_plan()
    email = give_up_email(ana)
    shown = await browser.get(PAGE)
    assert f'data-email="cita-{email.id}"' in shown.text
    assert ana.user.email not in shown.text
    retry = f"{PAGE}/cita/{email.id}/reintentar"
    done = await browser.post(retry)
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=reintentar")
    assert AppointmentEmail.get_by_id(email.id).tries < REFUSED_TRIES
    assert (await browser.post(retry)).status == 404
    assert (await browser.get(f"{PAGE}?antes=nada")).status == 422


@pytest.mark.gen_test
async def test_page_is_for_supervisors_only(server):
    browser = CookieClient(server.port)
    await browser.sign_in(agent(), PASSWORD)
    assert (await browser.get(PAGE)).status == 403
    assert (await browser.post(f"{PAGE}/cita/1/reintentar")).status == 403
