"""What a supervisor sees of an e-mail that was given up."""

import pytest

from beneficiate.actions.account_emails import NO_ACCOUNT, TAKEN
from beneficiate.handlers.emails import ACCOUNT_EMAILS
from beneficiate.views.undelivered_emails import describe_email
from tests.actions.payment_steps import NOW


@pytest.mark.parametrize(
    ("kind", "content", "title"),
    [
        ("cita", "change", "Cambio de una cita"),
        ("cita", "reminder-24", "Recordatorio de una cita"),
        ("plan", "receipt", "Recibo de un pago"),
        ("plan", "ending-7", "Aviso del fin de un plan"),
    ],
)
def test_title_says_what_it_is_about_and_the_address_is_masked(kind, content, title):
    shown = describe_email(kind, 1, content, "catalina@pruebas.co", NOW, is_refused=True)
    assert (shown.title, shown.email) == (title, "ca••••@pruebas.co")


@pytest.mark.parametrize("kind", sorted(set(ACCOUNT_EMAILS) - {NO_ACCOUNT, TAKEN}))
def test_every_kind_of_account_email_has_a_title(kind):
    """The two that are left out are decided when an e-mail is sent: no row has them."""
    assert describe_email("cuenta", 1, kind, "catalina@pruebas.co", NOW, is_refused=False).title
