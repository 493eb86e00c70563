"""Every action is recorded in the audit log, or there is a reason why not: a new one has to be in one of the tables."""

import ast
import inspect
import json
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from beneficiate import actions
from beneficiate.actions import (
    accounts,
    chats,
    dialogues,
    notes,
    payments,
    queue,
    sign_ins,
    tags,
    unanswered,
    waiting_list,
)
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.appointments import expire_appointments
from beneficiate.actions.audit import record_act
from beneficiate.actions.availability import change_availability
from beneficiate.domain.audit_kinds import AUDIT_KINDS
from beneficiate.domain.audit_texts import SEAL
from beneficiate.domain.billing.outcome import APPROVED, VOIDED
from beneficiate.domain.booking.lifecycle import ATTENDED
from beneficiate.models.accounts import PAGE_SIGN_IN
from beneficiate.models.audit import AuditEntry, AuditText
from beneficiate.protocol.commands import OpenChat
from beneficiate.protocol.desk_tools import AddNote, TagChat, UntagChat
from beneficiate.protocol.queue import HandOverToBot, ReopenChat, ReturnChat, SetAvailability, TransferChat
from beneficiate.unit_of_work import SYSTEM, Actor, BatchedAction
from tests.actions.appointment_steps import (
    EIGHT_OCLOCK,
    HALF_PAST,
    HOUR,
    NOW,
    book_appointment,
    cancel_appointment,
    change_status,
    move_appointment,
    request_command,
)
from tests.actions.payment_steps import payment_with_link, settle_one, update_columns, wompi_transaction
from tests.actions.queue_steps import QueueActions, available_agent, seconds_after_now, set_online
from tests.factories import agent, member, member_with_plan, professional, supervisor

ACTIONS = Path(actions.__file__).parent

