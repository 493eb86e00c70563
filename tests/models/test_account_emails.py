"""A registration goes with its e-mails, and takes nothing that others may need."""

from datetime import UTC, date, datetime, timedelta

from beneficiate.models.account_emails import REGISTRATION, AccountEmail, Registration

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def registration(**columns):
    return Registration.create(
        **{
            "email": "iris@x.co",
            "password_hash": "!",
            "first_name": "Iris",
            "last_name": "Uribe",
            "document_type": "CC",
            "document_number": "52777888",
            "phone": "+573104428016",
            "birth_date": date(1984, 3, 14),
            "consent_version": "1",
            "address": "203.0.113.7",
            "secret_hash": "",
            "created_at": NOW,
            **columns,
        }
    )


def test_two_may_register_with_one_address_and_document(db):
    assert registration().id != registration().id


def test_emails_of_a_registration_go_with_it(db):
    row, expires_at = registration(), NOW + timedelta(days=1)
    AccountEmail.create(kind=REGISTRATION, email="iris@x.co", registration=row, expires_at=expires_at, created_at=NOW)
    Registration.delete().where(Registration.id == row.id).execute()
    assert AccountEmail.select().count() == 0
