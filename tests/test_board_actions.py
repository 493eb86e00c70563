"""The board after every kind of action, thousands of times at random: its figures are those of a fresh count.

The fresh count folds the rows of `facts` in Python, one by one, without the queries and the roll-ups that the board
reads. `BOARD_ACTIONS` says how many actions there are: some thousands by default, more every night (CONTRIBUTING.md).
"""

import ast
import os
from collections import Counter
from random import Random

from peewee import fn

from beneficiate.domain import facts
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Scope, Tally
from beneficiate.formatting import bogota_date
from beneficiate.models.base import database
from beneficiate.models.chats import ACTIVE, SUPPORT, WAITING, Chat, Rating
from beneficiate.models.facts import Fact
from beneficiate.queries.board import BOARD_CODES, load_board
from beneficiate.queries.board_agents import AGENT_CODES
from beneficiate.queries.board_figures import load_figures, load_figures_by_agent
from beneficiate.queries.metrics import select_day, start_of_day
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.websockets.commands import MEMBER_COMMANDS, SUPERVISOR_COMMANDS
from tests.actions.conftest import db  # noqa: F401
from tests.actions.test_audited_actions import ACTIONS as ACTIONS_FOLDER
from tests.actions.test_audited_actions import all_actions
from tests.board_day import STEPS, Day, name_of

ACTIONS = int(os.environ.get("BOARD_ACTIONS", "2000"))
SHARES = {"sqlite": 0.7, "postgresql": 0.3}
ACTIONS_PER_DAY = 100
WHOLE_BOARD_EVERY = 10
TOPICS = ("", "citas", "pagos", "-")
LAST_STEPS = (*facts.ENTERED_QUEUE, facts.ASSIGNED, facts.CLOSED)


# ---- The fresh count ---------------------------------------------------------------------------------


def compute_fresh(rows, now, codes, topic="", agent_id=None):
    """Return the figures of the day, folded from each of its facts."""
    tallies = {scope: list(_tallies(rows, scope, now, topic, agent_id)) for scope in Scope}
    told = {code: METRICS[code].compute(tallies[METRICS[code].scope]) for code in codes}
    return {code: (figure.value, figure.count) for code, figure in told.items()}


def _tallies(rows, scope, now, topic, agent_id):
    rows = [row for row in rows if row.at <= now]
    if scope is Scope.INSTANT:
        last = {row.chat_id: row for row in rows if row.kind in LAST_STEPS}
        rows = [row for row in last.values() if row.kind != facts.CLOSED]
    elif scope is Scope.APPOINTMENT_DAY:
        last = {row.appointment_id: row for row in rows if row.kind == facts.APPOINTMENT}
        rows = [row for row in last.values() if row.starts_at and bogota_date(row.starts_at) == bogota_date(now)]
    else:
        rows = [row for row in rows if row.at >= start_of_day(now)]
    wanted = "" if topic == "-" else topic
    for row in rows:
        if (topic and row.chat_id is not None and row.topic != wanted) or agent_id not in (None, row.agent_id):
            continue
        measure = row.value if row.duration_s is None else row.duration_s
        if scope is Scope.INSTANT:
            since = (measure or 0) if row.kind in facts.ENTERED_QUEUE else 0
            measure = max(0, round((now - row.at).total_seconds())) + since
        yield Tally(row.kind, row.detail, row.agent_id, row.topic, measure)


