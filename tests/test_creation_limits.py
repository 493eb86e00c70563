"""What creates rows has a limit per person: the table of docs/limits.md, the routes, the commands, the actions."""

import ast
import re
from dataclasses import fields
from pathlib import Path

from tornado.web import RequestHandler

from beneficiate.limits import Quota, Quotas
from beneficiate.protocol.envelope import message_type
from beneficiate.rate_limiters import RateLimiters
from beneficiate.routes import ATTACHMENT_ID, ROUTES, TOPIC_CODE
from beneficiate.settings import Settings
from beneficiate.websockets.commands import MEMBER_COMMANDS, SUPERVISOR_COMMANDS

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([^`]+)` \| (.*?)\|(.*)\|$", re.MULTILINE)
GROUPS = {
    ATTACHMENT_ID: ":id",
    TOPIC_CODE: ":topic",
    r"(\d+)": ":n",
    r"(\d{4}-\d{2}-\d{2})": ":day",
    "(cita|cuenta|plan)": ":kind",
    "([A-Za-z0-9_-]{20,64})": ":token",
}
WRITING_METHODS = ("post", "put", "patch", "delete")
INSERTS = {"create", "insert", "insert_many", "insert_bulk", "queue_insert"}
NOT_COUNTED = {
    "member_import_files._insert_rows": "its callers count: the rows of one file",
    "member_imports.create_members": "by the command line, or the rows of a file, which is counted",
    "legacy_imports._insert_all": "an operator imports the old service once",
    "account_emails.queue_link": "its callers count",
    "account_emails.queue_notice": "its callers do what is counted",
    "accounts.create_supervisor_account": "by the command line",
    "appointments.record_appointment_history": "its callers count",
    "assignment.record_chat_history": "its callers count",
    "audit._add_to_chain": "its callers count, or what they do is counted",
    "audit.store_verification": "one row",
    "away_notices._queue_email": "one for each notice",
    "away_notices._queue_pushes": "ten for each notice",
    "away_notices.queue_away_notices": "its callers do what is counted, or a time passes; deleted after a week",
    "messages.store_messages": "a limiter counts what people write; the system writes about what is counted",
    "deadline_moves._begin_move": "one for each change, which counts; deleted within seconds",
    "business_hours._replace_day": "its callers write to the audit, which counts",
    "business_hours.set_weekly_hours": "writes to the audit, which counts",
    "consents.consent_to_reason": "its callers count; the bot stores one for each member who has none",
    "data_requests.record_event": "its callers count or write to the audit, which counts; by a job once for each",
    "dialogues._store_draft": "one for each member",
    "email_requests._lock_counts": "one for each account, address and network; deleted after two days",
    "erasure_certificates.begin_again": "by the command line, one for each of the list",
    "erasure_certificates.finish_erasure": "one for each erasure",
    "facts.record_appointment_fact": "its callers count",
    "facts.record_booking_fact": "one for each appointment or request for a person, which are counted",
    "facts.record_payment_facts": "its callers count; one for each status that Wompi reports",
    "rollups.take_rollups": "the only row",
    "rollups._move_appointments": "a row for each day, status and agent, over facts that are counted",
    "rollups.name_agents": "a row for each agent",
    "form_creations.create_once": "one for each row that its caller creates, which counts it",
    "invitations._send_again": "its callers count; one for each of the staff",
    "invitations.invite_staff_member": "writes to the audit, which counts",
    "notice_preferences._store_choices": "one for each person",
    "payments.open_review": "one of each kind for each transaction",
    "plans._announce_plan_end": "by a job, one for each plan",
    "plans_admin._create_plan": "writes to the audit, which counts",
    "presence._reopen_connections": "those that were open",
    "presence._store_connections": "at most so many for each person; the oldest end",
    "presence.record_heartbeat": "one for each process",
    "presence.register_process": "one for each process",
    "professionals._replace_day": "writes to the audit, which counts",
    "professionals._set_specialties": "at most one for each specialty",
    "professionals._set_week": "at most six for each weekday",
    "queue._create_waiting_chats": "its caller counts",
    "queue.rate_chat": "one for each time that a chat is closed",
    "registrations._store_consents": "two for each account",
    "registrations.confirm_registration": "one for each registration",
    "registrations.store_registration": "counts the e-mail that it asks for",
    "reminders.schedule_notifications": "its callers count",
    "retention.save_retention": "one row; writes to the audit, which counts",
    "service_levels._add_version": "its caller writes to the audit, which counts",
    "service_levels.inherit_service_level": "writes to the audit, which counts",
    "settlement_batch._insert_remainder": "the rest of a plan that was paid",
    "second_factors._store_codes": "ten for each factor",
    "second_factors.store_second_factor": "one for each person",
    "sign_in_challenges.begin_sign_in": "five for each person; deleted after ten minutes",
    "sign_in_throttles.begin_sign_in_attempt": "one for each account, network and device; deleted in two days",
    "slots._insert_ticks": "those of an appointment or of a hold",
    "slots.hold_offered_slot": "one for each offer",
    "specialties._create_specialty": "writes to the audit, which counts",
    "staff._set_role": "one for each of the staff",
    "staff.set_topics": "at most one for each topic",
    "topics._create_topic": "writes to the audit, which counts",
    "waiting_list.join_waiting_list": "one for each appointment",
    "wompi_events.store_event": "signed by Wompi",
}
"""Actions that insert rows and count nothing themselves, and why."""


def table():
    """The names of the limits and the reason, by route or command."""
    return {subject: (re.findall(r"`(\w+)`", limits), reason.strip()) for subject, limits, reason in ROW.findall(TABLE)}


def writing_routes():
    found = set()
    for route in ROUTES:
        path = route.path
        for group, name in GROUPS.items():
            path = path.replace(group, name)
        for method in WRITING_METHODS:
            if getattr(route.handler, method) is not getattr(RequestHandler, method):
                found.add(f"{method.upper()} {path}")
    return found


def test_every_writing_route_and_every_command_is_in_the_table():
    commands = {message_type(struct) for struct in {**SUPERVISOR_COMMANDS, **MEMBER_COMMANDS}}
    assert set(table()) == writing_routes() | commands


def test_limits_of_the_table_exist_and_all_are_in_it():
    quotas, limiters = ({one.name for one in fields(kind)} for kind in (Quotas, RateLimiters))
    named = {name for limits, _ in table().values() for name in limits}
    assert named <= quotas | limiters
    assert quotas - named <= {"open_sign_ins"}


def test_who_has_no_limit_says_why():
    assert [subject for subject, (_, reason) in table().items() if not reason] == []


def test_quotas_have_names_of_their_own_that_the_table_of_the_database_can_hold():
    quotas = Quotas.from_settings(Settings())
    names = [getattr(quotas, one.name).name for one in fields(Quotas) if isinstance(getattr(quotas, one.name), Quota)]
    assert len(set(names)) == len(names) > 10
    assert max(map(len, names)) <= 16


def inserting_functions():
    """The functions of the actions that insert rows, and whether each counts what it creates."""
    found = {}
    for module in sorted((ROOT / "beneficiate" / "actions").glob("*.py")):
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            calls = {
                call.func.attr for call in ast.walk(node) if isinstance(call, ast.Call) and hasattr(call.func, "attr")
            }
            if calls & INSERTS:
                found[f"{module.stem}.{node.name}"] = bool(calls & {"consume_quota", "consume_quota_of_each"})
    return found


def test_every_action_that_inserts_rows_counts_them_or_is_known_not_to():
    functions = {name: counts for name, counts in inserting_functions().items() if not name.startswith("quotas.")}
    assert {name for name, counts in functions.items() if not counts} == set(NOT_COUNTED)
    assert sum(functions.values()) > 8
