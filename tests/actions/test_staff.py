"""The staff: what a supervisor changes, who cannot be shut out, and what becomes of the chats of who is."""

import json

import pytest

from beneficiate.actions import staff, unanswered
from beneficiate.actions.own_contacts import RequestAddress, request_address
from beneficiate.actions.sign_ins import StartSignIn, start_sign_in
from beneficiate.actions.staff import SaveStaffMember
from beneficiate.errors import Conflict, InvalidForm, NotFound, OutdatedForm
from beneficiate.models.account_emails import ADDRESS_CHANGED, AccountEmail
from beneficiate.models.accounts import INVITED_STAFF, PAGE_SIGN_IN, Agent, SignIn, Supervisor, User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.call_centre import Skill
from beneficiate.models.chats import ACTIVE, WAITING, Chat
from beneficiate.protocol import channels
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.protocol.queue import AvailabilityChanged
from beneficiate.queries.accounts import find_actors
from beneficiate.queries.staff import load_staff_member
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import (
    OPEN_HOURS_NOW,
    QueueActions,
    available_agent,
    create_topic,
    load_chat,
    seconds_after_now,
)
from tests.factories import agent, member, supervisor, support_chat


@pytest.fixture
def marta(db):
    return supervisor("Marta")


@pytest.fixture
def run(act, marta):
    """Run an action as Marta, or as somebody else, and return the events."""
    return lambda action, command, who=None: act(action, command, (who or marta).actor, OPEN_HOURS_NOW)[1]


@pytest.fixture
def save(run, marta):
    """Save one of the staff as the form shows them, with changes."""

    def do(who, by=None, version=None, **changes):
        _, shown = load_staff_member(UnitOfWork((by or marta).actor, OPEN_HOURS_NOW), who.id)
        command = SaveStaffMember(who.id, version or shown.version, {**shown.values, **changes})
        return run(staff.save_staff_member, command, by)

    return do


def wrong_fields(save, who, **changes):
    with pytest.raises(InvalidForm) as caught:
        save(who, **changes)
    return caught.value.fields


def last_audit(what):
    entry = AuditEntry.select().where(AuditEntry.what == what).order_by(AuditEntry.id.desc()).get()
    return entry.subject, json.loads(entry.before), json.loads(entry.after)


def emitted(events, kind):
    return [(one.event, one.channels) for one in events if isinstance(one.event, kind)]


def test_every_field_is_changed_and_recorded(save):
    omar, topic, other = agent("Omar"), create_topic("pagos"), create_topic("citas")
    Skill.create(agent=omar.agent_id, topic=topic)
    old_code = Agent.get_by_id(omar.agent_id).agent_code
    events = save(omar, nombres="Omar José", correo="OMAR@x.co", codigo="zz-9", capacidad="7", temas=f"{other.id}")
    row = Agent.get_by_id(omar.agent_id)
    assert (row.user.name, row.user.email) == (f"Omar José {omar.user.last_name}", "omar@x.co")
    assert (row.agent_code, row.capacity, row.version) == ("ZZ-9", 7, 2)
    assert [skill.topic_id for skill in Skill.select()] == [other.id]
    subject, before, after = last_audit("staff.save")
    assert subject == f"agent:{omar.agent_id}"
    assert (before["agent_code"], after["agent_code"]) == (old_code, "ZZ-9")
    assert (before["topics"], after["topics"]) == (["Pagos"], ["Citas"])
    ((event, where),) = emitted(events, AvailabilityChanged)
    assert event.agent_id == omar.agent_id
    assert channels.agent_channel(omar.agent_id) in where


def test_both_addresses_are_told_of_a_change_and_links_of_before_end(act, save):
    omar, invited = agent("Omar"), agent("Luz")
    Agent.update(status=INVITED_STAFF).where(Agent.id == invited.agent_id).execute()
    act(request_address, RequestAddress("otro@x.co", "192.0.2.1", omar.user.password_hash), omar.actor)
    save(omar, correo="omar@x.co")
    save(invited, correo="luz@x.co")
    told = [(row.kind, row.email) for row in AccountEmail.select().order_by(AccountEmail.id)]
    assert told == [(ADDRESS_CHANGED, omar.user.email), (ADDRESS_CHANGED, "omar@x.co")]


def test_nothing_changed_records_nothing(save):
    omar = agent("Omar")
    save(omar)
    assert Agent.get_by_id(omar.agent_id).version == 1
    assert not AuditEntry.select().exists()