CARRIED_OUT = {
    "account_endings.close_account",
    "appointment_requests.request_appointment",
    "appointments.change_appointment",
    "appointments.expire_appointments",
    "assignment.assign_next_chats",
    "availability.change_availability",
    "availability.set_agent_away",
    "chats.close_chat",
    "chats.open_support_chat",
    "deadlines.notice_deadlines",
    "dialogues.handle_bot_answer",
    "dialogues.return_to_bot",
    "dialogues.start_booking",
    "erasure_certificates.finish_erasure",
    "erasure_rows.erase_messages",
    "erasure_rows.erase_rows",
    "messages.send_messages",
    "payments.cancel_unknown",
    "payments.expire_payments",
    "payments.mark_link_unknown",
    "payments.open_payment",
    "payments.store_link",
    "queue.assign_chat",
    "queue.join_queue",
    "queue.rate_chat",
    "queue.reopen_chat",
    "queue.return_chat",
    "queue.take_chat",
    "queue.transfer_chat",
    "recall.recall_message",
    "rollup_rebuilds.rebuild_next_day",
    "rollups.fold_facts",
    "settlements.activate_plan_manually",
    "settlements.settle_transactions",
    "staff.deactivate_staff_member",
    "staff.reactivate_staff_member",
    "unanswered.on_agents_offline",
    "unanswered.on_agents_online",
    "unanswered.return_chats_of_absent_agents",
    "unanswered.return_unanswered_chats",
    "unanswered.start_reply_clocks",
}
"""Each of these is carried out at random; not one is left out."""
PACKAGE = "beneficiate.actions"
PART = "a part of others, which are carried out"
SAME = "does what one of these does, for somebody else"
NO_FACT = "no figure counts it"
WITHOUT_FIGURE = {
    "accounts.create_supervisor_account": NO_FACT,
    "accounts.set_account_active": SAME,
    "appointment_places.announce_new_place": PART,
    "appointments.answer_offer": SAME,
    "appointments.assign_slot": PART,
    "appointments.emit_appointment_event": PART,
    "appointments.handling_deadline": PART,
    "appointments.record_appointment_history": PART,
    "appointments.require_bookable": PART,
    "appointments.save_status_change": PART,
    "assignment.assign_chats": PART,
    "assignment.assign_waiting_chats": PART,
    "assignment.emit_queue_changed": PART,
    "assignment.record_chat_history": PART,
    "assignment.return_to_queue": PART,
    "assignment.send_system_messages": PART,
    "attachments.send_attachment": SAME,
    "availability.emit_availability": PART,
    "availability.set_agents_away": PART,
    "availability.set_signed_out_agent_away": SAME,
    "board.can_watch_board": NO_FACT,
    "board.emit_board_outdated": PART,
    "canned_replies.count_canned_reply_use": NO_FACT,
    "business_hours.delete_hours_exception": NO_FACT,
    "business_hours.preview_hours": NO_FACT,
    "business_hours.set_hours_exception": NO_FACT,
    "business_hours.set_weekly_hours": NO_FACT,
    "business_hours.validate_exception": PART,
    "chat_updates.update_chats": PART,
    "chats.open_direct_chat": NO_FACT,
    "chats.relay_typing": NO_FACT,
    "deadline_moves.move_next_deadlines": NO_FACT,
    "deadline_moves.promise_to_open_chats": PART,
    "deadline_moves.refresh_open_chats": PART,
    "deadlines.end_deadlines": PART,
    "deadlines.open_clocks": PART,
    "deadlines.promise_again": PART,
    "deadlines.refresh_deadlines": PART,
    "data_request_deadlines.notice_due_requests": NO_FACT,
    "data_request_handling.answer_request": NO_FACT,
    "data_request_handling.ask_for_information": NO_FACT,
    "data_request_handling.assign_request": NO_FACT,
    "data_request_handling.extend_request": NO_FACT,
    "data_request_handling.reveal_requester": NO_FACT,
    "data_requests.complete_request": NO_FACT,
    "data_requests.complete_request_for_person": NO_FACT,
    "data_requests.file_request": NO_FACT,
    "data_requests.file_request_for_member": NO_FACT,
    "data_requests.record_event": PART,
    "data_requests.withdraw_request": NO_FACT,
    "deadlines.resume_wait": PART,
    "account_endings.end_account": PART,
    "emergency_notices.prepare_emergency_notices": PART,
    "backups.record_restore": NO_FACT,
    "erasures.begin_regret_anew": NO_FACT,
    "erasures.cancel_erasure": NO_FACT,
    "erasures.check_may_ask": NO_FACT,
    "erasures.request_erasure": NO_FACT,
    "erasure_certificates.begin_again": SAME,
    "erasure_certificates.claim_certificates": NO_FACT,
    "erasure_certificates.forget_old_proofs": NO_FACT,
    "erasure_certificates.forget_sent_certificates": NO_FACT,
    "erasure_certificates.record_certificate_failure": NO_FACT,
    "erasure_certificates.scrub_late_payment_details": NO_FACT,
    "erasure_rows.erase_payment_details": NO_FACT,
    "facts.record_appointment_fact": PART,
    "facts.record_booking_fact": PART,
    "facts.record_chat_facts": PART,
    "facts.record_outcomes": PART,
    "facts.record_payment_facts": PART,
    "facts.record_replies": PART,
    "invitations.accept_invitation": NO_FACT,
    "invitations.cancel_invitation": NO_FACT,
    "invitations.claim_invitations": NO_FACT,
    "invitations.invite_staff_member": NO_FACT,
    "invitations.mark_invitations_sent": NO_FACT,
    "invitations.record_invitation_failure": NO_FACT,
    "invitations.resend_invitation": NO_FACT,
    "messages.mark_delivered": NO_FACT,
    "messages.mark_read": NO_FACT,
    "messages.store_messages": PART,
    "notes.add_note": NO_FACT,
    "notes.mark_mention_seen": NO_FACT,
    "payments.close_link": NO_FACT,
    "payments.emit_payment_updated": PART,
    "payments.attach_found_link": NO_FACT,
    "payments.record_link_refusal": NO_FACT,
    "payments.open_review": PART,
    "plans.announce_plan_ends": NO_FACT,
    "plans.claim_plan_emails": NO_FACT,
    "plans.mark_plan_emails_sent": NO_FACT,
    "plans.record_plan_email_failure": NO_FACT,
    "presence.close_connections": NO_FACT,
    "presence.drop_connections": SAME,
    "presence.record_heartbeat": NO_FACT,
    "presence.register_connections": NO_FACT,
    "presence.register_process": NO_FACT,
    "presence.sweep_connections": SAME,
    "presence.unregister_process": NO_FACT,
    "professionals.delete_professional_day": NO_FACT,
    "professionals.save_professional": NO_FACT,
    "professionals.set_professional_day": NO_FACT,
    "queue.access_own_chat": PART,
    "queue.request_agent_for_member": PART,
    "service_levels.inherit_service_level": NO_FACT,
    "service_levels.save_service_level": NO_FACT,
    "settlements.close_review": NO_FACT,
    "sign_ins.end_all_sign_ins": SAME,
    "sign_ins.revoke_sign_ins": SAME,
    "sign_ins.end_other_sign_ins": SAME,
    "sign_ins.end_sign_in": SAME,
    "sign_ins.delete_expired_challenges": NO_FACT,
    "sign_ins.extend_page_session": NO_FACT,
    "sign_ins.refresh_sign_in": NO_FACT,
    "sign_ins.sign_out_device": SAME,
    "sign_ins.sign_out_other_devices": SAME,
    "sign_ins.start_sign_in": NO_FACT,
    "staff.lock_staff_member": PART,
    "staff.save_staff_member": NO_FACT,
    "tags.tag_chat": NO_FACT,
    "tags.untag_chat": NO_FACT,
    "topics.save_topic": NO_FACT,
    "unanswered.return_chats_of_deactivated": PART,
    "appointments.emit_appointment_payload": PART,
    "appointments.resend_open_appointments": NO_FACT,
    "viewers.can_view": NO_FACT,
    "fact_partitions.detach_fact_partitions": NO_FACT,
    "fact_partitions.make_fact_partitions": NO_FACT,
    "rollups.store_rollup_check": NO_FACT,
}
"""Of the modules that lead to facts or to the board, and of the commands: what changes no figure, and why."""
MODULES_WITHOUT_FIGURE = {
    "data_copies",
    "member_import_files",
    "member_imports",
    "own_contacts",
    "passwords",
    "registrations",
    "second_factors",
    "sign_in_challenges",
}
"""Modules about accounts: they lead to the board only as the end of a sign-in does, which closes connections."""