AUDITED = {
    "accounts.create_supervisor_account": {"accounts.create"},
    "accounts.set_account_active": {"accounts.set_active"},
    "appointment_requests.request_appointment": {"appointments.book"},
    "appointments.answer_offer": {"appointments.assign", "appointments.confirm", "appointments.decline_offer"},
    "appointments.change_appointment": {
        "appointments.assign",
        "appointments.attend",
        "appointments.cancel",
        "appointments.confirm",
        "appointments.expire",
        "appointments.miss",
        "appointments.move",
    },
    "appointments.expire_appointments": {"appointments.expire"},
    "audit.chain_entries": {"audit.join"},
    "audit.record_audit_export": {"audit.export"},
    "availability.change_availability": {"agents.availability"},
    "availability.set_agent_away": {"agents.away"},
    "availability.set_agents_away": {"agents.away"},
    "availability.set_signed_out_agent_away": {"agents.away"},
    "backups.record_restore": {"backups.restore"},
    "business_hours.delete_hours_exception": {"hours.forget_day"},
    "business_hours.set_hours_exception": {"hours.set_day"},
    "business_hours.set_weekly_hours": {"hours.set_week"},
    "canned_replies.deactivate_canned_reply": {"canned.deactivate"},
    "canned_replies.save_canned_reply": {"canned.write"},
    "chats.close_chat": {"chats.close"},
    "chats.open_support_chat": {"chats.open", "chats.take"},
    "consents.grant_consent": {"consents.grant"},
    "consents.withdraw_consent": {"consents.withdraw"},
    "consents.consent_by_answer": {"consents.grant"},
    "consents.consent_to_reason": {"consents.grant", "consents.by_phone"},
    "contacts.record_lookup": {"people.search"},
    "data_copies.record_download": {"copies.download"},
    "data_copies.request_copy": {"copies.request"},
    "contacts.reveal_member": {"people.reveal"},
    "contacts.reveal_contact": {"people.reveal"},
    "data_request_deadlines.notice_due_requests": {"requests.breach", "requests.lapse"},
    "data_request_handling.answer_request": {"requests.answer"},
    "data_request_handling.ask_for_information": {"requests.ask"},
    "data_request_handling.assign_request": {"requests.assign"},
    "data_request_handling.extend_request": {"requests.extend"},
    "data_request_handling.reveal_requester": {"people.reveal"},
    "data_requests.complete_request": {"requests.complete"},
    "data_requests.complete_request_for_person": {"requests.complete"},
    "data_requests.file_request": {"requests.file"},
    "data_requests.file_request_for_member": {"requests.file"},
    "data_requests.withdraw_request": {"requests.withdraw"},
    "data_views.record_chat_views": {"people.view"},
    "data_views.record_data_view": {"people.view"},
    "data_views.record_entry_views": {"people.view"},
    "blocks.lift_block": {"blocks.lift"},
    "dialogues.return_to_bot": {"chats.to_bot"},
    "account_endings.close_account": {"appointments.cancel", "requests.withdraw"},
    "account_endings.end_account": {"appointments.cancel", "requests.withdraw"},
    "emails.retry_email": {"emails.retry"},
    "erasure_certificates.begin_again": {"appointments.cancel", "requests.withdraw"},
    "erasure_certificates.finish_erasure": {"people.erase"},
    "erasure_rows.erase_rows": {"appointments.cancel", "requests.withdraw"},
    "invitations.accept_invitation": {"staff.accept_invitation"},
    "invitations.cancel_invitation": {"staff.cancel_invitation"},
    "invitations.invite_staff_member": {"staff.invite"},
    "invitations.resend_invitation": {"staff.resend_invitation"},
    "member_import_files.confirm_import": {"members.confirm"},
    "member_import_files.discard_import": {"members.discard"},
    "member_import_files.finish_preview": {"members.preview"},
    "member_import_files.import_next_part": {"members.import"},
    "notes.add_note": {"chats.note"},
    "payments.cancel_unknown": {"payments.release"},
    "payments.expire_payments": {"payments.expire"},
    "payments_csv.record_payments_export": {"payments.export"},
    "own_contacts.change_phone": {"accounts.change_phone"},
    "own_contacts.confirm_address": {"accounts.change_email"},
    "passwords.change_password": {"accounts.change_password", "accounts.sign_out"},
    "passwords.reset_password": {"accounts.reset_password", "accounts.sign_out"},
    "plans_admin.save_plan": {"plans.save"},
    "presence.drop_connections": {"agents.away", "chats.unanswered"},
    "presence.sweep_connections": {"agents.away", "chats.unanswered"},
    "professionals.delete_professional_day": {"professionals.set_day"},
    "professionals.save_professional": {"professionals.save"},
    "professionals.set_professional_day": {"professionals.set_day"},
    "queue.assign_chat": {"chats.give"},
    "queue.reopen_chat": {"chats.reopen"},
    "queue.return_chat": {"chats.return"},
    "queue.take_chat": {"chats.take"},
    "queue.transfer_chat": {"chats.transfer"},
    "recall.recall_message": {"message.recall"},
    "service_levels.inherit_service_level": {"levels.inherit"},
    "service_levels.save_service_level": {"levels.save"},
    "retention.delete_old_rows": {"retention.delete"},
    "retention.record_clearing": {"retention.clear"},
    "report_exports.record_report_export": {"reports.export"},
    "second_factors.announce_recovery": {"factor.recover"},
    "second_factors.confirm_setup": {"factor.enrol", "accounts.sign_out"},
    "second_factors.end_sign_ins_without_factor": {"accounts.sign_out", "factor.require"},
    "second_factors.renew_recovery_codes": {"factor.renew_codes"},
    "second_factors.reset_second_factor": {"factor.reset", "accounts.sign_out"},
    "second_factors.reset_second_factor_of_account": {"factor.reset", "accounts.sign_out"},
    "second_factors.store_second_factor": {"factor.enrol"},
    "second_factors.turn_off_second_factor": {"factor.turn_off", "accounts.sign_out"},
    "settlements.activate_plan_manually": {"payments.activate"},
    "settlements.close_review": {"payments.resolve"},
    "settlements.settle_transactions": {"payments.flag", "payments.revoke", "payments.settle"},
    "sign_in_challenges.answer_challenge": {"accounts.sign_in", "factor.recover"},
    "sign_in_challenges.begin_sign_in": {"accounts.sign_in", "accounts.sign_out"},
    "sign_in_challenges.enrol_with_challenge": {"accounts.sign_in", "accounts.sign_out", "factor.enrol"},
    "sign_ins.end_all_sign_ins": {"accounts.sign_out"},
    "sign_ins.end_other_sign_ins": {"accounts.sign_out"},
    "sign_ins.end_sign_in": {"accounts.sign_out"},
    "sign_ins.refresh_sign_in": {"accounts.sign_out"},
    "sign_ins.revoke_sign_ins": {"accounts.sign_out"},
    "sign_ins.sign_out_device": {"accounts.sign_out"},
    "legacy_imports.record_legacy_import": {"legacy.import"},
    "member_imports.import_members": {"members.import"},
    "retention.save_retention": {"retention.save"},
    "sign_ins.sign_out_other_devices": {"accounts.sign_out"},
    "sign_ins.start_sign_in": {"accounts.sign_in", "accounts.sign_out"},
    "specialties.save_specialty": {"specialties.save"},
    "staff.deactivate_staff_member": {"accounts.set_active", "chats.unanswered"},
    "staff.reactivate_staff_member": {"accounts.set_active"},
    "staff.save_staff_member": {"staff.save"},
    "tags.tag_chat": {"chats.tag"},
    "tags.untag_chat": {"chats.untag"},
    "topics.save_topic": {"topics.save"},
    "unanswered.on_agents_offline": {"agents.away", "chats.unanswered"},
    "unanswered.return_chats_of_deactivated": {"chats.unanswered"},
    "unanswered.return_chats_of_absent_agents": {"chats.unanswered"},
    "unanswered.return_unanswered_chats": {"agents.away", "chats.unanswered"},
    "waiting_list.decline_offer": {"appointments.decline_offer"},
    "waiting_list.expire_offers": {"appointments.expire_offer"},
    "waiting_list.join_waiting_list": {"appointments.wait"},
}
"""What each action records when one of the staff or a job causes it; what members do themselves is not recorded."""

