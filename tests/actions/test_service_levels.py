"""Supervisors change what is promised; each change is a version, and the open chats move if that was chosen."""

import json

import pytest

from beneficiate.actions import service_levels
from beneficiate.actions.service_levels import InheritServiceLevel, SaveServiceLevel
from beneficiate.errors import InvalidForm, NotFound, OutdatedForm
from beneficiate.models.audit import AuditEntry
from beneficiate.models.service_levels import ServiceLevel
from tests.actions.queue_steps import QueueActions, create_topic, load_chat, seconds_after_now
from tests.factories import agent, supervisor

TYPED = {"primera": "1", "siguiente": "3", "resolver": "4", "avisar": "60", "meta": "80", "desde": "nuevos"}


@pytest.fixture
def desk(act):
    return QueueActions(act)


def save(desk, code="", version=0, who=None, **typed):
    command = SaveServiceLevel(code, version, {**TYPED, **typed})
    return desk.run_as(service_levels.save_service_level, command, who or supervisor())


def versions():
    columns = (ServiceLevel.topic, ServiceLevel.version, ServiceLevel.first_response_s, ServiceLevel.is_inherited)
    return list(ServiceLevel.select(*columns).order_by(ServiceLevel.id).tuples())


def test_changes_are_versions_and_chats_keep_theirs(desk):
    save(desk)
    chat = desk.join()
    save(desk, version=1, primera="2")
    assert versions() == [(None, 1, 60, False), (None, 2, 120, False)]
    assert load_chat(chat).response_due_at == seconds_after_now(60)
    assert load_chat(desk.join()).response_due_at == seconds_after_now(120)


def test_open_chats_move_if_that_was_chosen_and_only_those_of_the_topic(desk):
    payments = create_topic("pagos")
    save(desk)
    chat, other = desk.join(topic_code="pagos"), desk.join()
    save(desk, "pagos", primera="5", desde="abiertos")
    assert load_chat(chat).response_due_at == seconds_after_now(300)
    assert load_chat(other).response_due_at == seconds_after_now(60)
    save(desk, version=1, primera="7", desde="abiertos")
    assert load_chat(chat).response_due_at == seconds_after_now(300)
    assert load_chat(other).response_due_at == seconds_after_now(420)
    assert ServiceLevel.select().where(ServiceLevel.topic == payments.id).count() == 1


def test_open_chats_can_move_to_what_is_in_force_already(desk):
    save(desk)
    chat = desk.join()
    save(desk, version=1, primera="2")
    save(desk, version=2, primera="2", desde="abiertos")
    assert len(versions()) == 2
    assert load_chat(chat).response_due_at == seconds_after_now(120)


def test_who_saves_second_is_told(desk):
    save(desk)
    for version in (0, 2):
        with pytest.raises(OutdatedForm):
            save(desk, version=version, primera="9")
    assert len(versions()) == 1


def test_a_topic_can_have_again_what_all_others_have(desk):
    payments, marta = create_topic("pagos"), supervisor()
    save(desk)
    save(desk, "pagos", primera="5")
    desk.run_as(service_levels.inherit_service_level, InheritServiceLevel("pagos", 1), marta)
    assert load_chat(desk.join(topic_code="pagos")).response_due_at == seconds_after_now(60)
    # A second time, or in general, nothing changes.
    desk.run_as(service_levels.inherit_service_level, InheritServiceLevel("pagos", 2), marta)
    desk.run_as(service_levels.inherit_service_level, InheritServiceLevel("", 1), marta)
    with pytest.raises(OutdatedForm):
        desk.run_as(service_levels.inherit_service_level, InheritServiceLevel("pagos", 1), marta)
    assert [row for row in versions() if row[0] == payments.id] == [
        (payments.id, 1, 300, False),
        (payments.id, 2, None, True),
    ]


def test_open_chats_of_a_topic_that_inherits_move_only_if_that_was_chosen(desk):
    create_topic("pagos")
    create_topic("citas")
    for code, minutes in (("", "1"), ("pagos", "5"), ("citas", "7")):
        save(desk, code, primera=minutes)
    marta, chat, other = supervisor(), desk.join(topic_code="pagos"), desk.join(topic_code="citas")
    desk.run_as(service_levels.inherit_service_level, InheritServiceLevel("pagos", 1), marta)
    assert load_chat(chat).response_due_at == seconds_after_now(300)
    save(desk, "pagos", version=2, primera="5")
    desk.run_as(service_levels.inherit_service_level, InheritServiceLevel("pagos", 3, moves_open=True), marta)
    assert load_chat(chat).response_due_at == seconds_after_now(60)
    assert load_chat(other).response_due_at == seconds_after_now(420)
    assert json.loads(AuditEntry.select().order_by(AuditEntry.id.desc()).first().after)["moves_open"] is True


def test_open_chats_have_no_deadline_where_nothing_is_promised_in_general(desk):
    create_topic("pagos")
    save(desk, "pagos", primera="5")
    chat = desk.join(topic_code="pagos")
    command = InheritServiceLevel("pagos", 1, moves_open=True)
    desk.run_as(service_levels.inherit_service_level, command, supervisor())
    assert (load_chat(chat).response_due_at, load_chat(chat).service_level_id) == (None, None)


def test_audit_has_what_was_before_and_after(desk):
    create_topic("pagos")
    save(desk)
    save(desk, version=1, primera="2", desde="abiertos")
    save(desk, "pagos")
    desk.run_as(service_levels.inherit_service_level, InheritServiceLevel("pagos", 1), supervisor())
    rows = list(AuditEntry.select().order_by(AuditEntry.id))
    assert [(row.what, row.subject) for row in rows] == [
        ("levels.save", "service_level:general"),
        ("levels.save", "service_level:general"),
        ("levels.save", "service_level:pagos"),
        ("levels.inherit", "service_level:pagos"),
    ]
    assert "level_siguiente" not in rows[1].before
    assert all("level_desde" not in row.after for row in rows)
    assert ('"level_primera":"1"' in rows[1].before.replace(" ", ""), "moves_open" in rows[1].after) == (True, True)


def test_saving_what_is_stored_is_recorded_only_if_open_chats_get_it(desk):
    save(desk)
    save(desk, version=1)
    assert AuditEntry.select().count() == 1
    save(desk, version=1, desde="abiertos")
    assert json.loads(AuditEntry.select().order_by(AuditEntry.id.desc()).first().after) == {"moves_open": True}
    assert len(versions()) == 1


def test_only_supervisors_save_and_only_what_is_valid(desk):
    for action, command in (
        (service_levels.save_service_level, SaveServiceLevel("", 0, TYPED)),
        (service_levels.inherit_service_level, InheritServiceLevel("", 0)),
    ):
        with pytest.raises(NotFound):
            desk.run_as(action, command, agent())
    with pytest.raises(NotFound):
        save(desk, "nada")
    with pytest.raises(InvalidForm):
        save(desk, meta="0")
    assert versions() == []
