"""Whether agents take chats: set by themselves, or for them."""

import re

import pytest

from beneficiate.actions import availability
from beneficiate.errors import NotFound
from beneficiate.models.accounts import AVAILABLE, AWAY, OFFLINE, Agent, User
from beneficiate.models.chats import ACTIVE, WAITING
from beneficiate.protocol import channels
from beneficiate.protocol.events import QueueLengthChanged
from beneficiate.protocol.queue import AvailabilityChanged, QueueReordered, SetAgentAway, SetAvailability
from beneficiate.text_limits import MAX_AVAILABILITY_REASON_CHARS
from beneficiate.unit_of_work import SYSTEM
from tests.actions.queue_steps import (
    OPEN_HOURS_NOW,
    QueueActions,
    agent_availability,
    available_agent,
    chat_state,
    events_with_channels,
    load_agent,
    seconds_after_now,
)
from tests.factories import member, supervisor


@pytest.fixture
def desk(act):
    return QueueActions(act)


def test_who_becomes_available_gets_what_waits_up_to_what_they_can_have(desk):
    yuliana = available_agent(capacity=2)
    Agent.update(availability=AWAY).execute()
    chats = [desk.join(second=n) for n in range(3)]
    _, outgoing = desk.run_as(availability.change_availability, SetAvailability(availability=AVAILABLE), yuliana, 10)
    assert [chat_state(chat) for chat in chats] == [(ACTIVE, yuliana.agent_id)] * 2 + [(WAITING, None)]
    changed = AvailabilityChanged(agent_id=yuliana.agent_id, availability="available", reason="", is_automatic=False)
    assert events_with_channels(outgoing)[0] == (
        changed,
        (channels.agent_channel(yuliana.agent_id), channels.SUPERVISORS_CHANNEL),
    )
    assert events_with_channels(outgoing, QueueLengthChanged) == [
        (QueueLengthChanged(waiting=1), (channels.AGENTS_CHANNEL,))
    ]
    assert load_agent(yuliana).availability_at == seconds_after_now(10)


@pytest.mark.parametrize("chosen", [AWAY, OFFLINE])
def test_who_is_not_available_gets_nothing_and_keeps_what_they_have(desk, chosen):
    yuliana = available_agent()
    kept = desk.join()
    _, outgoing = desk.run_as(
        availability.change_availability, SetAvailability(availability=chosen, reason="Almuerzo"), yuliana
    )
    assert agent_availability(yuliana) == (chosen, "Almuerzo")
    assert chat_state(desk.join()) == (WAITING, None)
    assert chat_state(kept) == (ACTIVE, yuliana.agent_id)
    # The estimate of the wait has changed by now.
    assert events_with_channels(outgoing, QueueReordered) == [(QueueReordered(), (channels.QUEUE_CHANNEL,))]


def test_supervisor_is_given_nothing_until_they_are_available(desk):
    marta = supervisor()
    User.update(online_status=True).where(User.id == marta.id).execute()
    chat = desk.join()
    assert chat_state(chat) == (WAITING, None)
    desk.run_as(availability.change_availability, SetAvailability(availability="available"), marta)
    assert chat_state(chat) == (ACTIVE, marta.agent_id)


def test_who_set_themselves_away_did_it_themselves(desk):
    yuliana = available_agent()
    chosen = SetAvailability(availability=AWAY, reason="Se perdió la conexión")
    desk.run_as(availability.change_availability, chosen, yuliana)
    assert not load_agent(yuliana).is_automatic


def test_system_sets_away_who_was_available_and_says_why(desk, act):
    yuliana, omar = available_agent(), available_agent("Omar")
    Agent.update(availability=OFFLINE).where(Agent.id == omar.agent_id).execute()

    def set_away(uow):
        availability.set_agents_away(uow, {yuliana.agent_id, omar.agent_id}, "Se perdió la conexión")

    _, outgoing = act(set_away, None, SYSTEM, OPEN_HOURS_NOW)
    assert (agent_availability(yuliana), agent_availability(omar)[0]) == ((AWAY, "Se perdió la conexión"), OFFLINE)
    changed = AvailabilityChanged(
        agent_id=yuliana.agent_id, availability="away", reason="Se perdió la conexión", is_automatic=True
    )
    to = (channels.agent_channel(yuliana.agent_id), channels.SUPERVISORS_CHANNEL)
    assert events_with_channels(outgoing) == [(changed, to)]
    desk.run_as(availability.change_availability, SetAvailability(availability=AVAILABLE), yuliana, 1)
    assert (agent_availability(yuliana), load_agent(yuliana).is_automatic) == ((AVAILABLE, ""), False)


