"""The end of an erasure: its certificate, to an address that is then forgotten; once more after a restore."""

from dataclasses import replace
from datetime import timedelta

import pytest

from beneficiate.actions.account_endings import close_account
from beneficiate.actions.data_requests import FileForMember, file_request_for_member
from beneficiate.actions.emails import FailedEmail
from beneficiate.actions.erasure_certificates import (
    ErasureAgain,
    FinishErasure,
    begin_again,
    claim_certificates,
    finish_erasure,
    forget_old_proofs,
    forget_sent_certificates,
    record_certificate_failure,
    scrub_late_payment_details,
)
from beneficiate.actions.erasure_rows import EraseRows, erase_messages, erase_rows
from beneficiate.actions.notes import add_note
from beneficiate.actions.tags import tag_chat
from beneficiate.domain.erasures import ERASED_TEXT
from beneficiate.errors import Conflict, NotFound
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import CLOSED, Attachment, Message, Note
from beneficiate.models.consents import Consent
from beneficiate.models.erasures import CANCELLED, ERASED, ERASING, REQUESTED, Erasure, ErasureEmail
from beneficiate.models.payments import PaymentTransaction, WompiEvent
from beneficiate.protocol.desk_tools import AddNote, TagChat
from beneficiate.queries.erasures import find_erasures_of, hash_document
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import seconds_after_now
from tests.erasure_steps import settle_payment
from tests.factories import agent, member, member_with_plan, support_chat

NOW = seconds_after_now(0)
DAY = timedelta(days=1)


def due(who, state=REQUESTED, code=None):
    times = {"requested_at": NOW - 7 * DAY, "due_at": NOW}
    return Erasure.create(user=who.id, state=state, code=code or f"CE-{who.id}", **times)


def erase(act, erasure, now=NOW, finishes=True):
    act(close_account, erasure.id, SYSTEM, now)
    while act(erase_messages, erasure.id, SYSTEM, now)[0]:
        pass
    act(erase_rows, EraseRows(erasure.id, []), SYSTEM, now)
    return finish(act, erasure, now) if finishes else None


def finish(act, erasure, now=NOW, file_ids=()):
    return act(finish_erasure, FinishErasure(erasure.id, list(file_ids), now), SYSTEM, now)[0]


def test_certificate_goes_to_the_address_which_is_then_forgotten(act):
    ana = member(email="ana@x.co")
    erasure = due(ana)
    assert erase(act, erasure) is True
    row = Erasure.get_by_id(erasure.id)
    assert (row.state, row.erased_at, row.email) == (ERASED, NOW, "")
    assert row.kept_until > NOW + 5 * 365 * DAY
    ((pending,), _) = act(claim_certificates, None, SYSTEM, NOW)
    assert (pending.email, pending.certificate.code) == ("ana@x.co", row.code)
    assert pending.certificate.erased[0].startswith("1 cuenta")
    act(forget_sent_certificates, [pending.email_id], SYSTEM, NOW)
    assert not ErasureEmail.select().exists()
    entry = AuditEntry.get(AuditEntry.what == "people.erase")
    assert (entry.subject, entry.person_id, entry.actor_role) == (f"user:{ana.id}", ana.id, "system")


def test_second_time_changes_nothing(act):
    erasure = due(member())
    erase(act, erasure)
    assert finish(act, erasure, NOW + DAY) is True
    assert (Erasure.get().erased_at, ErasureEmail.select().count()) == (NOW, 1)
    assert AuditEntry.select().where(AuditEntry.what == "people.erase").count() == 1


def test_it_is_not_done_while_something_is_left(act):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana, status=CLOSED, closed_at=NOW)
    erasure = due(ana)
    act(close_account, erasure.id, SYSTEM, NOW)
    assert finish(act, erasure) is False
    erase(act, erasure, finishes=False)
    late = Message.create(chat=chat.id, seq=9, sender_type="USER", sender_id=ana.id, message="tarde", sent_at=NOW)
    assert finish(act, erasure) is False
    act(erase_messages, erasure.id, SYSTEM, NOW)
    file = {"chat": chat.id, "line": late.id, "uploader": ana.id, "name": "a", "kind": "image/png", "size": 1}
    Attachment.insert(id="f", created_at=NOW, **file).execute()
    assert finish(act, erasure) is False
    assert finish(act, erasure, file_ids=["f"]) is True


def test_nothing_is_written_about_who_was_erased_and_a_late_note_goes_too(act):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana, status=CLOSED, closed_at=NOW)
    erasure = due(ana)
    erase(act, erasure, finishes=False)
    note = Note.create(chat=chat.id, author=yuliana.id, text="Ana llamó", after_seq=0, created_at=NOW)
    assert finish(act, erasure) is False
    assert erase(act, erasure) is True
    assert Note.get_by_id(note.id).text == ERASED_TEXT
    typed = {"pide": "query", "texto": "Quiere saber qué tenemos."}
    for action, command in (
        (add_note, AddNote(chat_id=chat.id, text="Ana llamó otra vez")),
        (tag_chat, TagChat(chat_id=chat.id, tag="hija de Marta")),
        (file_request_for_member, FileForMember(chat.id, typed)),
    ):
        with pytest.raises(Conflict, match="se borraron"):
            act(action, command, yuliana.actor, NOW)


