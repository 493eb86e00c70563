"""What is said before a topic is deactivated."""

import pytest

from beneficiate.views.topics import TopicRow


@pytest.mark.parametrize(
    ("agents", "waiting", "text"),
    [
        (2, 0, "Ahora no hay chats en espera de este tema."),
        (1, 1, "El chat en espera sigue en la cola para la persona que lo atiende."),
        (3, 4, "Los 4 chats en espera siguen en la cola para las 3 personas que lo atienden."),
        (0, 1, "Nadie atiende este tema: el chat en espera lo recibe cualquiera."),
        (0, 4, "Nadie atiende este tema: los 4 chats en espera los recibe cualquiera."),
    ],
)
def test_deactivation_says_what_becomes_of_the_waiting_chats(agents, waiting, text):
    row = TopicRow(1, "Pagos", "activos", "Pagos", agents, waiting)
    assert row.deactivation_text.endswith(text)
