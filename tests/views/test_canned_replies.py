"""Canned replies as the API sends them."""

from datetime import UTC, datetime

import msgspec

from beneficiate.models.call_centre import CannedReply
from beneficiate.views.canned_replies import RenderedReply, serialize_canned_reply

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)


def test_reply_is_sent_with_its_variables_as_they_are_written():
    row = CannedReply(id=3, shortcut="saludo", title="Saludo", text="Hola, {{member.first_name}}.", updated_at=NOW)
    assert msgspec.to_builtins(serialize_canned_reply(row)) == {
        "id": 3,
        "shortcut": "saludo",
        "title": "Saludo",
        "text": "Hola, {{member.first_name}}.",
        "uses": 0,
        "is_active": True,
        "updated_at": "2026-11-23T13:00:00Z",
        "version": 1,
    }


def test_rendered_reply_names_the_variables_that_stayed():
    text = msgspec.json.encode(RenderedReply(id=3, text="Hola, {{x}}.", unknown=["x"]))
    assert msgspec.json.decode(text) == {"id": 3, "text": "Hola, {{x}}.", "unknown": ["x"]}
