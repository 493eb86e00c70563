"""E-mails about plans: what each kind names in its text part and its HTML part."""

import pytest

from beneficiate.actions.plans import PendingPlanEmail
from beneficiate.handlers import templating
from beneficiate.handlers.emails import PLAN_SUBJECTS, compose_plan_email
from beneficiate.settings import Settings
from tests.domain.booking.moments import at
from tests.factories import SECRET

SETTINGS = Settings(secret=SECRET, public_url="https://x.co/")
MIDNIGHT = at("2026-09-05 00:00")
PAYMENT_ID = "6f1c0c5e-7d0e-4f57-9a4b-0c3f2f6f9a11"


@pytest.fixture(scope="module")
def templates():
    return templating.create_environment()


def compose(templates, kind, **changes):
    is_receipt = kind == "receipt"
    given = {
        "email_id": 1,
        "key": "PlanEmail.1",
        "kind": kind,
        "email": "ana@x.co",
        "name": "Ana",
        "plan": "Plan Familiar",
        "ends_at": MIDNIGHT,
        "payment_id": PAYMENT_ID if is_receipt else None,
        "reference": "BNF-6F1C0C5E" if is_receipt else "",
        "amount": 480_000 if is_receipt else None,
    }
    return compose_plan_email(templates, SETTINGS, PendingPlanEmail(**{**given, **changes}))


@pytest.mark.parametrize("kind", PLAN_SUBJECTS)
def test_every_plan_email_names_plan_and_last_day(templates, kind):
    message = compose(templates, kind)
    assert message["Subject"] == PLAN_SUBJECTS[kind]
    assert message["To"].addresses[0].addr_spec == "ana@x.co"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    page = f"https://x.co/pagos/{PAYMENT_ID}" if kind == "receipt" else "https://x.co/planes"
    for part in ("plain", "html"):
        text = message.get_body((part,)).get_content()
        for expected in ("Ana", "Plan Familiar", "4 de septiembre de 2026", PLAN_SUBJECTS[kind], page, "123"):
            assert expected in text, (part, expected)
        assert ("$\u00a0480.000" in text) is (kind == "receipt")
        assert ("BNF-6F1C0C5E" in text) is (kind == "receipt")
        assert ("No se renueva solo" in text) is kind.startswith("ending")


def test_email_about_ended_plan_uses_past_tense(templates):
    texts = {kind: compose(templates, kind).get_body(("plain",)).get_content() for kind in PLAN_SUBJECTS}
    assert {kind for kind, text in texts.items() if "Fue hasta el" in text} == {"ended"}


def test_what_somebody_is_called_is_text_in_a_compose(templates):
    message = compose(templates, "receipt", name="<b>Ana</b>", plan="A & B")
    html = message.get_body(("html",)).get_content()
    assert "<b>Ana" not in html
    assert "A &amp; B" in html
    assert "A & B" in message.get_body(("plain",)).get_content()


def test_unknown_kind_raises_key_error(templates):
    with pytest.raises(KeyError):
        compose(templates, "ending-90")