def modules_that_reach(wanted):
    """The modules of the actions that import one of these, or another that does."""
    imported = {}
    for path in ACTIONS_FOLDER.glob("[a-z]*.py"):
        found = [one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.ImportFrom)]
        names = {
            one.module.rpartition(".")[2] for one in found if (one.module or "").startswith("beneficiate.actions.")
        }
        imported[path.stem] = names | {alias.name for one in found if one.module == PACKAGE for alias in one.names}
    reaching = set(wanted)
    while more := {name for name, names in imported.items() if names & reaching} - reaching:
        reaching |= more
    return reaching


# ---- The test ------------------------------------------------------------------------------------------


def check(day, is_whole):
    """Compare what the board shows with the fresh count and the tables."""
    topic = day.random.choice(TOPICS)
    selection, rows = select_day(day.now, topic=topic), list(Fact.select().order_by(Fact.id).namedtuples())
    figures = load_figures(selection, BOARD_CODES)
    shown = {code: (figure.value, figure.count) for code, figure in figures.items()}
    assert shown == compute_fresh(rows, day.now, BOARD_CODES, topic)
    for agent_id, own in load_figures_by_agent(selection, AGENT_CODES).items():
        found = {code: (figure.value, figure.count) for code, figure in own.items()}
        assert found == compute_fresh(rows, day.now, AGENT_CODES, topic, agent_id)
    assert figures["payments_amount"].value == day.paid
    if not topic:
        of_status = Counter(status for (status,) in Chat.select(Chat.status).where(Chat.kind == SUPPORT).tuples())
        assert (figures["waiting"].value, figures["active"].value) == (of_status[WAITING], of_status[ACTIVE])
        assert figures["ratings"].value == Rating.select().count()
    if is_whole:
        for code, (_, rows_listed, listed) in day.count(day.random.sample(sorted(METRICS), 4), day.now).items():
            assert (code, rows_listed) == (code, listed)
        board = load_board(UnitOfWork(day.marta.actor, day.now), topic)
        assert {code: one.figure for code, one in board.figures.items()} == figures
        assert len(board.waiting) == sum(one.shown.count for one in board.by_topic) == figures["waiting"].value
        query = Chat.select(Chat.agent, fn.COUNT(Chat.id)).where(Chat.kind == SUPPORT, Chat.status == ACTIVE)
        held = dict(query.group_by(Chat.agent).tuples())
        for agent in board.agents:
            assert len(agent.chats) == agent.load == held.get(agent.agent_id, 0)
        assert board.used.count == sum(held.get(one.agent_id, 0) for one in board.agents if one.is_available)


