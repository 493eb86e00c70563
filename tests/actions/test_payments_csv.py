"""An export of payments is in the audit, without what it was searched by."""

import json

from beneficiate.actions.payments_csv import ExportPayments, record_payments_export
from beneficiate.models.audit import AuditEntry
from beneficiate.queries import payments_csv
from beneficiate.views.payments_admin import PaymentListQuery
from tests.actions.payment_steps import NOW, payment_with_link
from tests.factories import member, supervisor


def test_who_exported_what_is_recorded_without_personal_data(act, db, monkeypatch):
    marta, ana = supervisor(), member("Zulma", email="ana@x.co")
    for _ in range(3):
        payment_with_link(act, member())
    payment_with_link(act, ana)
    monkeypatch.setattr(payments_csv, "MAX_CSV_ROWS", 2)
    day = NOW.date()
    queries = [
        PaymentListQuery("todos", since=day),
        PaymentListQuery("nada", "ana@x.co"),
        PaymentListQuery("", "zulma"),
    ]
    assert [act(record_payments_export, ExportPayments(one), marta.actor)[0] for one in queries] == [4, 1, 1]
    entries = list(AuditEntry.select().order_by(AuditEntry.id))
    assert {(one.what, one.actor_id) for one in entries} == {("payments.export", marta.id)}
    assert [json.loads(one.after) for one in entries] == [
        {"tab": "todos", "search": "", "since": day.isoformat(), "until": None, "rows": 2},
        {"tab": "todos", "search": "email", "since": None, "until": None, "rows": 1},
        {"tab": "todos", "search": "name", "since": None, "until": None, "rows": 1},
    ]
