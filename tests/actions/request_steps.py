"""Requests about personal data, filed and handled in August 2026, by default on Wednesday the fifth."""

import json
from datetime import UTC, datetime, timedelta

from beneficiate.actions import data_request_handling as handling
from beneficiate.actions import data_requests
from beneficiate.formatting import BOGOTA
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.audit import AuditEntry
from beneficiate.models.data_requests import DataRequest, DataRequestEvent

ARRIVED = datetime(2026, 8, 5, 20, 20, tzinfo=UTC)
TEXT = "Quedó como 2016 y es 2017. No lo dejaron pasar."
ANSWER = "Corregimos la fecha de nacimiento de Tomás."


def on_day(day, month=8, hour=15):
    """An instant of a day of 2026 in Bogotá."""
    return datetime(2026, month, day, hour, tzinfo=BOGOTA).astimezone(UTC)


def file(act, who, what="correct", now=ARRIVED, text=TEXT):
    """File a request of one's own, and return its row."""
    request_id, _ = act(data_requests.file_request, {"pide": what, "texto": text}, who.actor, now)
    return reload(request_id)


def handle(act, action, row, by, now=ARRIVED, version=None, **typed):
    """Carry out an action of a supervisor, and return the row."""
    shown = reload(row.id).version if version is None else version
    act(action, handling.HandleRequest(row.id, shown, typed), by.actor, now)
    return reload(row.id)


def reload(request_id):
    return DataRequest.get_by_id(request_id)


def history(row):
    """The kinds of what has happened, with who did it and the texts."""
    rows = DataRequestEvent.select().where(DataRequestEvent.request == row.id).order_by(DataRequestEvent.id)
    return [(one.kind, one.actor_name, one.text) for one in rows]


def emails():
    """The kinds of the e-mails and to whom they go, in the order in which they were stored."""
    return [(row.kind, row.user_id) for row in AccountEmail.select().order_by(AccountEmail.id)]


def audited():
    """What was recorded about requests: code, actor, person, what it became."""
    rows = AuditEntry.select().where(AuditEntry.what.startswith("requests.")).order_by(AuditEntry.id)
    return [(row.what, row.actor_id, row.person_id, json.loads(row.after)) for row in rows]


DAY = timedelta(days=1)