def test_who_signs_out_is_away_and_members_have_nothing_to_set(act, desk):
    yuliana = available_agent()
    for who in (yuliana, member()):
        act(availability.set_signed_out_agent_away, who.id, SYSTEM, OPEN_HOURS_NOW)
    assert agent_availability(yuliana) == (AWAY, "Cerró la sesión")


def test_supervisor_sets_an_available_agent_away_and_the_agent_reads_who_did(desk):
    yuliana, marta = available_agent(), supervisor("Marta")
    kept = desk.join()
    command = SetAgentAway(agent_id=yuliana.agent_id, reason=" Capacitación ")
    _, outgoing = desk.run_as(availability.set_agent_away, command, marta)
    reason = f"Por decisión de {marta.user.name}: Capacitación"
    changed = AvailabilityChanged(agent_id=yuliana.agent_id, availability="away", reason=reason, is_automatic=True)
    assert [event for event, _ in events_with_channels(outgoing, AvailabilityChanged)] == [changed]
    assert (chat_state(kept), chat_state(desk.join())) == ((ACTIVE, yuliana.agent_id), (WAITING, None))


def test_who_is_away_already_stays_so_and_the_second_supervisor_is_told_who_did_it_and_when(desk):
    yuliana, marta, luz = available_agent(), supervisor("Marta"), supervisor("Luz")
    first, second = (SetAgentAway(agent_id=yuliana.agent_id, reason=reason) for reason in ("Capacitación", "Pausa"))
    desk.run_as(availability.set_agent_away, first, marta)
    reason = f"Por decisión de {marta.user.name}: Capacitación"
    for who, command in ((luz, first), (luz, second), (marta, second)):
        with pytest.raises(availability.AgentIsAway, match=re.escape(f"Yuliana ya no recibe chats. {reason} (a las ")):
            desk.run_as(availability.set_agent_away, command, who, 60)
    # The same decision again: its answer was lost.
    _, outgoing = desk.run_as(availability.set_agent_away, first, marta, 60)
    assert (agent_availability(yuliana), list(outgoing)) == ((AWAY, reason), [])
    with pytest.raises(availability.AgentIsAway, match=r"\(el 25 nov 2026 a las 10:00"):
        desk.run_as(availability.set_agent_away, second, luz, 86_400)


@pytest.mark.parametrize(("reason", "said"), [("Turno", "Turno"), ("", "Dejó de recibirlos")])
def test_who_takes_no_chats_by_themselves_stays_as_they_are(desk, reason, said):
    yuliana, marta = available_agent(), supervisor()
    command = SetAgentAway(agent_id=yuliana.agent_id)
    Agent.update(availability=OFFLINE, reason=reason).where(Agent.id == yuliana.agent_id).execute()
    with pytest.raises(availability.AgentIsAway, match=r"Yuliana ya no recibe chats\.$"):
        desk.run_as(availability.set_agent_away, command, marta)
    Agent.update(availability_at=OPEN_HOURS_NOW).where(Agent.id == yuliana.agent_id).execute()
    with pytest.raises(availability.AgentIsAway, match=re.escape(f"{said} (a las ")):
        desk.run_as(availability.set_agent_away, command, marta)
    assert agent_availability(yuliana) == (OFFLINE, reason)


def test_agents_set_nobody_away_and_only_active_agents_can_be(desk):
    yuliana, omar, marta = available_agent(), available_agent("Omar"), supervisor()
    Agent.update(status="INACTIVE").where(Agent.id == omar.agent_id).execute()
    for who, whom in ((yuliana, yuliana), (marta, omar)):
        with pytest.raises(NotFound):
            desk.run_as(availability.set_agent_away, SetAgentAway(agent_id=whom.agent_id), who)


def test_long_name_and_reason_fit_where_they_are_stored(desk):
    yuliana, marta = available_agent(), supervisor("María Fernanda de los Ángeles", last_name="Echeverri Santamaría")
    desk.run_as(availability.set_agent_away, SetAgentAway(agent_id=yuliana.agent_id, reason="x" * 100), marta)
    assert len(load_agent(yuliana).reason) == MAX_AVAILABILITY_REASON_CHARS
