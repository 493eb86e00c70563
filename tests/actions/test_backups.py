"""What a restored backup may not bring back."""

from datetime import timedelta

import pytest

from beneficiate.actions.backups import record_restore
from beneficiate.actions.data_copies import CLAIM_LIFETIME, claim_copy, record_download
from beneficiate.errors import Gone
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import SignIn, StaffInvitation, User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.data_copies import READY_COPY, DataCopy
from beneficiate.models.second_factors import SignInChallenge
from beneficiate.unit_of_work import SYSTEM
from tests.actions.queue_steps import seconds_after_now
from tests.factories import agent, member

NOW = seconds_after_now(0)


def test_everybody_signs_in_again_and_the_audit_log_says_it(act):
    ana = member()
    columns = {"secret_hash": "x", "created_at": NOW, "expires_at": NOW + timedelta(days=1)}
    SignIn.create(family="open", user=ana.id, kind="api", **columns)
    SignIn.create(family="ended", user=ana.id, kind="api", ended_at=NOW - timedelta(days=1), **columns)
    act(record_restore, NOW - timedelta(hours=3), SYSTEM, now=NOW)
    assert sorted(row.ended_at for row in SignIn.select()) == [NOW - timedelta(days=1), NOW]
    assert {row.tokens_valid_after for row in User.select()} == {NOW}
    entry = AuditEntry.get()
    assert (entry.what, entry.actor_role, entry.position) == ("backups.restore", "system", 1)
    assert (NOW - timedelta(hours=3)).isoformat() in entry.after


def test_no_link_and_no_waiting_sign_in_of_before_works(act):
    ana, iris = member(), agent("Iris")
    AccountEmail.create(
        kind="recovery", email=ana.user.email, user=ana.id, token_hash="a" * 64, expires_at=NOW, created_at=NOW
    )
    StaffInvitation.create(user=iris.id, email=iris.user.email, token_hash="b" * 64, expires_at=NOW, created_at=NOW)
    challenge = {"kind": "page", "token_hash": "c" * 64, "password_digest": "d" * 64, "expires_at": NOW}
    SignInChallenge.create(user=iris.id, **challenge)
    act(record_restore, NOW - timedelta(hours=3), SYSTEM, now=NOW)
    assert (AccountEmail.get().token_hash, StaffInvitation.get().token_hash) == ("", "")
    assert not SignInChallenge.select().exists()


def test_copies_of_data_whose_files_are_in_no_backup_cannot_be_downloaded(act):
    ana = member()
    ready = DataCopy.create(
        user=ana.id, status=READY_COPY, requested_at=NOW, file_id="a" * 36, expires_at=NOW + timedelta(days=1)
    )
    begun = DataCopy.create(user=ana.id, requested_at=NOW, file_id="b" * 36, claim="c", claimed_at=NOW, tries=1)
    act(record_restore, NOW - timedelta(hours=3), SYSTEM, now=NOW)
    with pytest.raises(Gone):
        act(record_download, ready.id, ana.actor, now=NOW)
    later = NOW + CLAIM_LIFETIME + timedelta(seconds=1)
    claimed, _ = act(claim_copy, None, SYSTEM, now=later)
    assert (claimed.copy_id, claimed.abandoned_id) == (begun.id, "")