def test_figures_are_a_fresh_count_after_every_kind_of_action(db, backend):  # noqa: F811
    carried_out, steps, weights = Counter(), list(STEPS), list(STEPS.values())
    for seed in range(max(1, round(ACTIONS * SHARES[backend] / ACTIONS_PER_DAY))):
        with database.obj.atomic() as unit:
            random = Random(seed)
            day = Day(random)
            while day.carried_out.total() < ACTIONS_PER_DAY:
                random.choices(steps, weights)[0](day)
                check(day, is_whole=random.random() < 1 / WHOLE_BOARD_EVERY)
            carried_out += day.carried_out
            unit.rollback()
    assert set(carried_out) == CARRIED_OUT


def test_every_action_that_may_change_a_figure_is_among_these_or_has_a_reason():
    reaching = modules_that_reach({"facts", "board"}) - MODULES_WITHOUT_FIGURE
    actions = {name for name in all_actions() if name.partition(".")[0] in reaching}
    commands = {name_of(spec.action) for spec in (*MEMBER_COMMANDS.values(), *SUPERVISOR_COMMANDS.values())}
    assert (actions | commands) - CARRIED_OUT - set(WITHOUT_FIGURE) == set()
    assert set(WITHOUT_FIGURE) - actions - commands == set()
    assert CARRIED_OUT & set(WITHOUT_FIGURE) == set()
