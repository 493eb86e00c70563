"""The board says how many requests are late or will be soon."""

from beneficiate.actions import data_request_handling as handling
from beneficiate.queries.data_request_alerts import load_request_alerts
from tests.actions.request_steps import TEXT, file, handle, on_day
from tests.factories import member, supervisor


def shown(now):
    return [(one.level, one.title, one.text, one.address) for one in load_request_alerts(now)]


def test_late_ones_come_before_those_that_will_be(act, db):
    assert shown(on_day(5)) == []
    file(act, member("Ana"))
    assert shown(on_day(25)) == []
    page = "/supervisor/solicitudes?plazo="
    soon = ("warn", "Una solicitud de datos está por vencer.", "Hay 1 abierta.", f"{page}por-vencer")
    assert shown(on_day(26)) == shown(on_day(28)) == [soon]
    for name in ("Luis", "Iris"):
        file(act, member(name), now=on_day(10))
    assert shown(on_day(31)) == [
        ("danger", "Una solicitud de datos está vencida.", "Hay 3 abiertas.", f"{page}vencidas"),
        ("warn", "2 solicitudes de datos están por vencer.", "Hay 3 abiertas.", f"{page}por-vencer"),
    ]


def test_what_waits_for_its_person_or_is_closed_is_no_alert(act, db):
    marta = supervisor()
    asked, answered = file(act, member("Ana")), file(act, member("Luis"), "query")
    handle(act, handling.ask_for_information, asked, marta, pregunta=TEXT)
    handle(act, handling.answer_request, answered, marta, respuesta=TEXT)
    assert shown(on_day(31)) == []