BY_MEMBERS = "only members do it, for themselves"
MESSAGES = "messages, drafts and marks are stored as such, many in a second"
OWN = "of their own notices and browsers, where the rows say it; nobody else is concerned"
PART = "a part of other actions, which record"
OUTBOX = "the row of the notice or of the e-mail says when it was sent"
UPKEEP = "changes nothing that people see"
EXEMPT = {
    "account_emails.announce_address": PART,
    "account_emails.claim_account_emails": OUTBOX,
    "account_emails.mark_account_emails_sent": OUTBOX,
    "account_emails.queue_link": PART,
    "account_emails.queue_notice": PART,
    "account_emails.record_account_email_failure": OUTBOX,
    "away_notices.dispatch_due_notices": OUTBOX,
    "away_notices.find_needed_count": PART,
    "away_notices.find_push_window": PART,
    "away_notices.notice_answers": PART,
    "away_notices.notice_given_chats": PART,
    "away_notices.notice_payment_problems": PART,
    "away_notices.notice_plan": PART,
    "away_notices.notice_unread_at_leaving": PART,
    "away_notices.notice_unread_messages": OUTBOX,
    "away_notices.queue_away_notices": PART,
    "notice_emails.claim_notice_emails": OUTBOX,
    "notice_emails.mark_notice_emails_sent": OUTBOX,
    "notice_emails.record_notice_email_failure": OUTBOX,
    "notice_preferences.end_emails": OWN,
    "notice_preferences.save_notice_choices": OWN,
    "push_messages.claim_pushes": OUTBOX,
    "push_messages.record_push_results": OUTBOX,
    "push_subscriptions.add_push_subscription": OWN,
    "push_subscriptions.remove_push_endpoint": OWN,
    "push_subscriptions.remove_push_subscription": OWN,
    "push_subscriptions.replace_push_subscription": OWN,
    "appointment_places.announce_new_place": PART,
    "appointments.assign_slot": PART,
    "appointments.emit_appointment_event": PART,
    "appointments.emit_appointment_payload": PART,
    "appointments.handling_deadline": PART,
    "appointments.record_appointment_history": PART,
    "appointments.require_bookable": PART,
    "appointments.save_status_change": PART,
    "assignment.assign_chats": PART,
    "assignment.assign_next_chats": "the queue gives chats at the pace of the members; its history has each",
    "assignment.assign_waiting_chats": "the queue gives chats at the pace of the members; its history has each",
    "assignment.emit_queue_changed": PART,
    "assignment.record_chat_history": PART,
    "assignment.return_to_queue": PART,
    "assignment.send_system_messages": PART,
    "attachments.send_attachment": MESSAGES,
    "audit.record_act": PART,
    "audit.record_audit": PART,
    "audit.record_own_act": PART,
    "audit.store_verification": UPKEEP,
    "availability.emit_availability": PART,
    "beneficiaries.add_beneficiary": BY_MEMBERS,
    "business_hours.validate_exception": PART,
    "beneficiaries.remove_beneficiary": BY_MEMBERS,
    "beneficiaries.update_beneficiary": BY_MEMBERS,
    "board.emit_board_outdated": PART,
    "canned_replies.count_canned_reply_use": "a number of uses, without a name",
    "business_hours.preview_hours": "changes nothing",
    "chat_updates.update_chats": PART,
    "chats.open_direct_chat": "a conversation of two colleagues, about no member",
    "chats.relay_typing": MESSAGES,
    "data_copies.claim_copy": UPKEEP,
    "data_copies.finish_copy": UPKEEP,
    "data_copies.forget_files": UPKEEP,
    "data_copies.list_expired_files": UPKEEP,
    "data_copies.release_copy": UPKEEP,
    "data_copies.report_progress": UPKEEP,
    "data_requests.record_event": PART,
    "emergency_notices.prepare_emergency_notices": PART,
    "form_creations.create_once": PART,
    "deadline_moves.move_next_deadlines": PART,
    "deadline_moves.promise_to_open_chats": PART,
    "deadline_moves.refresh_open_chats": PART,
    "deadlines.end_deadlines": PART,
    "deadlines.notice_deadlines": "the clock, and the facts have it",
    "deadlines.open_clocks": PART,
    "deadlines.promise_again": PART,
    "deadlines.refresh_deadlines": PART,
    "deadlines.resume_wait": PART,
    "dialogues.handle_bot_answer": BY_MEMBERS,
    "dialogues.start_booking": BY_MEMBERS,
    "email_requests.count_email_request": PART,
    "email_requests.delete_old_email_requests": UPKEEP,
    "emails.claim_emails": OUTBOX,
    "emails.mark_emails_sent": OUTBOX,
    "email_requests.count_taken_email": PART,
    "email_requests.forget_email_requests": PART,
    "erasure_certificates.claim_certificates": OUTBOX,
    "erasure_certificates.forget_old_proofs": UPKEEP,
    "erasure_certificates.forget_sent_certificates": OUTBOX,
    "erasure_certificates.record_certificate_failure": OUTBOX,
    "erasure_certificates.scrub_late_payment_details": UPKEEP,
    "erasure_rows.erase_messages": "the end of the erasure is recorded",
    "erasure_rows.erase_payment_details": PART,
    "erasures.begin_regret_anew": "a part of the restore, which is recorded",
    "erasures.cancel_erasure": BY_MEMBERS,
    "erasures.check_may_ask": UPKEEP,
    "erasures.request_erasure": BY_MEMBERS,
    "fact_partitions.detach_fact_partitions": "an operator's command; no row is changed",
    "fact_partitions.make_fact_partitions": UPKEEP,
    "facts.record_appointment_fact": PART,
    "facts.record_booking_fact": PART,
    "facts.record_chat_facts": PART,
    "facts.record_outcomes": PART,
    "facts.record_payment_facts": PART,
    "facts.record_replies": PART,
    "isolation.run_each": PART,
    "isolation.run_together": PART,
    "member_changes.emit_member_changed": PART,
    "messages.mark_delivered": MESSAGES,
    "messages.mark_read": MESSAGES,
    "messages.send_messages": MESSAGES,
    "messages.store_messages": MESSAGES,
    "notes.mark_mention_seen": MESSAGES,
    "own_contacts.request_address": "the address changes when it is confirmed, which is recorded",
    "passwords.request_recovery": "nobody is signed in; the row of the e-mail says when it was asked for",
    "member_import_files.begin_import": "what its last step records",
    "member_import_files.discard_old_imports": UPKEEP,
    "member_import_files.store_import_rows": "what its last step records",
    "member_imports.create_members": "its callers record it",
    "member_imports.plan_member_import": "changes nothing",
    "legacy_imports.import_legacy_rows": "the import as a whole is recorded when it ends",
    "passwords.replace_old_hash": "the password stays what it was, only its hash is a new one",
    "payment_checks.claim_due_checks": UPKEEP,
    "payment_checks.record_check": "the payment has when it was checked",
    "payment_checks.request_checks": BY_MEMBERS,
    "payments.close_link": PART,
    "payments.emit_payment_updated": PART,
    "payments.attach_found_link": "the answer of Wompi to a purchase of a member, which the payment shows",
    "payments.record_link_refusal": "the answer of Wompi to a purchase of a member, which the payment shows",
    "payments.mark_link_unknown": "the answer of Wompi to a purchase of a member, which the payment shows",
    "payments.open_payment": BY_MEMBERS,
    "payments.open_review": PART,
    "payments.store_link": "the answer of Wompi to a purchase of a member, which the payment shows",
    "invitations.claim_invitations": OUTBOX,
    "invitations.mark_invitations_sent": OUTBOX,
    "invitations.record_invitation_failure": OUTBOX,
    "plan_coverage.require_plan_on": UPKEEP,
    "passwords.lock_verified_account": PART,
    "plans.announce_plan_ends": OUTBOX,
    "plans.claim_plan_emails": OUTBOX,
    "plans.mark_plan_emails_sent": OUTBOX,
    "plans.record_plan_email_failure": OUTBOX,
    "presence.close_connections": "connections come and go many times a second",
    "presence.record_heartbeat": "connections come and go many times a second",
    "presence.register_connections": "connections come and go many times a second",
    "presence.register_process": UPKEEP,
    "presence.unregister_process": UPKEEP,
    "queue.access_own_chat": UPKEEP,
    "queue.join_queue": BY_MEMBERS,
    "queue.rate_chat": BY_MEMBERS,
    "queue.request_agent_for_member": BY_MEMBERS,
    "quotas.consume_quota": PART,
    "quotas.consume_quota_of_each": PART,
    "quotas.delete_old_quota_uses": UPKEEP,
    "registrations.confirm_registration": BY_MEMBERS,
    "registrations.store_registration": BY_MEMBERS,
    "registrations.remind_to_confirm": BY_MEMBERS,
    "registrations.renew_confirmation": BY_MEMBERS,
    "registrations.resend_confirmation": BY_MEMBERS,
    "reminders.claim_appointment_emails": OUTBOX,
    "reminders.emit_due_reminders": OUTBOX,
    "reminders.mark_appointment_emails_sent": OUTBOX,
    "reminders.record_appointment_email_failure": OUTBOX,
    "reminders.schedule_notifications": PART,
    "rollup_rebuilds.rebuild_next_day": UPKEEP,
    "rollups.fold_facts": UPKEEP,
    "rollups.store_rollup_check": UPKEEP,
    "search_index.index_messages": UPKEEP,
    "search_index.merge_words": UPKEEP,
    "search_index.store_segment": UPKEEP,
    "second_factors.accept_code": PART,
    "second_factors.begin_setup": "draws a secret that is not stored",
    "second_factors.open_setup": PART,
    "second_factors.reopen_setup": "changes nothing",
    "second_factors.seal_setup": PART,
    "secret_rotation.rotate_secrets": UPKEEP,
    "sign_in_challenges.begin_required_setup": "draws a secret that is not stored",
    "sign_in_challenges.reopen_required_setup": "changes nothing",
    "sign_in_throttles.begin_sign_in_attempt": "refused and wrong attempts are in the log of security events",
    "sign_in_throttles.delete_expired_throttles": UPKEEP,
    "sign_in_throttles.forget_account_failures": PART,
    "sign_in_throttles.forget_account_throttles": PART,
    "sign_in_throttles.settle_sign_in_attempt": "refused and wrong attempts are in the log of security events",
    "retention.clear_messages": "what its last step records",
    "retention.finish_clearing": "what its last step records",
    "sign_ins.delete_expired_challenges": UPKEEP,
    "staff.lock_staff_member": PART,
    "sign_ins.extend_page_session": "a session that is used lasts longer, with every page",
    "slots.hold_offered_slot": PART,
    "slots.hold_slot": PART,
    "unanswered.on_agents_online": "the queue gives chats at the pace of the members; its history has each",
    "unanswered.start_reply_clocks": "a time that runs from when the chat was shown; what follows is recorded",
    "waiting_list.accept_offer": PART,
    "waiting_list.has_answered": UPKEEP,
    "waiting_list.leave_waiting_list": PART,
    "waiting_list.offer_freed_slot": "follows from the change of an appointment, which is recorded",
    "waiting_list.settle_offer": PART,
    "wompi_events.claim_due_events": UPKEEP,
    "wompi_events.record_event_outcome": "the row of the event has its outcome",
    "wompi_events.store_event": "signed by Wompi; the row is the event",
}
"""Actions that record nothing, and why."""


