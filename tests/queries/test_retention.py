"""What the jobs would delete is counted, and nothing is deleted by that."""

from datetime import timedelta

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.accounts import SignIn
from beneficiate.models.chats import Message
from beneficiate.models.data_requests import DataRequest
from beneficiate.models.payments import EVENT_FAILED, WompiEvent
from beneficiate.queries import retention as queries
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions import retention_steps as steps
from tests.actions.payment_steps import NOW
from tests.factories import agent, member, supervisor

DAYS = {
    "chat_days": 365,
    "sign_in_days": 10,
    "notice_days": 7,
    "wompi_event_days": 190,
    "failed_event_days": 0,
    "copy_days": 0,
    "import_days": 0,
    "orphan_file_days": 1,
}


def effect_of(days, who=None):
    found = queries.find_effect(UnitOfWork((who or supervisor()).actor, NOW), days)
    return {one.field: one.count for one in found.kinds}


def test_effect_is_what_the_jobs_then_delete(db):
    for days in (8, 20, 40):
        steps.ended_sign_in(days)
        steps.account_email(days)
    steps.old_notice(8)
    for days in (180, 200):
        steps.wompi_event(days)
    steps.wompi_event(300, EVENT_FAILED)
    for days in (300, 400):
        steps.closed_chat(days)
    assert effect_of(DAYS) == {"chats": 1, "ingresos": 2, "avisos": 4, "eventos": 1, "archivos": 0}
    assert effect_of({**DAYS, "failed_event_days": 200})["fallidos"] == 1
    assert (SignIn.select().count(), WompiEvent.select().count()) == (3, 3)
    assert {row.message for row in Message.select()} == {"me duele"}
    with pytest.raises(NotFound):
        effect_of(DAYS, agent())


def test_line_says_from_before_when(db):
    kinds = queries.find_effect(UnitOfWork(supervisor().actor, NOW), DAYS).kinds
    assert {one.field: one.before for one in kinds}["chats"] == NOW - timedelta(days=365)


def test_chats_of_whom_an_answer_is_due_to_are_kept_until_then(db):
    ana = member()
    chat_id = steps.closed_chat(400, ana)
    steps.keep_for(chat_days=365)
    days = {"counted_from": NOW.date(), "due_on": NOW.date()}
    request = DataRequest.create(user=ana.id, kind="query", text="x", state="received", received_at=NOW, **days)
    uow = UnitOfWork(SYSTEM, NOW)
    assert queries.list_clearable_chats(uow) == []
    DataRequest.update(closed_at=NOW).where(DataRequest.id == request.id).execute()
    assert queries.list_clearable_chats(uow) == [chat_id]
    assert queries.list_chat_files(uow, [chat_id]) == [f"{chat_id:036d}"]


def test_no_chat_is_cleared_before_somebody_chooses(db):
    steps.closed_chat(4000)
    assert queries.list_clearable_chats(UnitOfWork(SYSTEM, NOW)) == []


def test_defaults_count_until_somebody_chooses(db):
    assert queries.load_retention(UnitOfWork(SYSTEM, NOW)).sign_in_days == 30
    shown = queries.load_retention_form(UnitOfWork(supervisor().actor, NOW))
    defaults = {"ingresos": "30", "avisos": "7", "eventos": "3650", "archivos": "1"}
    optional = dict.fromkeys(("chats", "fallidos", "copias", "importaciones"), "")
    assert (shown.values, shown.version) == ({**defaults, **optional}, 1)
