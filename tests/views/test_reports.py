"""The state of a report is its address."""

from beneficiate.views.reports import TypedReport


def test_query_keeps_what_was_typed_and_changes_the_rest():
    typed = TypedReport(periodo="mes", agente="7", tema="Mi plan")
    assert typed.query() == "periodo=mes&agente=7&tema=Mi+plan"
    assert typed.query(periodo="rango", agente="") == "periodo=rango&tema=Mi+plan"
    assert TypedReport().query() == ""