def all_actions():
    """The public functions of the actions that take a unit of work."""
    found = set()
    for path in sorted(ACTIONS.glob("[a-z]*.py")):
        module = import_module(f"beneficiate.actions.{path.stem}")
        for name, value in vars(module).items():
            function = value.function if isinstance(value, BatchedAction) else value
            is_own = inspect.isfunction(function) and function.__module__ == module.__name__
            if is_own and not name.startswith("_") and next(iter(inspect.signature(function).parameters), "") == "uow":
                found.add(f"{path.stem}.{name}")
    return found


def codes_of_modules():
    """The texts of each module that are codes, as far as it writes them itself."""
    return {
        path.stem: {
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and node.value in AUDIT_KINDS
        }
        for path in ACTIONS.glob("*.py")
    }


def test_every_action_is_recorded_or_has_a_reason():
    assert all_actions() - set(AUDITED) - set(EXEMPT) == set()
    assert (set(AUDITED) | set(EXEMPT)) - all_actions() == set()
    assert set(AUDITED) & set(EXEMPT) == set()


def test_every_kind_is_recorded_by_an_action_and_none_else():
    assert set().union(*AUDITED.values()) == set(AUDIT_KINDS)


def test_exempt_modules_record_nothing():
    recording = {module for module, codes in codes_of_modules().items() if codes}
    audited = {name.partition(".")[0] for name in AUDITED}
    assert recording <= audited


