"""A span says nothing of its member."""

from dataclasses import fields

from beneficiate.views.report_spans import SpanRow


def test_row_has_no_member():
    assert not {field.name for field in fields(SpanRow)} & {"user_id", "person", "name", "document", "message"}
