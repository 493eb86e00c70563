"""The supervisors' page of e-mails that were given up."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.models.account_emails import (
    ADDRESS_CHANGED,
    NEW_ADDRESS,
    NEW_DEVICE,
    PASSWORD_CHANGED,
    RECOVERY,
    REGISTRATION,
    AccountEmail,
)
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
async def test_email_about_an_account_is_shown_until_it_expires(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    now = datetime.now(UTC)
    titles = {
        kind: f"<b>{title}</b>"
        for kind, title in {
            RECOVERY: "Enlace para una contraseña nueva",
            REGISTRATION: "Enlace para confirmar un registro",
            NEW_ADDRESS: "Enlace para confirmar un correo nuevo",
            PASSWORD_CHANGED: "Aviso de una contraseña que cambió",
            ADDRESS_CHANGED: "Aviso de un correo que cambió",
            NEW_DEVICE: "Aviso de un ingreso en otro dispositivo",
        }.items()
    }
    row = {"email": "nadie@x.co", "created_at": now, "tries": REFUSED_TRIES}
    late = AccountEmail.create(kind=RECOVERY, expires_at=now - timedelta(seconds=1), **row)
    emails = {kind: AccountEmail.create(kind=kind, expires_at=now + timedelta(hours=1), **row) for kind in titles}
    shown = (await browser.get(PAGE)).text
    assert [kind for kind, title in titles.items() if title not in shown] == []
    assert [kind for kind, one in emails.items() if f'data-email="cuenta-{one.id}"' not in shown] == []
    assert (f'data-email="cuenta-{late.id}"' in shown, "nadie@x.co" in shown) == (False, False)
    email = emails[RECOVERY]
    assert (await browser.post(f"{PAGE}/cuenta/{email.id}/reintentar")).status == 303
    assert AccountEmail.get_by_id(email.id).tries == 0
    assert (await browser.post(f"{PAGE}/cuenta/{late.id}/reintentar")).status == 404


@pytest.mark.gen_test
async def test_page_is_for_supervisors_only(server):
    browser = CookieClient(server.port)
    await browser.sign_in(agent(), PASSWORD)
    assert (await browser.get(PAGE)).status == 403
    assert (await browser.post(f"{PAGE}/cita/1/reintentar")).status == 403
