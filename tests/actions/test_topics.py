"""Topics are added, renamed and deactivated, and never deleted; nobody waits for a topic that nobody knows."""

import json

import pytest

from beneficiate.actions.topics import MAX_TOPICS, SaveTopic, save_topic
from beneficiate.domain.administration import INVISIBLE_SIGN
from beneficiate.errors import InvalidForm, NotFound, OutdatedForm
from beneficiate.models.accounts import Agent
from beneficiate.models.audit import AuditEntry
from beneficiate.models.call_centre import Skill, Topic
from beneficiate.models.chats import ACTIVE, Chat
from tests.actions.queue_steps import OPEN_HOURS_NOW, QueueActions, available_agent, create_topic
from tests.factories import agent, supervisor


@pytest.fixture
def save(act, db):
    marta = supervisor("Marta")

    def do(topic_id=0, version=1, who=marta, **typed):
        command = SaveTopic(topic_id, version, {"estado": "activo", **typed})
        return act(save_topic, command, who.actor, OPEN_HOURS_NOW)[0]

    return do


def wrong_fields(save, *args, **typed):
    with pytest.raises(InvalidForm) as caught:
        save(*args, **typed)
    return list(caught.value.fields)


def sentence(save, **typed):
    with pytest.raises(InvalidForm) as caught:
        save(**typed)
    return caught.value.fields["nombre"]


def test_new_topic_gets_a_code_that_it_keeps(save):
    first = save(nombre="  Mi  plan familiar ")
    save(first, nombre="Planes")
    second = save(nombre="Mi plan familiar")
    rows = Topic.select(Topic.code, Topic.name, Topic.version).where(Topic.id.in_([first, second])).order_by(Topic.id)
    assert list(rows.tuples()) == [
        ("mi-plan-familiar", "Planes", 2),
        ("mi-plan-familiar-2", "Mi plan familiar", 1),
    ]
    entry = AuditEntry.select().order_by(AuditEntry.id)[1]
    assert (entry.what, entry.subject, json.loads(entry.before)) == (
        "topics.save",
        f"topic:{first}",
        {"name": "Mi plan familiar"},
    )


def test_names_are_needed_and_unique_whatever_the_accents(save):
    topic = save(nombre="Afiliación")
    assert wrong_fields(save, nombre="AFILIACION") == ["nombre"]
    assert wrong_fields(save, nombre=" ") == ["nombre"]
    assert wrong_fields(save, nombre="x" * 41) == ["nombre"]
    assert wrong_fields(save, topic, nombre="Afiliación", estado="?") == ["estado"]
    assert sentence(save, nombre="%_%") == "Escriba el nombre con letras."
    assert sentence(save, nombre="Pla\u202enes") == INVISIBLE_SIGN
    assert save(topic, nombre="Afiliación") == topic
    assert Topic.get_by_id(topic).version == 1


def test_names_of_other_symbols_are_other_names(save):
    first = save(nombre="C")
    assert len({first, save(nombre="C++"), save(nombre="C 🚑"), save(nombre="C 😀")}) == 4
    for taken in ("c", "C.", "C 😀"):
        assert wrong_fields(save, nombre=taken) == ["nombre"]


def test_inactive_topic_keeps_its_waiting_chats_for_who_knows_it(act, save):
    topic = create_topic("pagos")
    chat = QueueActions(act).join(topic_code="pagos")
    Skill.create(agent=agent().agent_id, topic=topic)
    save(topic.id, nombre="Pagos", estado="inactivo")
    assert Chat.get_by_id(chat.id).topic_id == topic.id
    assert not Topic.get_by_id(topic.id).is_active


def test_anybody_takes_the_chats_of_an_inactive_topic_that_nobody_knows(act, save):
    topic, omar = create_topic("pagos"), available_agent("Omar", capacity=0)
    chat = QueueActions(act).join(topic_code="pagos")
    Agent.update(capacity=1).where(Agent.id == omar.agent_id).execute()
    save(topic.id, nombre="Pagos", estado="inactivo")
    stored = Chat.get_by_id(chat.id)
    assert (stored.status, stored.agent_id, stored.topic_id) == (ACTIVE, omar.agent_id, topic.id)


def test_old_version_unknown_topic_and_others_are_refused(save):
    topic = save(nombre="Pagos")
    save(topic, nombre="Cobros")
    with pytest.raises(OutdatedForm):
        save(topic, 1, nombre="Abonos")
    with pytest.raises(NotFound):
        save(99999, nombre="Nada")
    with pytest.raises(NotFound):
        save(who=agent(), nombre="Nada")


def test_there_are_so_many_topics_and_no_more(save):
    for number in range(MAX_TOPICS - Topic.select().count()):
        create_topic(f"t{number}")
    assert wrong_fields(save, nombre="Uno más") == ["nombre"]
