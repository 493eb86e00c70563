"""E-mails about plans and accounts: what each kind names in its text part and its HTML part."""

import re
from dataclasses import replace
from html import unescape

import pytest

from beneficiate.actions.account_emails import PendingAccountEmail
from beneficiate.actions.invitations import PendingInvitation
from beneficiate.actions.notice_emails import PendingNoticeEmail
from beneficiate.actions.plans import PendingPlanEmail
from beneficiate.domain.notices import (
    CHAT,
    OFFER,
    PAYMENT_DECLINED,
    PAYMENT_IN_REVIEW,
    PAYMENT_REFUNDED,
    PAYMENT_VOIDED,
)
from beneficiate.handlers import templating
from beneficiate.handlers.emails import (
    ACCOUNT_EMAILS,
    PLAN_SUBJECTS,
    compose_account_email,
    compose_invitation,
    compose_notice_email,
    compose_plan_email,
)
from beneficiate.models.account_emails import FACTOR_NOTICES
from beneficiate.settings import Settings
from tests.domain.booking.moments import at
from tests.factories import SECRET
from tests.node import ROOT

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
        text = unescape(message.get_body((part,)).get_content())
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


def compose_notice(templates, kind, asked_at):
    pending = PendingAccountEmail(1, "AccountEmail.1", kind, "yuliana@x.co", "Yuliana", "", asked_at, MIDNIGHT)
    return compose_account_email(templates, SETTINGS, pending)


@pytest.mark.parametrize("kind", FACTOR_NOTICES)
def test_every_letter_about_a_second_factor_says_when_it_was_and_what_to_do(templates, kind):
    email = compose_notice(templates, kind, at("2026-09-04 09:40"))
    assert email["Subject"] == ACCOUNT_EMAILS[kind][0]
    for part in ("plain", "html"):
        text = " ".join(unescape(email.get_body((part,)).get_content()).split())
        assert "4 de septiembre de 2026 a las 9:40 a. m." in text.replace("\u00a0", " ")
        assert "https://x.co/mi/segundo-paso" in text
        assert "Avísele ya a su supervisor" in text


def test_letters_about_second_factors_say_different_things(templates):
    texts = set()
    for kind in FACTOR_NOTICES:
        texts.add(compose_notice(templates, kind, MIDNIGHT).get_body(("plain",)).get_content())
    assert len(texts) == len(FACTOR_NOTICES)


@pytest.mark.parametrize("kind", ACCOUNT_EMAILS)
def test_every_account_email_says_what_happened_and_leads_on(templates, kind):
    subject, path = ACCOUNT_EMAILS[kind]
    token = "t" * 43 if path.endswith("/") else ""
    pending = PendingAccountEmail(1, "AccountEmail.1", kind, "ana@x.co", "Ana", token, MIDNIGHT, MIDNIGHT)
    message = compose_account_email(templates, SETTINGS, pending)
    assert (message["Subject"], message["To"].addresses[0].addr_spec) == (subject, "ana@x.co")
    for part in ("plain", "html"):
        text = message.get_body((part,)).get_content()
        assert f"https://x.co{path}{token}" in text
        assert "Hola, Ana" in text
        assert "4 de septiembre" in text or "5 de septiembre" in text


@pytest.mark.parametrize("kind", ACCOUNT_EMAILS)
def test_addresses_in_the_text_part_of_an_account_email_end_where_they_end(templates, kind):
    text = compose_notice(templates, kind, MIDNIGHT).get_body(("plain",)).get_content()
    addresses = re.findall(r"https://\S+", text)
    assert addresses
    # Programs that make links of addresses take what follows without a space.
    assert [one for one in addresses if not re.fullmatch(r"https://[\w./#-]*[\w/]", one)] == []


def test_nothing_but_a_path_follows_an_address_in_any_letter():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "templates" / "emails").iterdir()]
    found = [rest for text in texts for rest in re.findall(r"\{\{ (?:own_|unsubscribe_)?url \}\}(\S*)", text)]
    assert len(found) > 10
    # In HTML the end of the attribute or of the paragraph follows.
    assert [rest for rest in found if not re.fullmatch(r"(?:/\w+)*(?:#\w+)?(?:[\"<].*)?", rest)] == []


def compose_every_kind(templates):
    """One e-mail of each kind that has a template of its own."""
    notice = PendingNoticeEmail(1, "NoticeEmail.1", CHAT, 12, "ana@x.co", "Ana", 3, MIDNIGHT)
    invitation = PendingInvitation(1, "StaffInvitation.1", "ana@x.co", "Ana", "t" * 43, MIDNIGHT)
    return [
        compose(templates, "receipt"),
        compose_notice(templates, FACTOR_NOTICES[0], MIDNIGHT),
        compose_notice_email(templates, SETTINGS, notice),
        compose_notice_email(templates, SETTINGS, replace(notice, kind=OFFER)),
        compose_notice_email(templates, SETTINGS, replace(notice, kind=PAYMENT_DECLINED)),
        compose_invitation(templates, SETTINGS, invitation),
    ]


def test_every_email_has_its_styles_where_gmail_and_outlook_read_them(templates):
    for message in compose_every_kind(templates):
        html = message.get_body(("html",)).get_content()
        rules = "".join(re.findall("<style>(.*?)</style>", html, re.DOTALL))
        # What is left in the style sheet is for telephones and dark mode alone.
        assert "prefers-color-scheme: dark" in rules.replace("scheme:dark", "scheme: dark")
        assert re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", rules).strip() == ""
        assert re.search(r'<td[^>]*bgcolor="#0f766e"[^>]*style="[^"]*background-color: ?#0f766e', html)
        assert re.search(r'<h1 style="[^"]*font-size: ?24px', html)
        assert "http-equiv" not in html
        assert message.get_body(("plain",)).get_content().strip()


def test_only_what_one_can_do_without_has_a_link_to_end_it(templates):
    ends = [
        ("List-Unsubscribe" in message, "/baja/" in message.get_body(("html",)).get_content())
        for message in compose_every_kind(templates)
    ]
    assert ends == [(False, False), (False, False), (True, True), (True, True), (False, False), (False, False)]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (PAYMENT_DECLINED, "El banco no aprobó"),
        (PAYMENT_IN_REVIEW, "No pague otra vez"),
        (PAYMENT_VOIDED, "Se anuló un pago"),
        (PAYMENT_REFUNDED, "Su plan sigue igual"),
    ],
)
def test_email_of_a_payment_says_what_became_of_it_and_has_no_link_to_end_it(templates, kind, said):
    pending = PendingNoticeEmail(1, "NoticeEmail.1", kind, 12, "ana@x.co", "Ana", 0, MIDNIGHT)
    message = compose_notice_email(templates, SETTINGS, pending)
    for part in ("plain", "html"):
        text = message.get_body((part,)).get_content()
        assert said in text.replace("\n", " ")
        assert f"{SETTINGS.own_url}/pagos" in text
        assert "No recibir" not in text
        assert "mensajes" not in text


@pytest.mark.parametrize(("count", "said"), [(1, "Tiene 1 mensaje sin leer"), (3, "Tiene 3 mensajes sin leer")])
def test_email_of_a_chat_says_how_many_messages_there_are(templates, count, said):
    pending = PendingNoticeEmail(1, "NoticeEmail.1", CHAT, 12, "ana@x.co", "Ana", count, MIDNIGHT)
    message = compose_notice_email(templates, SETTINGS, pending)
    assert all(said in message.get_body((part,)).get_content() for part in ("plain", "html"))