def test_more_capacity_and_a_new_topic_bring_waiting_chats_at_once(act, save):
    desk, topic = QueueActions(act), create_topic("pagos")
    omar = available_agent("Omar", capacity=0)
    available_agent("Gloria", topics=[topic], is_online=False)
    plain, about_payments = desk.join(), desk.join(topic_code="pagos", second=1)
    save(omar, capacidad="2")
    assert [Chat.get_by_id(one.id).status for one in (plain, about_payments)] == [ACTIVE, WAITING]
    save(omar, temas=str(topic.id))
    assert Chat.get_by_id(about_payments.id).agent_id == omar.agent_id


@pytest.mark.parametrize("way", ["topics", "deactivated"])
def test_anybody_takes_the_chats_of_a_topic_whose_last_agent_goes(act, run, save, way):
    desk, topic = QueueActions(act), create_topic("pagos")
    topic.is_active = False
    last, other = available_agent("Omar", topics=[topic], is_online=False), available_agent("Iris")
    chat = desk.join(topic_code="pagos")
    topic.save()
    assert load_chat(chat).status == WAITING
    if way == "topics":
        save(last, temas="")
    else:
        run(staff.deactivate_staff_member, last.id)
    assert (load_chat(chat).agent_id, load_chat(chat).topic_id) == (other.agent_id, topic.id)


def test_code_and_address_say_whose_they_are(save):
    omar, yuliana, gone, ana = agent("Omar"), agent("Yuliana"), agent("Edwin"), member("Ana")
    Agent.update(status="INACTIVE").where(Agent.id == gone.agent_id).execute()
    code = Agent.get_by_id(yuliana.agent_id).agent_code
    assert wrong_fields(save, omar, codigo=code.lower()) == {"codigo": f"{code} ya es de {yuliana.user.name}."}
    assert wrong_fields(save, omar, correo=yuliana.user.email) == {
        "correo": f"Ese correo ya es de {yuliana.user.name}."
    }
    assert f"{gone.user.name}, que está en Inactivas" in wrong_fields(save, omar, correo=gone.user.email)["correo"]
    assert ana.user.first_name not in wrong_fields(save, omar, correo=ana.user.email)["correo"]
    assert wrong_fields(save, omar, temas="99999") == {"temas": "Elija los temas de la lista."}


def test_second_of_two_supervisors_does_not_overwrite(save):
    omar, gloria = agent("Omar"), supervisor("Gloria")
    save(omar, by=gloria, capacidad="3")
    with pytest.raises(OutdatedForm):
        save(omar, version=1, capacidad="4")
    # The same form sent twice.
    save(omar, by=gloria, version=1, capacidad="3")
    assert Agent.get_by_id(omar.agent_id).capacity == 3
    _, shown = load_staff_member(UnitOfWork(gloria.actor, OPEN_HOURS_NOW), omar.id)
    assert (shown.version, shown.last_change.name) == (2, gloria.user.name)


def test_who_deactivated_one_is_the_last_who_changed_them(save, run, marta):
    omar, gloria = agent("Omar"), supervisor("Gloria")
    save(omar, capacidad="3")
    run(staff.deactivate_staff_member, omar.id, gloria)
    _, shown = load_staff_member(UnitOfWork(marta.actor, OPEN_HOURS_NOW), omar.id)
    assert shown.last_change.name == gloria.user.name


def test_role_is_given_and_taken(save):
    omar = agent("Omar")
    events = save(omar, papel="supervisor")
    assert find_actors([omar.id])[omar.id].role == "supervisor"
    ended = (ConnectionsEnded(code=4403, reason="role changed"), (channels.user_channel(omar.id),))
    assert emitted(events, ConnectionsEnded) == [ended]
    assert emitted(save(omar, nombres="Omar J."), ConnectionsEnded) == []
    assert emitted(save(omar, papel="agente"), ConnectionsEnded) == [ended]
    assert find_actors([omar.id])[omar.id].role == "agent"
    assert last_audit("staff.save")[1:] == ({"role": "supervisor"}, {"role": "agent"})


def test_nobody_shuts_themselves_or_the_last_supervisor_out(run, save, marta):
    assert list(wrong_fields(save, marta, papel="agente")) == ["papel"]
    with pytest.raises(Conflict, match="a sí mismo"):
        run(staff.deactivate_staff_member, marta.id)
    gloria = supervisor("Gloria")
    Supervisor.update(status="INACTIVE").where(Supervisor.user == marta.id).execute()
    # Gloria was dismissing Marta while Marta's own act was on its way.
    with pytest.raises(Conflict, match="último supervisor"):
        run(staff.deactivate_staff_member, gloria.id)


