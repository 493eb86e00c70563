"""A copy is asked for within limits, claimed by one process at a time, downloaded by its member for 48 hours."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import data_copies
from beneficiate.actions.data_copies import CLAIM_LIFETIME, CopyProgress, WrittenCopy
from beneficiate.errors import Conflict, Gone, NotFound, RateLimited
from beneficiate.models.account_emails import COPY_READY, AccountEmail
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.data_copies import FAILED_COPY, PENDING_COPY, READY_COPY, DataCopy
from beneficiate.unit_of_work import SYSTEM
from tests.factories import member

NOW = datetime(2026, 8, 25, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def request(act, who, now=NOW):
    act(data_copies.request_copy, who.user.password_hash, who.actor, now)


def claim(act, now=NOW):
    return act(data_copies.claim_copy, None, SYSTEM, now)[0]


def write(act, who, now=NOW):
    request(act, who, now)
    claimed = claim(act, now)
    assert act(data_copies.finish_copy, WrittenCopy(claimed.copy_id, claimed.claim, 4200), SYSTEM, now)[0]
    return claimed


def download(act, who, copy_id, now=NOW):
    return act(data_copies.record_download, copy_id, who.actor, now)[0]


def test_password_that_was_changed_while_it_was_verified_asks_for_none(act):
    ana = member()
    written = write(act, ana)
    User.update(password_hash="another").where(User.id == ana.id).execute()
    with pytest.raises(Conflict):
        request(act, ana, NOW + HOUR)
    assert DataCopy.get().expires_at == NOW + data_copies.LIFETIME
    assert download(act, ana, written.copy_id, NOW + HOUR)


def test_one_is_written_at_a_time_and_three_a_day(act, db):
    ana, beto = member(), member()
    for _ in range(3):
        request(act, ana)
    assert DataCopy.select().count() == 1
    DataCopy.update(status=FAILED_COPY).execute()
    for hours in (1, 2):
        write(act, ana, NOW + hours * HOUR)
    with pytest.raises(RateLimited):
        request(act, ana, NOW + 3 * HOUR)
    request(act, beto, NOW + 3 * HOUR)
    request(act, ana, NOW + 25 * HOUR)
    assert DataCopy.select().where(DataCopy.user == ana.id).count() == 4
    acts = AuditEntry.select().where(AuditEntry.what == "copies.request", AuditEntry.person_id == ana.id)
    assert acts.count() == 4


def test_another_copy_ends_the_one_before(act, db):
    ana = member()
    first = write(act, ana)
    second = write(act, ana, NOW + HOUR)
    with pytest.raises(Gone):
        download(act, ana, first.copy_id, NOW + HOUR)
    assert download(act, ana, second.copy_id, NOW + HOUR).file_id == second.file_id


def test_claim_that_is_renewed_stays_and_one_that_gets_old_is_taken_over(act, db):
    request(act, member())
    first = claim(act)
    progress = CopyProgress(first.copy_id, first.claim, 3, 40)
    later = NOW + CLAIM_LIFETIME
    assert claim(act, later) is None
    assert act(data_copies.report_progress, progress, SYSTEM, later)[0]
    assert claim(act, later + CLAIM_LIFETIME) is None
    second = claim(act, later + CLAIM_LIFETIME + timedelta(seconds=1))
    assert (second.copy_id, second.abandoned_id) == (first.copy_id, first.file_id)
    assert second.file_id not in (first.file_id, "")
    assert not act(data_copies.report_progress, progress, SYSTEM, later)[0]
    assert not act(data_copies.finish_copy, WrittenCopy(first.copy_id, first.claim, 1), SYSTEM, later)[0]
    assert not AccountEmail.select().exists()


def test_after_three_tries_it_is_given_up_and_its_file_deleted(act, db):
    request(act, ana := member())
    now = NOW
    for _ in range(3):
        claimed = claim(act, now)
        now += CLAIM_LIFETIME + timedelta(seconds=1)
    assert (claim(act, now), DataCopy.get().status) == (None, FAILED_COPY)
    assert act(data_copies.list_expired_files, None, SYSTEM, now)[0] == [claimed.file_id]
    request(act, ana, now)
    assert [row.status for row in DataCopy.select().order_by(DataCopy.id)] == [FAILED_COPY, PENDING_COPY]


def test_process_that_stops_gives_it_back_without_counting_a_try(act, db):
    request(act, member())
    for _ in range(5):
        act(data_copies.release_copy, claim(act), SYSTEM, NOW)
    assert (DataCopy.get().status, DataCopy.get().tries) == (PENDING_COPY, 0)


def test_member_is_told_and_downloads_it_for_48_hours_each_time_recorded(act, db):
    ana, beto = member(), member()
    claimed = write(act, ana)
    notice = AccountEmail.get()
    assert (notice.kind, notice.user_id, notice.email) == (COPY_READY, ana.id, ana.user.email)
    last = NOW + timedelta(hours=48) - timedelta(seconds=1)
    for now in (NOW, last):
        assert download(act, ana, claimed.copy_id, now).file_id == claimed.file_id
    assert AuditEntry.select().where(AuditEntry.what == "copies.download", AuditEntry.actor_id == ana.id).count() == 2
    assert (DataCopy.get().downloads, DataCopy.get().status) == (2, READY_COPY)
    with pytest.raises(NotFound):
        download(act, beto, claimed.copy_id)
    with pytest.raises(NotFound):
        download(act, ana, claimed.copy_id + 1)
    assert act(data_copies.list_expired_files, None, SYSTEM, last)[0] == []
    end = NOW + timedelta(hours=48)
    with pytest.raises(Gone):
        download(act, ana, claimed.copy_id, end)
    files = act(data_copies.list_expired_files, None, SYSTEM, end)[0]
    act(data_copies.forget_files, files, SYSTEM, end)
    assert (files, DataCopy.get().file_id) == ([claimed.file_id], "")


def test_who_downloads_it_again_and_again_has_to_wait(act, db):
    claimed = write(act, ana := member())
    for _ in range(20):
        download(act, ana, claimed.copy_id)
    with pytest.raises(RateLimited):
        download(act, ana, claimed.copy_id)


def test_one_that_is_still_being_written_is_not_there(act, db):
    request(act, ana := member())
    with pytest.raises(NotFound):
        download(act, ana, DataCopy.get().id)
