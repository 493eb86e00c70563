"""Who registers has no account until they confirm; nobody can take an address or a document before."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from beneficiate.actions import registrations as actions
from beneficiate.actions.account_emails import TAKEN
from beneficiate.domain.registrations import RegistrationFields
from beneficiate.errors import Conflict, NotFound, RateLimited
from beneficiate.limits import EMAILS_PER_ADDRESS
from beneficiate.models.account_emails import AccountEmail, Registration
from beneficiate.models.accounts import User
from beneficiate.models.consents import Consent
from beneficiate.queries.accounts import find_credentials
from beneficiate.queries.consents import CONSENT_TEXT_VERSION
from beneficiate.queries.registrations import load_registration_link, load_sent_confirmation
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.account_steps import send_all
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.factories import member, township

IRIS = RegistrationFields("CC", "52777888", "Iris", "Uribe", date(1984, 3, 14), "+573104428016", "iris@x.co")
HASH, OTHER_HASH = "$argon2id$iris", "$argon2id$other"


@pytest.fixture
def uow(db):
    return UnitOfWork(SYSTEM, NOW)


def command(**changes):
    given = {
        "fields": IRIS,
        "township_id": township().id,
        "password_hash": HASH,
        "consent_version": CONSENT_TEXT_VERSION,
        "has_health_consent": False,
        "secret": "own",
        "address": "203.0.113.7",
    }
    return actions.Register(**{**given, **changes})


def register(uow, **changes):
    actions.store_registration(uow, command(**changes))
    return send_all(uow.now)[-1].token


def test_link_makes_the_account_with_its_consents(uow):
    token = register(uow, has_health_consent=True)
    assert User.select().count() == 0
    later = UnitOfWork(SYSTEM, NOW + timedelta(hours=3))
    user = User.get_by_id(actions.confirm_registration(later, token).actor.user_id)
    assert (user.email, user.phone, user.birth_date) == ("iris@x.co", "+573104428016", date(1984, 3, 14))
    assert (user.township_id, user.password_hash) == (township().id, HASH)
    consents = Consent.select(Consent.kind, Consent.version, Consent.address, Consent.given_at).order_by(Consent.id)
    assert list(consents.tuples()) == [
        (kind, CONSENT_TEXT_VERSION, "203.0.113.7", NOW) for kind in ("personal_data", "health_data")
    ]
    with pytest.raises(NotFound):
        actions.confirm_registration(later, token)


def test_health_consent_is_optional(uow):
    actions.confirm_registration(uow, register(uow))
    assert [row.kind for row in Consent.select()] == ["personal_data"]


def test_of_two_who_register_with_one_address_who_confirms_has_it(uow):
    first = register(uow, password_hash=OTHER_HASH, secret="other")
    own = register(uow)
    user = User.get_by_id(actions.confirm_registration(uow, own).actor.user_id)
    assert user.password_hash == HASH
    with pytest.raises(Conflict):
        actions.confirm_registration(uow, first)
    assert load_registration_link(uow, first).state == "used"
    assert User.select().count() == 1


def test_browser_of_another_who_registered_with_the_address_is_not_told_of_the_account(uow):
    register(uow, password_hash=OTHER_HASH, secret="other")
    before = load_sent_confirmation(uow, "other")
    actions.confirm_registration(uow, register(uow))
    assert load_sent_confirmation(uow, "other") == before
    actions.resend_confirmation(uow, actions.ResendConfirmation("other", "203.0.113.7"))
    (sent,) = send_all(uow.now)
    assert (sent.kind, sent.email, sent.token) == (TAKEN, "iris@x.co", "")


@pytest.mark.parametrize("columns", [{"email": "iris@x.co"}, {"document_type": "CC", "document_number": "52777888"}])
def test_account_that_was_made_meanwhile_is_not_doubled(uow, columns):
    token = register(uow)
    member("Otra", **columns)
    with pytest.raises(Conflict):
        actions.confirm_registration(uow, token)
    assert User.select().count() == 1


def test_link_expires_after_a_day_and_another_can_be_asked_for(uow):
    token = register(uow)
    later = UnitOfWork(SYSTEM, NOW + timedelta(days=1))
    with pytest.raises(NotFound):
        actions.confirm_registration(later, token)
    actions.renew_confirmation(later, actions.RenewConfirmation(token, "203.0.113.7"))
    (sent,) = send_all(later.now)
    assert actions.confirm_registration(later, sent.token)


def test_emails_of_a_registration_are_limited(uow):
    register(uow)
    resend = actions.ResendConfirmation("own", "203.0.113.7")
    for _ in range(EMAILS_PER_ADDRESS - 1):
        actions.resend_confirmation(uow, resend)
    with pytest.raises(RateLimited):
        actions.resend_confirmation(uow, resend)
    assert AccountEmail.select().count() == EMAILS_PER_ADDRESS


@pytest.mark.parametrize(
    ("action", "wrong"),
    [
        (actions.resend_confirmation, actions.ResendConfirmation("other", "203.0.113.7")),
        (actions.resend_confirmation, actions.ResendConfirmation("", "203.0.113.7")),
        (actions.renew_confirmation, actions.RenewConfirmation("x" * 43, "203.0.113.7")),
        (actions.remind_to_confirm, actions.RemindToConfirm("nadie@x.co", "203.0.113.7")),
    ],
)
def test_nobody_sends_emails_of_a_registration_that_is_not_theirs(uow, action, wrong):
    register(uow)
    with pytest.raises(NotFound):
        action(uow, wrong)


def test_consent_is_to_the_text_that_was_read(uow):
    with pytest.raises(Conflict):
        actions.store_registration(uow, command(consent_version="0"))
    assert Registration.select().count() == 0


def test_who_has_not_confirmed_is_known_by_their_password_alone(uow):
    register(uow)
    account, waiting = find_credentials(uow, "iris@x.co")
    assert (account.user_id, account.is_active) == (0, False)
    assert (waiting.user_id, waiting.password_hash) == (0, HASH)
    register(uow, fields=replace(IRIS, document_number="52777889"), password_hash=OTHER_HASH)
    assert find_credentials(uow, "iris@x.co")[1].password_hash == OTHER_HASH
    iris = member("Iris", email="iris@x.co")
    assert [one.user_id for one in find_credentials(uow, "iris@x.co")] == [iris.id, 0]