def test_deactivated_agent_loses_chats_sign_ins_and_connections_and_keeps_the_name(act, run, marta):
    desk, omar, ana = QueueActions(act), available_agent("Omar"), member("Ana")
    waiting_for_answer, answered = desk.join(), desk.join(ana, second=1)
    Chat.update(awaiting_since=None).where(Chat.id == answered.id).execute()
    since = Chat.get_by_id(waiting_for_answer.id).awaiting_since
    act(start_sign_in, StartSignIn(omar.id, PAGE_SIGN_IN), omar.actor, OPEN_HOURS_NOW)
    outside = desk.join(second=2)
    support_chat(member(), None, awaiting_since=seconds_after_now(-500))
    events = run(staff.deactivate_staff_member, omar.id)
    for chat in (waiting_for_answer, outside):
        stored = Chat.get_by_id(chat.id)
        assert (stored.status, stored.agent_id) == (WAITING, None)
    # Nobody waited in this one: it waits from now on, ahead of nobody.
    assert (load_chat(answered).status, load_chat(answered).agent_id) == (WAITING, None)
    assert (load_chat(answered).is_front, load_chat(answered).awaiting_since) == (False, OPEN_HOURS_NOW)
    assert Chat.get_by_id(waiting_for_answer.id).awaiting_since == since
    assert Chat.get_by_id(waiting_for_answer.id).is_front
    ended = emitted(events, ConnectionsEnded)
    assert (ended[0][0].code, ended[0][1]) == (4403, (channels.user_channel(omar.id),))
    assert SignIn.get(SignIn.user == omar.id).ended_at is not None
    assert find_actors([omar.id]) == {}
    assert User.get_by_id(omar.id).name == omar.user.name
    kinds = [row.what for row in AuditEntry.select().where(AuditEntry.actor_id == marta.id).order_by(AuditEntry.id)]
    assert kinds[0] == "chats.unanswered"
    assert "accounts.set_active" in kinds
    run(staff.deactivate_staff_member, omar.id)


@pytest.mark.parametrize("way", ["status", "account"])
def test_chats_that_somebody_who_is_gone_still_has_return(act, way):
    """Of an agent whom the command line or an older version has deactivated."""
    desk, omar, ana = QueueActions(act), available_agent("Omar"), member("Ana")
    chat = desk.join(ana)
    Chat.update(awaiting_since=None).where(Chat.id == chat.id).execute()
    act(unanswered.return_chats_of_absent_agents, None, SYSTEM, seconds_after_now(5))
    assert load_chat(chat).agent_id == omar.agent_id
    if way == "status":
        Agent.update(status="INACTIVE").where(Agent.id == omar.agent_id).execute()
    else:
        User.update(is_active=False).where(User.id == omar.id).execute()
    act(unanswered.return_chats_of_absent_agents, None, SYSTEM, seconds_after_now(6))
    assert (load_chat(chat).status, load_chat(chat).is_front) == (WAITING, False)


def test_reactivated_one_has_the_role_of_before_and_takes_no_chats_yet(run):
    gloria, omar = supervisor("Gloria"), available_agent("Omar")
    for who, role in ((gloria, "supervisor"), (omar, "agent")):
        run(staff.deactivate_staff_member, who.id)
        run(staff.reactivate_staff_member, who.id)
        run(staff.reactivate_staff_member, who.id)
        assert find_actors([who.id])[who.id].role == role
        assert Agent.get_by_id(who.agent_id).availability == "offline"


def test_who_never_had_a_password_is_not_reactivated(run):
    iris = agent("Iris", password_hash="")
    run(staff.deactivate_staff_member, iris.id)
    with pytest.raises(Conflict, match="invitación"):
        run(staff.reactivate_staff_member, iris.id)


def test_only_supervisors_change_the_staff(run, save):
    omar, ana = agent("Omar"), member()
    for action in (staff.deactivate_staff_member, staff.reactivate_staff_member):
        with pytest.raises(NotFound):
            run(action, omar.id, agent())
        with pytest.raises(NotFound):
            run(action, ana.id)
    with pytest.raises(NotFound):
        run(staff.save_staff_member, SaveStaffMember(omar.id, 1, {}), agent())
