"""Events of payments and plans. Amounts are whole pesos."""

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from beneficiate.protocol.envelope import Event, Id

PaymentStatus = Literal["PENDING", "UNKNOWN", "APPROVED", "DECLINED", "EXPIRED", "VOIDED"]

_PLAN = {"id": 2, "code": "FAMILY", "name": "Familiar"}
_PAYMENT = {
    "id": "6f1c0c5e-7d0e-4f57-9a4b-0c3f2f6f9a11",
    "status": "APPROVED",
    "user_id": 31,
    "plan": _PLAN,
    "amount": 480000,
    "currency": "COP",
    "starts_at": "2026-09-04T05:00:00Z",
    "ends_at": "2027-09-04T05:00:00Z",
    "created_at": "2026-08-25T15:44:00Z",
}


class PlanName(msgspec.Struct, frozen=True, kw_only=True):
    """A plan: id, code and name."""

    id: Id
    code: str
    name: str


class PaymentPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as its member sees it. `starts_at` and `ends_at` are set once its plan is activated."""

    id: str
    status: PaymentStatus
    user_id: Id
    plan: PlanName
    amount: int
    currency: str
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime


class PaymentUpdated(Event, tag="payment_updated", kw_only=True, omit_defaults=False):
    """To the member and the supervisors: a payment has changed."""

    example: ClassVar = {
        "event": "payment_updated",
        "payment": {**_PAYMENT, "status": "DECLINED", "starts_at": None, "ends_at": None},
        "plan": _PLAN,
        "ends_at": None,
    }

    payment: PaymentPayload
    plan: PlanName
    ends_at: datetime | None


class PlanActivated(Event, tag="plan_activated", kw_only=True):
    """To the member and the supervisors: a payment has started (or extended) a plan."""

    example: ClassVar = {
        "event": "plan_activated",
        "payment": _PAYMENT,
        "plan": _PLAN,
        "ends_at": "2027-09-04T05:00:00Z",
    }

    payment: PaymentPayload
    plan: PlanName
    ends_at: datetime


class PlanEnding(Event, tag="plan_ending", kw_only=True):
    """To the member, 30, 7 and 1 days before: their plan ends in `days_left` days."""

    example: ClassVar = {
        "event": "plan_ending",
        "plan": _PLAN,
        "ends_at": "2027-09-04T05:00:00Z",
        "days_left": 30,
    }

    plan: PlanName
    ends_at: datetime
    days_left: int


class PlanEnded(Event, tag="plan_ended", kw_only=True):
    """To the member and the supervisors: a plan has ended."""

    example: ClassVar = {"event": "plan_ended", "user_id": 31, "plan": _PLAN, "ends_at": "2027-09-04T05:00:00Z"}

    user_id: Id
    plan: PlanName
    ends_at: datetime
