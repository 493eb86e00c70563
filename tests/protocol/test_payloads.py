"""Payloads hide what a receiver may not see by leaving it out."""

import msgspec

from beneficiate.protocol.payloads import MessagePayload, PersonPayload


def test_person_without_an_email_has_no_such_field():
    person = PersonPayload(id=31, first_name="Ana", last_name="Rojas")
    assert msgspec.to_builtins(person) == {"id": 31, "first_name": "Ana", "last_name": "Rojas"}


def test_message_without_a_file_has_no_attachment_but_an_empty_client_id():
    fields = {"id": 1, "chat_id": 12, "seq": 1, "sender_id": None, "sender_type": "SYSTEM", "message": "Hola"}
    message = msgspec.convert({**fields, "status": "SENT", "sent_at": "2026-08-25T15:31:00Z"}, MessagePayload)
    sent = msgspec.to_builtins(message)
    assert "attachment" not in sent
    assert sent["client_id"] is None
