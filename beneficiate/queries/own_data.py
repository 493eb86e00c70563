"""What a member sees of their rights over their data."""

from datetime import datetime

from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.formatting import bogota_date
from beneficiate.models.appointments import Appointment
from beneficiate.models.data_copies import FAILED_COPY, PENDING_COPY, DataCopy
from beneficiate.queries.consents import (
    CONSENT_TEXT_VERSION,
    HEALTH_DATA,
    PERSONAL_DATA,
    find_consent,
    may_ask_reason,
)
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.own_data import (
    COPY_BEING_WRITTEN,
    COPY_EXPIRED,
    COPY_FAILED,
    COPY_WRITTEN,
    NO_COPY,
    OwnCopy,
    OwnData,
)

_STATES = {PENDING_COPY: COPY_BEING_WRITTEN, FAILED_COPY: COPY_FAILED}


def load_own_data(uow: UnitOfWork) -> OwnData:
    """Return what the actor has consented to, and the copy of their data."""
    user_id = uow.actor.user_id
    return OwnData(
        general=find_consent(user_id, PERSONAL_DATA),
        health=find_consent(user_id, HEALTH_DATA),
        text_version=CONSENT_TEXT_VERSION,
        asks_reasons=may_ask_reason(user_id),
        reasons=Appointment.select().where(Appointment.user == user_id, Appointment.notes != NO_REASON).count(),
        copy=load_own_copy(uow),
    )


def load_own_copy(uow: UnitOfWork) -> OwnCopy:
    """Return the last copy of their data that the actor asked for."""
    own = DataCopy.select().where(DataCopy.user == uow.actor.user_id)
    row: DataCopy | None = own.order_by(DataCopy.id.desc()).first()
    if row is None:
        return OwnCopy(NO_COPY)
    is_over = row.expires_at is not None and uow.now >= row.expires_at
    return OwnCopy(
        state=_STATES.get(row.status, COPY_EXPIRED if is_over else COPY_WRITTEN),
        copy_id=row.id,
        done=row.done,
        total=row.total,
        size=row.size or 0,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        file_name=name_copy_file(row.ready_at) if row.ready_at else "",
    )


def name_copy_file(ready_at: datetime) -> str:
    """Return the name under which a copy of this moment is stored by its member."""
    return f"mis-datos-{bogota_date(ready_at).isoformat()}.zip"
