"""A member's requests about their data, and what happened to each, as a copy of their data has them."""

from peewee import ModelSelect

from beneficiate.domain.data_requests.presentation import (
    DECISION_NAMES,
    EVENT_NAMES,
    KIND_NAMES,
    STATE_NAMES,
    SUBJECT_NAMES,
)
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from beneficiate.queries.copied_records import ROLE_NAMES
from beneficiate.queries.copied_tables import OF_TEAM, TECHNICAL, CopiedTable, read_column

EVENT_LABELS = {kind: name for kind, (name, _) in EVENT_NAMES.items()}


def _select_events(user_id: int) -> ModelSelect:
    return DataRequestEvent.select().join(DataRequest).where(DataRequest.user == user_id)


REQUEST_TABLES = (
    CopiedTable(
        "data_requests",
        "Sus solicitudes sobre sus datos",
        DataRequest,
        lambda user_id: DataRequest.select().where(DataRequest.user == user_id),
        (DataRequest.id,),
        (
            read_column("id", "Número interno", DataRequest.id),
            read_column("kind", "Tipo", DataRequest.kind, names=KIND_NAMES),
            read_column("subject", "Qué pidió", DataRequest.subject, names=SUBJECT_NAMES),
            read_column("text", "Lo que escribió", DataRequest.text),
            read_column("state", "Estado", DataRequest.state, names=STATE_NAMES),
            read_column("received_at", "Recibida", DataRequest.received_at),
            read_column("counted_from", "Completa desde", DataRequest.counted_from),
            read_column("due_on", "Último día del plazo", DataRequest.due_on),
            read_column("first_due_on", "Último día antes de la prórroga", DataRequest.first_due_on),
            read_column("asked_at", "Se pidió información", DataRequest.asked_at),
            read_column("decision", "Decisión", DataRequest.decision, names=DECISION_NAMES),
            read_column("answer", "Respuesta", DataRequest.answer),
            read_column("closed_at", "Cerrada", DataRequest.closed_at),
            read_column("breached_at", "Se anotó que venció", DataRequest.breached_at),
        ),
        {"filed_by": OF_TEAM, "assignee": OF_TEAM, "warned_at": TECHNICAL, "version": TECHNICAL},
    ),
    CopiedTable(
        "data_request_events",
        "Lo que pasó con sus solicitudes",
        DataRequestEvent,
        _select_events,
        (DataRequestEvent.id,),
        (
            read_column("request_id", "Solicitud", DataRequestEvent.request),
            read_column("kind", "Qué pasó", DataRequestEvent.kind, names=EVENT_LABELS),
            read_column("at", "Cuándo", DataRequestEvent.at),
            read_column("actor_name", "Quién", DataRequestEvent.actor_name),
            read_column("actor_role", "Como", DataRequestEvent.actor_role, names=ROLE_NAMES),
            read_column("text", "Texto", DataRequestEvent.text),
        ),
    ),
)
