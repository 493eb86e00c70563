"""What is known here before an import."""

from datetime import UTC, datetime

from beneficiate.domain.erasures import ERASED_EMAIL_DOMAIN
from beneficiate.domain.legacy.people import NO_MEMBER, plan_beneficiary, plan_user
from beneficiate.domain.legacy.plans import PRESENT, REFUSED, ImportContext, plan_each
from beneficiate.models.chats import Message
from beneficiate.models.imports import ImportedRow
from beneficiate.queries.legacy_imports import count_imported_rows, load_chat_state, load_legacy_index
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import add_plan, agent, beneficiary, member, support_chat

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)


def test_keys_of_ours_are_known(db):
    ana, yuliana = member("Ana"), agent("Yuliana")
    luz, plan = beneficiary(ana), add_plan(ana)
    chat = support_chat(ana, yuliana)
    ImportedRow.create(kind="agent_chats", old_id="3", new_id=str(chat.id), parts=4)
    ImportedRow.create(kind="users", old_id="8", new_id=str(yuliana.id))
    index = load_legacy_index(UnitOfWork(SYSTEM, NOW))
    assert index.get("email", ana.user.email) == ana.id
    assert index.get("document", (ana.user.document_type, ana.user.document_number)) == ana.id
    assert index.get("person", ana.id) == ana.user.name
    assert (index.get("is_imported", ana.id), index.get("is_imported", yuliana.id)) == (None, True)
    assert index.get("beneficiary", (ana.id, luz.document_number)) == luz.id
    assert index.get("agent_room", yuliana.agent_id) == 4
    assert index.get("open_chat", ana.id) == chat.id
    assert index.get("covered_until", ana.id) == plan.ends_at
    assert (index.get("agent_chats", "3"), index.get("parts", ("agent_chats", "3"))) == (chat.id, 4)
    assert index.get("township_code", "05001")
    assert index.get("specialty", "cardiologia")
    assert index.get("handling_deadline", "") > NOW


def test_rows_of_who_was_erased_belong_to_nobody_and_their_account_is_not_made_again(db):
    gone = member("Gone", email=f"9@{ERASED_EMAIL_DOMAIN}")
    ImportedRow.create(kind="users", old_id="9", new_id=str(gone.id))
    context = ImportContext(load_legacy_index(UnitOfWork(SYSTEM, NOW)), lambda table: 5, UTC, NOW)
    row = {"id": 9, "user_id": 9}
    (account,) = plan_each("users", plan_user)([row], context)
    (beneficiary_of_gone,) = plan_each("beneficiaries", plan_beneficiary)([row], context)
    assert account.result == PRESENT
    assert (beneficiary_of_gone.result, beneficiary_of_gone.reason) == (REFUSED, NO_MEMBER)


def test_state_of_a_chat_is_that_of_its_last_message(db):
    chat = support_chat(member(), agent(), last_seq=2, last_line="dos", other_unread=1)
    for seq in (1, 2):
        Message.create(chat=chat, seq=seq, sender_type="SYSTEM", message=str(seq), sent_at=NOW.replace(hour=seq))
    state = load_chat_state(chat.id)
    assert (state.last_seq, state.last_line, state.last_at, state.other_unread) == (2, "dos", NOW.replace(hour=2), 1)
    assert load_chat_state(chat.id + 1) is None


def test_imported_rows_are_counted_messages_too(db):
    for number, parts in enumerate((3, 0, 4)):
        ImportedRow.create(kind="chats", old_id=str(number), new_id="1", parts=parts)
    ImportedRow.create(kind="users", old_id="1", new_id="1")
    assert count_imported_rows(UnitOfWork(SYSTEM, NOW)) == {"chats": 3, "messages": 7, "users": 1}