def test_certificate_that_is_refused_or_waits_for_two_days_is_given_up(act):
    erase(act, due(member()))
    ((pending,), _) = act(claim_certificates, None, SYSTEM, NOW)
    act(record_certificate_failure, FailedEmail(pending.email_id, is_refused=False), SYSTEM, NOW)
    assert ErasureEmail.get().tries == 3
    act(claim_certificates, None, SYSTEM, NOW + 3 * DAY)
    assert not ErasureEmail.select().exists()
    erase(act, due(member()))
    ((pending,), _) = act(claim_certificates, None, SYSTEM, NOW)
    act(record_certificate_failure, FailedEmail(pending.email_id, is_refused=True), SYSTEM, NOW)
    assert not ErasureEmail.select().exists()


def listed(who, code="CE-9"):
    uow = UnitOfWork(SYSTEM, NOW)
    owner = hash_document(uow, who.user.document_type, who.user.document_number)
    return ErasureAgain(code, who.id, owner, "", NOW - 9 * DAY, NOW - 2 * DAY, {"chats": 3})


@pytest.mark.parametrize("known", [None, REQUESTED, "other"])
def test_whom_a_backup_has_brought_back_is_erased_again_without_a_second_certificate(act, known):
    ana = member()
    if known:
        due(ana, REQUESTED, "CE-9" if known == REQUESTED else "CE-1")
    one = listed(ana)
    erasure_id, _ = act(begin_again, one, SYSTEM, NOW)
    erasure = Erasure.get_by_id(erasure_id)
    assert (erasure.code, erasure.state, Erasure.select().count()) == ("CE-9", ERASING, 1)
    assert erase(act, erasure) is True
    row = Erasure.get()
    assert (row.state, row.owner_hash, row.counts) == (ERASED, one.owner_hash, '{"chats": 3}')
    assert not ErasureEmail.select().exists()
    assert not AccountEmail.select().exists()
    assert act(begin_again, one, SYSTEM, NOW)[0] is None


def test_another_person_under_the_id_is_never_erased(act):
    ana, omar = member(), member()
    with pytest.raises(NotFound):
        act(begin_again, replace(listed(ana), user_id=omar.id), SYSTEM, NOW)
    with pytest.raises(NotFound):
        act(begin_again, replace(listed(ana), user_id=10**6), SYSTEM, NOW)
    assert User.get_by_id(omar.id).is_active


def test_who_was_erased_half_goes_on_by_the_erasure(act):
    ana = member()
    one = listed(ana)
    erasure_id, _ = act(begin_again, one, SYSTEM, NOW)
    erase(act, Erasure.get_by_id(erasure_id), finishes=False)
    assert act(begin_again, one, SYSTEM, NOW)[0] == erasure_id


def test_what_wompi_sends_later_is_erased_of_those_who_were(act):
    ana, omar = member_with_plan(), member_with_plan()
    own, others = settle_payment(ana, NOW), settle_payment(omar, NOW)
    erase(act, due(ana))
    PaymentTransaction.update(method_detail="NEQUI 300", reason="x").execute()
    WompiEvent.create(dedupe_key="a", payment=own, name="n", state="DONE", body='{"a": 1}', received_at=NOW)
    WompiEvent.create(dedupe_key="b", payment=others, name="n", state="DONE", body='{"a": 1}', received_at=NOW)
    act(scrub_late_payment_details, None, SYSTEM, NOW)
    assert {row.payment_id: row.method_detail for row in PaymentTransaction.select()} == {own: "", others: "NEQUI 300"}
    assert {row.payment_id: row.body for row in WompiEvent.select()} == {own: "{}", others: '{"a": 1}'}


def test_document_leads_to_the_proof_until_nothing_has_to_be_proved(act):
    ana = member()
    document = (ana.user.document_type, ana.user.document_number)
    Consent.create(user=ana.id, kind="personal_data", version="1", address="10.0.0.1", given_at=NOW)
    erase(act, due(ana))
    uow = UnitOfWork(SYSTEM, NOW)
    (sentence,) = find_erasures_of(uow, document)
    assert f"CE-{ana.id}" in sentence
    assert "personal_data 1" in sentence
    assert find_erasures_of(uow, (document[0], "999")) == []
    act(forget_old_proofs, None, SYSTEM, NOW + 4 * 365 * DAY)
    assert Erasure.get().owner_hash
    act(forget_old_proofs, None, SYSTEM, NOW + 6 * 365 * DAY)
    assert (Erasure.get().owner_hash, Consent.get().address) == ("", "")
    assert Erasure.select().where(Erasure.state == CANCELLED).count() == 0