# ---- What is recorded ------------------------------------------------------------------------------


def recorded():
    """Return code, subject, actor and member of each entry."""
    rows = AuditEntry.select().order_by(AuditEntry.id)
    return [(row.what, row.subject, row.actor_id, row.person_id) for row in rows]


def changes_of(code):
    """Return what the first entry of a kind says of before and after."""
    entry = AuditEntry.select().where(AuditEntry.what == code).order_by(AuditEntry.id).first()
    return json.loads(entry.before), json.loads(entry.after)


def test_what_agents_do_with_a_chat_is_recorded_and_what_members_do_is_not(act):
    desk, ana, yuliana, omar = QueueActions(act), member("Ana"), agent("Yuliana"), agent("Omar")
    chat = desk.join(ana)
    desk.take(chat, yuliana)
    desk.run_as(notes.add_note, AddNote(chat_id=chat.id, text="Tiene fiebre"), yuliana)
    desk.run_as(tags.tag_chat, TagChat(chat_id=chat.id, tag="Citas"), yuliana)
    desk.run_as(tags.tag_chat, TagChat(chat_id=chat.id, tag="citas"), yuliana)
    desk.run_as(tags.untag_chat, UntagChat(chat_id=chat.id, tag="Citas"), yuliana)
    desk.run_as(dialogues.return_to_bot, HandOverToBot(chat_id=chat.id), yuliana)
    desk.run_as(queue.transfer_chat, TransferChat(chat_id=chat.id, agent_id=omar.agent_id, if_absent="queue"), yuliana)
    desk.take(chat, yuliana)
    desk.run_as(queue.return_chat, ReturnChat(chat_id=chat.id), yuliana)
    desk.run_as(chats.open_support_chat, OpenChat(user_id=ana.id), omar)
    desk.close(chat, omar)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), omar)
    desk.close(chat, ana)
    desk.run_as(queue.reopen_chat, ReopenChat(chat_id=chat.id), ana)
    desk.close(chat, ana)
    desk.run_as(chats.open_support_chat, OpenChat(user_id=ana.id), yuliana)
    by_yuliana = ["take", "note", "tag", "untag", "to_bot", "transfer", "take", "return"]
    expected = [(f"chats.{name}", f"chat:{chat.id}", yuliana.id, ana.id) for name in by_yuliana]
    expected += [(f"chats.{name}", f"chat:{chat.id}", omar.id, ana.id) for name in ("take", "close", "reopen")]
    assert recorded()[:-1] == expected
    assert recorded()[-1][::2] == ("chats.open", yuliana.id)
    assert changes_of("chats.transfer") == (
        {"agent": yuliana.agent_id, "topic": None},
        {"agent": omar.agent_id, "topic": None},
    )
    assert "fiebre" not in str([(row.after, row.reason) for row in AuditEntry.select()])


