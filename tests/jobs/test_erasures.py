"""The jobs of erasures: due ones are carried out, the certificate is the last e-mail, late payment details go too."""

from datetime import UTC, datetime

import pytest

from beneficiate.jobs.emails import send_due_account_emails, send_due_appointment_emails, send_due_certificates
from beneficiate.jobs.erasures import carry_out_erasures, tidy_erasures
from beneficiate.models.appointments import Appointment
from beneficiate.models.erasures import ERASED, ERASING, Erasure, ErasureEmail
from beneficiate.models.payments import WompiEvent
from tests.erasure_steps import ask_to_be_erased, settle_payment
from tests.factories import PASSWORD_HASH, add_hours_soon, agent, member, member_with_plan, professional
from tests.http_client import call_api
from tests.jobs.due_steps import create_appointment
from tests.jobs.test_emails import outbox


@pytest.mark.gen_test
async def test_person_gets_the_date_then_what_was_cancelled_then_the_certificate(server, context, tmp_path):
    ana = member_with_plan("Ana", password_hash=PASSWORD_HASH)
    booked = await create_appointment(server, ana, agent(), add_hours_soon(professional(hours=())))
    await send_due_appointment_emails(context)
    erasure = ask_to_be_erased(ana)
    await send_due_account_emails(context)
    await carry_out_erasures(context)
    assert (Erasure.get().state, Appointment.get_by_id(booked["id"]).status) == (ERASING, "CANCELLED")
    await send_due_appointment_emails(context)
    await carry_out_erasures(context)
    assert Erasure.get().state == ERASED
    for _ in range(2):
        await send_due_certificates(context)
    _, asked, cancelled, certificate = outbox(tmp_path)
    assert {one["To"].addresses[0].addr_spec for one in (asked, cancelled, certificate)} == {ana.user.email}
    assert asked["Subject"] == "Pidió borrar su cuenta"
    text = " ".join(asked.get_body(("plain",)).get_content().split())
    assert "Quiero conservarla" in text
    assert "/mi/datos/borrar" in text
    assert certificate["Subject"] == "Su cuenta quedó borrada"
    for part in ("plain", "html"):
        text = " ".join(certificate.get_body((part,)).get_content().split())
        for said in (erasure.code, "1 cuenta", "1 cita", f"/constancia/{erasure.code}", "crear otra cuenta"):
            assert said in text
        assert not [word for word in ("Ana", ana.user.last_name, ana.user.document_number) if word in text]
    assert not ErasureEmail.select().exists()


@pytest.mark.gen_test
async def test_signs_of_the_person_end_at_once(server, context):
    ana = member("Ana", password_hash=PASSWORD_HASH)
    assert (await call_api(server.port, "auth/me", ana)).status == 200
    ask_to_be_erased(ana)
    await carry_out_erasures(context)
    assert (await call_api(server.port, "auth/me", ana)).status == 401


@pytest.mark.gen_test
async def test_event_that_comes_after_the_erasure_says_nothing_soon(context):
    ana = member("Ana", password_hash=PASSWORD_HASH)
    payment_id = settle_payment(ana, datetime.now(UTC))
    ask_to_be_erased(ana)
    await carry_out_erasures(context)
    event = {"name": "n", "state": "DONE", "body": '{"a": 1}', "received_at": datetime.now(UTC)}
    WompiEvent.create(dedupe_key="a", payment=payment_id, **event)
    await tidy_erasures(context)
    assert WompiEvent.get().body == "{}"
