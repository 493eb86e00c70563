"""The staff as supervisors see it."""

import pytest

from beneficiate.views.staff import Presence, StaffMember, StaffRow, TopicOption


def test_row_has_the_letters_and_the_role_of_a_person():
    row = StaffRow(7, "Ana María Uribe", "activas", "", "AG-1", "supervisor", "", 3, None)
    shown = (row.initials, row.avatar_color, row.role_label, row.capacity_text)
    assert shown == ("AU", 4, "Supervisor", "3 a la vez")


def test_topic_says_that_it_is_inactive_how_many_wait_and_that_nobody_else_knows_it():
    hints = [TopicOption(1, "Pagos", 4, True, is_active=False), TopicOption(1, "Pagos", 0, is_active=False)]
    assert [one.choice[2] for one in hints] == ["inactivo, 4 en espera ahora, nadie más lo atiende", "inactivo"]
    assert TopicOption(1, "Pagos", 4).choice == (1, "Pagos", "4 en espera ahora")


def test_capacity_says_what_it_means_now():
    row = StaffRow(7, "Ana Uribe", "activas", "", "AG-1", "agente", "", 3, None)
    texts = [
        StaffMember(row, False, "Ana", Presence("", ""), {"": 3}, 0, capacity).capacity_text for capacity in (3, 4, 6)
    ]
    assert texts == [
        "Tiene 3. No se le asigna ninguno más por ahora.",
        "Tiene 3. Se le asignará 1 más.",
        "Tiene 3. Se le asignarán 3 más.",
    ]


@pytest.mark.parametrize(
    ("count", "waiting", "said"),
    [
        (0, 0, ""),
        (1, 1, "1 espera respuesta: va al frente de la fila y conserva su reloj."),
        (1, 0, "En 1 nadie espera: va detrás, y lo recibe otra persona."),
        (3, 1, "1 espera respuesta: va al frente de la fila y conserva su reloj. En 2 nadie espera: van detrás,"),
        (3, 2, "2 esperan respuesta: van al frente de la fila y conservan su reloj. En 1 nadie espera: va detrás,"),
    ],
)
def test_what_becomes_of_the_chats_of_somebody_who_goes(count, waiting, said):
    row = StaffRow(1, "Ana Uribe", "activas", "", "AG-1", "agente", "", 3, None)
    text = StaffMember(row, False, "Ana", Presence("", ""), {"": count}, waiting, 5).return_text
    assert text.startswith(said)
    assert bool(text) == bool(count)