def test_availability_is_recorded_when_it_changes(act):
    desk, yuliana = QueueActions(act), agent("Yuliana")
    for availability in ("available", "available", "away"):
        desk.run_as(change_availability, SetAvailability(availability=availability, reason="Almuerzo"), yuliana)
    assert recorded() == [("agents.availability", f"agent:{yuliana.agent_id}", yuliana.id, None)] * 2
    assert changes_of("agents.availability") == ({"availability": "away"}, {"availability": "available"})


def test_clock_that_takes_chats_back_is_recorded_for_each(act):
    desk, people = QueueActions(act), [member("Ana"), member("Beto")]
    yuliana = available_agent()
    ids = [desk.join(who).id for who in people]
    act(unanswered.start_reply_clocks, None, yuliana.actor, seconds_after_now(0))
    act(unanswered.return_unanswered_chats, None, SYSTEM, seconds_after_now(90))
    assert recorded() == [
        *[("chats.unanswered", f"chat:{id_}", None, who.id) for id_, who in zip(ids, people, strict=True)],
        ("agents.away", f"agent:{yuliana.agent_id}", None, None),
    ]
    assert {row.actor_role for row in AuditEntry.select()} == {"system"}


def test_chats_of_agents_who_are_gone_are_recorded(act):
    desk, ana, beto, yuliana = QueueActions(act), member("Ana"), member("Beto"), available_agent()
    lost = desk.join(ana)
    act(unanswered.on_agents_offline, {yuliana.id}, SYSTEM, seconds_after_now(1))
    assert [row[0] for row in recorded()] == ["chats.unanswered", "agents.away"]
    desk.close(lost, ana)
    left = desk.join(beto)
    desk.take(left, yuliana)
    set_online(yuliana, is_online=False)
    act(unanswered.return_chats_of_absent_agents, None, SYSTEM, seconds_after_now(9))
    assert recorded()[-1] == ("chats.unanswered", f"chat:{left.id}", None, beto.id)


