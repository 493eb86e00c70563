"""Commands about secrets and keys: rotation that may be stopped, and the reset of who has lost everything."""

import pytest

from beneficiate.encryption import SecretCipher
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database
from beneficiate.models.second_factors import SecondFactor
from beneficiate.queries.second_factors import secret_context
from beneficiate.settings import DEMO_ENCRYPTION_KEY, InvalidSettings, Settings
from tests.audit import reason_of
from tests.factor_steps import add_second_factor
from tests.factories import agent

NEW, LOST = "S3xk9Qw1ertyV7mLp0aZ5nB8cD2fGhJ4", "a key that nobody has any more, 32 bytes"


def stored(who):
    with database.obj.connection_context():
        return SecondFactor.get(SecondFactor.user == who.id).secret


def test_old_key_is_needed_until_the_rotation_has_run(run):
    yuliana = agent()
    secret = add_second_factor(yuliana).secret
    old = f"{NEW},{DEMO_ENCRYPTION_KEY}"
    output = run("rotate-secrets", code=1, BENEFICIATE_ENCRYPTION_KEYS=NEW)
    assert "0 secrets were encrypted" in output
    assert SecretCipher((DEMO_ENCRYPTION_KEY,)).prefix[:-1] in output
    assert "1 secrets were encrypted" in run("rotate-secrets", BENEFICIATE_ENCRYPTION_KEYS=old)
    assert "0 secrets were encrypted" in run("rotate-secrets", BENEFICIATE_ENCRYPTION_KEYS=NEW)
    assert SecretCipher((NEW,)).decrypt(stored(yuliana), secret_context(yuliana.id)) == secret


@pytest.mark.parametrize("cipher", [(LOST,), (DEMO_ENCRYPTION_KEY,)])
def test_lost_factor_is_reset_with_a_reason_whatever_its_key(run, cipher):
    yuliana = agent()
    add_second_factor(yuliana)
    encrypted = SecretCipher(cipher).encrypt("x", secret_context(yuliana.id))
    SecondFactor.update(secret=encrypted).execute()
    email = yuliana.user.email
    assert "at least 10" in run("reset-second-factor", email, "--reason", "no", code=1)
    reason = "Perdió el celular y los códigos."
    assert "No encontramos" in run("reset-second-factor", "nadie@x.co", "--reason", reason, code=1)
    assert "password alone" in run("reset-second-factor", email.upper().replace("@", "＠"), "--reason", f" {reason} ")
    assert "No hay" in run("reset-second-factor", email, "--reason", reason, code=1)
    with database.obj.connection_context():
        assert not SecondFactor.select().exists()
        assert AccountEmail.get().kind == "reset"
        entry = AuditEntry.get(AuditEntry.what == "factor.reset")
        assert (entry.actor_role, reason_of(entry), entry.person_id) == ("system", reason, yuliana.id)


def test_printed_push_keys_are_a_pair_that_the_settings_take(run):
    printed = dict(line.split("=", 1) for line in run("make-push-keys").split())
    settings = Settings.from_environment(printed)
    assert (settings.push_key, settings.push_public_key) == tuple(printed.values())
    with pytest.raises(InvalidSettings, match="BENEFICIATE_PUSH_KEY must be set too"):
        Settings.from_environment({**printed, "BENEFICIATE_PUSH_KEY": ""})