def test_steps_of_appointments_by_the_staff_and_by_jobs_are_recorded(act):
    ana, yuliana, german = member_with_plan("Ana"), agent("Yuliana"), professional(confirms_itself=True)
    appointment = book_appointment(act, yuliana, ana, german)
    move_appointment(act, yuliana, appointment, HALF_PAST)
    cancel_appointment(act, yuliana, appointment, "Se enfermó")
    own = book_appointment(act, ana, ana, german)
    move_appointment(act, ana, own, HALF_PAST)
    for _ in range(2):
        act(waiting_list.join_waiting_list, own.id, yuliana.actor, NOW)
    change_status(act, yuliana, own, ATTENDED, now=HALF_PAST + HOUR)
    request = act(request_appointment, request_command(ana), ana.actor, NOW)[0]
    act(expire_appointments, None, SYSTEM, NOW + timedelta(days=60))
    by_yuliana = [("book", appointment), ("move", appointment), ("cancel", appointment), ("wait", own), ("attend", own)]
    assert recorded() == [
        *[(f"appointments.{name}", f"appointment:{one.id}", yuliana.id, ana.id) for name, one in by_yuliana],
        ("appointments.expire", f"appointment:{request.id}", None, ana.id),
    ]
    before, after = changes_of("appointments.move")
    assert (before["status"], after["status"], before["professional"]) == ("CONFIRMED", "RESCHEDULED", german.id)
    times = [datetime.fromisoformat(one["starts_at"]) for one in (before, after)]
    assert times == [EIGHT_OCLOCK, HALF_PAST]
    assert AuditEntry.get(AuditEntry.what == "appointments.cancel").reason.startswith(SEAL)
    assert {"reason": "Se enfermó"} in [json.loads(row.texts) for row in AuditText.select()]


def test_who_was_nobody_before_acts_from_where_it_was_asked_for(act):
    yuliana = agent()
    nobody = Actor(0, "", address="192.0.2.7", request_id="r-1")
    act(sign_ins.start_sign_in, sign_ins.StartSignIn(yuliana.id, PAGE_SIGN_IN), nobody, NOW)
    entry = AuditEntry.get(AuditEntry.what == "accounts.sign_in")
    assert (entry.actor_id, entry.address, entry.request_id) == (yuliana.id, "192.0.2.7", "r-1")
    act(lambda uow: record_act(uow, "agents.away", "agent:1", actor=SYSTEM), None, nobody, NOW)
    assert AuditEntry.get(AuditEntry.what == "agents.away").address == ""


def test_offer_that_nobody_accepted_is_recorded(act):
    german, first, second = professional(confirms_itself=True), member_with_plan("Uno"), member_with_plan("Dos")
    early = book_appointment(act, first, first, german)
    later = book_appointment(act, second, second, german, HALF_PAST)
    act(waiting_list.join_waiting_list, later.id, second.actor, NOW)
    cancel_appointment(act, first, early)
    assert act(waiting_list.expire_offers, None, SYSTEM, NOW + HOUR)[0] == 1
    assert recorded() == [("appointments.expire_offer", f"appointment:{later.id}", None, second.id)]


def test_settlement_by_wompi_and_expiry_are_recorded(act):
    ana, beto = member("Ana"), member("Beto")
    paid = payment_with_link(act, ana, now=NOW)
    transaction = wompi_transaction(paid)
    for status in (APPROVED, APPROVED, VOIDED, VOIDED):
        settle_one(act, replace(transaction, status=status), NOW)
    wrong, unpaid = (payment_with_link(act, who, now=NOW) for who in (beto, member()))
    settle_one(act, wompi_transaction(wrong, amount_in_cents=1), NOW)
    update_columns(unpaid, link_expires_at=NOW - HOUR, checked_at=NOW)
    act(payments.expire_payments, None, SYSTEM, NOW)
    codes = [("payments.settle", paid, ana), ("payments.revoke", paid, ana), ("payments.flag", wrong, beto)]
    assert recorded()[:-1] == [(code, f"payment:{id_}", None, who.id) for code, id_, who in codes]
    assert recorded()[-1][:2] == ("payments.expire", f"payment:{unpaid}")
    assert changes_of("payments.settle")[1]["status"] == "APPROVED"


def test_sign_ins_of_the_staff_are_recorded_with_their_address_and_those_of_members_are_not(act):
    marta, ana = supervisor("Marta"), member("Ana")
    browser = Actor(0, "", address="10.0.0.1", request_id="r1")
    token = act(sign_ins.start_sign_in, sign_ins.StartSignIn(marta.id, PAGE_SIGN_IN), browser, NOW)[0].token
    own = act(sign_ins.start_sign_in, sign_ins.StartSignIn(ana.id, PAGE_SIGN_IN), browser, NOW)[0].token
    act(sign_ins.end_sign_in, token, marta.actor, NOW)
    act(sign_ins.end_sign_in, own, ana.actor, NOW)
    assert recorded() == [(f"accounts.sign_{way}", f"user:{marta.id}", marta.id, None) for way in ("in", "out")]
    entry = AuditEntry.get(AuditEntry.what == "accounts.sign_in")
    assert (entry.actor_name, entry.actor_role, entry.address, entry.request_id) == (
        marta.user.name,
        "supervisor",
        "10.0.0.1",
        "r1",
    )


def test_accounts_made_and_closed_on_the_command_line_are_recorded(act):
    ana = member("Ana")
    act(accounts.set_account_active, (ana.user.email, False), SYSTEM, NOW)
    assert recorded() == [("accounts.set_active", f"user:{ana.id}", None, ana.id)]
    assert changes_of("accounts.set_active") == ({"is_active": True}, {"is_active": False})
