"""Who is away is told once, of what they can still do something about, and not in their quiet hours."""

from datetime import timedelta

import pytest

from beneficiate.actions import messages, presence, waiting_list
from beneficiate.actions.assignment import assign_waiting_chats
from beneficiate.actions.availability import change_availability
from beneficiate.actions.away_notices import (
    NewNotice,
    dispatch_due_notices,
    notice_unread_messages,
    queue_away_notices,
)
from beneficiate.actions.chats import close_chat
from beneficiate.actions.notice_preferences import save_notice_choices
from beneficiate.actions.queue import assign_chat, reopen_chat, return_chat, take_chat, transfer_chat
from beneficiate.actions.reminders import emit_due_reminders
from beneficiate.domain.booking.lifecycle import CANCELLED
from beneficiate.domain.notices import NoticeChoices
from beneficiate.models.accounts import AWAY, Agent, User
from beneficiate.models.appointments import AppointmentEmail
from beneficiate.models.chats import Chat, Message
from beneficiate.models.notices import AwayNotice, NoticeEmail, PushMessage
from beneficiate.protocol.commands import CloseChat, MarkRead, SendMessage
from beneficiate.protocol.queue import AssignChat, ReopenChat, ReturnChat, SetAvailability, TakeChat, TransferChat
from beneficiate.queries.notices import find_unread_chats
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.appointment_steps import NOW as BOOKED
from tests.actions.appointment_steps import book_appointment, cancel_appointment, change_status, move_appointment
from tests.actions.payment_steps import paid_payment
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.actions.queue_steps import available_agent, set_online
from tests.domain.booking.moments import at
from tests.factories import agent, direct_chat, member, member_with_plan, professional, supervisor, support_chat
from tests.models.test_notices import browser, notice

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Conversation:
    """A member and an agent with a chat; each step happens at a time."""

    def __init__(self, act):
        self.act = act
        self.ana, self.yuliana = member("Ana"), agent()
        self.chat = support_chat(self.ana, self.yuliana, created_at=NOW, updated_at=NOW)
        self.process = act(presence.register_process, "one", SYSTEM, NOW)[0]

    def answer(self, now, who=None):
        who = who or self.yuliana
        command = SendMessage(chat_id=self.chat.id, message="Su cita es mañana")
        return self.act(messages.send_messages, command, who.actor, now)[0]

    def come(self, now):
        command = presence.RegisterConnection(self.process, 10, TokenClaims(self.ana.id, 0))
        return self.act(presence.register_connections, command, self.ana.actor, now)[0]

    def leave(self, connection_id, now):
        self.act(presence.close_connections, presence.CloseConnection(connection_id), SYSTEM, now)
        self.act(presence.record_heartbeat, presence.ProcessHeartbeat(self.process, 60, ()), SYSTEM, now)
        self.act(presence.sweep_connections, presence.SweepConnections(self.process, 60, 0), SYSTEM, now)

    def told(self, now):
        """Dispatch and return the numbers of messages that e-mails tell of, and how many pushes there are."""
        self.act(dispatch_due_notices, None, SYSTEM, now)
        return [row.count for row in NoticeEmail.select().order_by(NoticeEmail.id)], PushMessage.select().count()


@pytest.fixture
def talk(act):
    return Conversation(act)


def test_answers_while_one_is_away_are_one_notice_that_counts_them(talk):
    browser(talk.ana)
    for seconds in (0, 30, 60):
        talk.answer(NOW + seconds * SECOND)
    assert talk.told(NOW + 119 * SECOND) == ([], 0)
    assert talk.told(NOW + 120 * SECOND) == ([3], 1)
    talk.answer(NOW + 10 * MINUTE)
    assert talk.told(NOW + HOUR) == ([3], 1)


def test_own_messages_and_direct_chats_tell_nobody(talk, act):
    talk.answer(NOW, talk.ana)
    other = member("Luis")
    direct = direct_chat(talk.ana, other)
    act(messages.send_messages, SendMessage(chat_id=direct.id, message="Hola"), other.actor, NOW)
    assert AwayNotice.select().count() == 0


def test_who_is_here_is_not_told(talk):
    talk.come(NOW)
    talk.answer(NOW + SECOND)
    assert AwayNotice.select().count() == 0


def test_who_came_back_meanwhile_is_not_told(talk):
    talk.answer(NOW)
    talk.come(NOW + MINUTE)
    assert talk.told(NOW + 3 * MINUTE) == ([], 0)


def test_each_silence_is_told_once_more(talk):
    talk.answer(NOW)
    assert talk.told(NOW + 2 * MINUTE) == ([1], 0)
    here = talk.come(NOW + HOUR)
    talk.leave(here, NOW + HOUR + MINUTE)
    # Nothing new was written while they were here.
    assert talk.told(NOW + 2 * HOUR) == ([1], 0)
    talk.answer(NOW + 3 * HOUR)
    assert talk.told(NOW + 4 * HOUR) == ([1, 2], 0)


def test_what_was_not_read_before_one_left_is_told(talk):
    here = talk.come(NOW)
    talk.answer(NOW + MINUTE)
    talk.leave(here, NOW + 2 * MINUTE)
    assert talk.told(NOW + 5 * MINUTE) == ([1], 0)


def test_what_was_read_before_one_left_is_not(talk, act):
    here = talk.come(NOW)
    message = talk.answer(NOW + MINUTE)
    act(messages.mark_read, MarkRead(chat_id=talk.chat.id, message_id=message.id), talk.ana.actor, NOW + MINUTE)
    talk.leave(here, NOW + 2 * MINUTE)
    assert talk.told(NOW + 5 * MINUTE) == ([], 0)


def test_recalled_or_read_elsewhere_leaves_nothing_to_tell(talk):
    talk.answer(NOW)
    Chat.update(user_unread=0).execute()
    assert talk.told(NOW + 2 * MINUTE) == ([], 0)


def test_account_that_is_closed_is_not_told(talk):
    talk.answer(NOW)
    User.update(is_active=False).where(User.id == talk.ana.id).execute()
    assert talk.told(NOW + 2 * MINUTE) == ([], 0)


@pytest.mark.parametrize(
    ("off", "told"), [({"chat.email"}, ([], 1)), ({"chat.push"}, ([1], 0)), ({"chat.email", "chat.push"}, ([], 0))]
)
def test_what_was_switched_off_is_not_sent(talk, act, off, told):
    browser(talk.ana)
    act(save_notice_choices, NoticeChoices(frozenset(off)), talk.ana.actor, NOW)
    talk.answer(NOW)
    assert talk.told(NOW + 2 * MINUTE) == told


def test_quiet_hours_delay_what_can_wait_and_count_what_came_meanwhile(talk, act):
    browser(talk.ana)
    act(save_notice_choices, NoticeChoices(frozenset(), 21, 7), talk.ana.actor, NOW)
    night = at("2026-11-25 22:00")
    talk.answer(night)
    assert talk.told(night + 2 * MINUTE) == ([], 0)
    talk.answer(night + HOUR)
    assert talk.told(at("2026-11-26 06:59")) == ([], 0)
    assert talk.told(at("2026-11-26 07:00")) == ([2], 1)


def test_what_expires_before_the_quiet_hours_end_is_not_sent(act, db):
    ana = member()
    browser(ana)
    act(save_notice_choices, NoticeChoices(frozenset(), 21, 7), ana.actor, NOW)
    night = at("2026-11-25 22:00")
    notice(ana, kind="payment", due_at=night, expires_at=at("2026-11-26 06:00"))
    act(dispatch_due_notices, None, SYSTEM, night)
    assert (PushMessage.select().count(), AwayNotice.get().done_at is not None) == (0, True)


def test_notice_is_queued_once_and_dispatched_once(act, db):
    ana = member()
    browser(ana)
    new = NewNotice(ana.id, "payment", "payment 1", NOW, NOW + HOUR)
    for _ in range(2):
        act(lambda uow, _: queue_away_notices(uow, [new], is_push_only=True), 0, SYSTEM, NOW)
    assert [act(dispatch_due_notices, None, SYSTEM, NOW)[0] for _ in range(2)] == [1, 0]
    assert PushMessage.select().count() == 1


def test_without_a_browser_a_push_alone_is_not_queued(act, db):
    ana = member_with_plan()
    paid_payment(act, ana)
    assert AwayNotice.select().count() == 0
    browser(ana)
    paid_payment(act, ana)
    assert [row.kind for row in AwayNotice.select()] == ["payment"]


def test_who_sees_the_payment_on_the_page_is_not_told(act, db):
    ana = member()
    browser(ana)
    set_online(ana)
    notice(ana, kind="payment")
    act(dispatch_due_notices, None, SYSTEM, NOW)
    assert PushMessage.select().count() == 0


class Booking:
    """A member with a browser, whose appointment somebody else has booked."""

    def __init__(self, act, starts_at):
        self.act, self.ana, self.yuliana = act, member_with_plan("Ana"), agent()
        browser(self.ana)
        self.appointment = book_appointment(act, self.yuliana, self.ana, professional(), starts_at)
        self.dispatch(BOOKED)
        PushMessage.delete().execute()
        AwayNotice.delete().execute()

    def dispatch(self, now):
        self.act(dispatch_due_notices, None, SYSTEM, now)
        return [row.notice.kind for row in PushMessage.select().order_by(PushMessage.id)]


@pytest.fixture
def booking(act):
    return Booking(act, at("2026-11-27 08:00"))


def test_change_by_the_staff_is_pushed_and_ones_own_is_not(booking):
    cancel_appointment(booking.act, booking.yuliana, booking.appointment)
    assert booking.dispatch(BOOKED) == ["change"]
    other = book_appointment(booking.act, booking.ana, booking.ana, professional("Otra"), at("2026-11-30 08:00"))
    cancel_appointment(booking.act, booking.ana, other)
    assert booking.dispatch(BOOKED) == ["change"]


def test_only_the_last_of_two_changes_is_pushed(booking):
    move_appointment(booking.act, booking.yuliana, booking.appointment, at("2026-11-27 08:30"))
    change_status(booking.act, booking.yuliana, booking.appointment, CANCELLED, "Se enfermó")
    assert booking.dispatch(BOOKED) == ["change"]


@pytest.mark.parametrize(
    ("now", "pushed"),
    [("2026-11-26 22:00", ["change"]), ("2026-11-25 22:00", [])],
    ids=["same morning", "the day after"],
)
def test_only_a_change_of_the_same_morning_is_told_in_quiet_hours(booking, now, pushed):
    booking.act(save_notice_choices, NoticeChoices(frozenset(), 21, 7), booking.ana.actor, NOW)
    move_appointment(
        booking.act, booking.yuliana, booking.appointment, at("2026-12-10 08:00"), "El médico viaja", now=at(now)
    )
    assert booking.dispatch(at(now)) == pushed


@pytest.mark.parametrize(
    ("choices", "now", "emails", "pushes"),
    [
        (NoticeChoices(), "2026-11-26 08:00", 1, ["reminder-24"]),
        (NoticeChoices(frozenset({"reminder.email"})), "2026-11-26 08:00", 0, ["reminder-24"]),
        (NoticeChoices(frozenset({"reminder.push"})), "2026-11-26 08:00", 1, []),
        (NoticeChoices(frozenset(), 8, 9), "2026-11-26 08:00", 0, []),
    ],
)
def test_reminder_goes_by_the_channels_that_were_chosen(booking, choices, now, emails, pushes):
    booking.act(save_notice_choices, choices, booking.ana.actor, NOW)
    booking.act(emit_due_reminders, None, SYSTEM, at(now))
    assert booking.dispatch(at(now)) == pushes
    reminders = AppointmentEmail.select().where(AppointmentEmail.kind == "reminder-24")
    assert reminders.count() == emails
    booking.dispatch(at(now) + HOUR)
    assert reminders.count() == (0 if choices.switched_off == {"reminder.email"} else 1)


@pytest.mark.parametrize("is_answered", [False, True])
def test_offer_is_told_while_it_is_open(act, db, is_answered):
    german, early = professional(confirms_itself=True), member_with_plan("Primera")
    freed = book_appointment(act, agent(), early, german)
    ana = member_with_plan("Ana")
    browser(ana)
    later = book_appointment(act, agent(), ana, german, at("2026-11-27 09:00"))
    act(waiting_list.join_waiting_list, later.id, ana.actor, BOOKED)
    AwayNotice.delete().execute()
    cancel_appointment(act, agent(), freed)
    if is_answered:
        act(waiting_list.decline_offer, later.id, ana.actor, BOOKED)
    act(dispatch_due_notices, None, SYSTEM, BOOKED)
    told = [row.notice.kind for row in PushMessage.select()], [row.notice.kind for row in NoticeEmail.select()]
    assert told == (([], []) if is_answered else (["offer"], ["offer"]))


class Desk:
    """A chat that waits and an agent with a browser, who gets it."""

    def __init__(self, act, *, is_assigned=True):
        self.act, self.yuliana, self.ana = act, available_agent(), member("Ana")
        browser(self.yuliana)
        self.chat = support_chat(self.ana, None, created_at=NOW, updated_at=NOW, awaiting_since=NOW)
        if is_assigned:
            act(lambda uow, _: assign_waiting_chats(uow), 0, SYSTEM, NOW)

    def run(self, action, command, who, seconds=0):
        return self.act(action, command, who.actor, NOW + seconds * SECOND)[0]

    def say(self, who, seconds):
        self.run(messages.send_messages, SendMessage(chat_id=self.chat.id, message="Hola"), who, seconds)

    def read(self, seconds):
        newest = Message.select().where(Message.chat == self.chat.id).order_by(Message.seq.desc()).get()
        self.run(messages.mark_read, MarkRead(chat_id=self.chat.id, message_id=newest.id), self.yuliana, seconds)

    def pushed(self, seconds):
        now = NOW + seconds * SECOND
        unread = find_unread_chats(UnitOfWork(SYSTEM, now))
        self.act(notice_unread_messages, unread, SYSTEM, now)
        self.act(dispatch_due_notices, None, SYSTEM, now)
        return [row.notice.kind for row in PushMessage.select()]


@pytest.fixture
def desk(act):
    return Desk(act)


def test_chat_that_its_agent_does_not_open_is_pushed_after_15_seconds_once(desk):
    assert desk.pushed(14) == []
    assert desk.pushed(15) == ["desk"]
    assert desk.pushed(60) == ["desk"]


def test_quiet_hours_are_not_for_work(desk):
    desk.act(save_notice_choices, NoticeChoices(frozenset(), 8, 20), desk.yuliana.actor, NOW)
    assert desk.pushed(15) == ["desk"]


@pytest.mark.parametrize(
    "columns",
    [{"other_read_seq": 1}, {"agent": None, "status": "WAITING"}, {"status": "CLOSED"}],
)
def test_chat_that_was_opened_or_taken_away_is_not_pushed(desk, columns):
    Chat.update(**columns).execute()
    assert desk.pushed(15) == []


def test_chat_that_was_answered_is_not_pushed(desk):
    desk.say(desk.yuliana, 5)
    assert desk.pushed(15) == []


def is_left_to_the_queue(desk, marta, camilo):
    """The next agent gets it, who has answered in it before."""
    desk.run(return_chat, ReturnChat(chat_id=desk.chat.id), camilo)


def is_transferred(desk, marta, camilo):
    desk.run(transfer_chat, TransferChat(chat_id=desk.chat.id, agent_id=desk.yuliana.agent_id), camilo)


def is_assigned(desk, marta, camilo):
    desk.run(assign_chat, AssignChat(chat_id=desk.chat.id, agent_id=desk.yuliana.agent_id), marta)


def is_reopened_by_the_member(desk, marta, camilo):
    desk.run(close_chat, CloseChat(chat_id=desk.chat.id), camilo)
    Agent.update(availability=AWAY).where(Agent.id == camilo.agent_id).execute()
    desk.run(reopen_chat, ReopenChat(chat_id=desk.chat.id), desk.ana)


def becomes_room_for_it(desk, marta, camilo):
    """Its agent, who was away, is given it by what they do themselves."""
    Agent.update(availability=AWAY).where(Agent.id.in_([camilo.agent_id, desk.yuliana.agent_id])).execute()
    desk.run(return_chat, ReturnChat(chat_id=desk.chat.id), camilo)
    desk.run(change_availability, SetAvailability(availability="available"), desk.yuliana)


@pytest.mark.parametrize("is_waiting", [True, False], ids=["the member waits", "nobody waits"])
@pytest.mark.parametrize(
    "comes_back",
    [is_left_to_the_queue, is_transferred, is_assigned, is_reopened_by_the_member, becomes_room_for_it],
)
def test_chat_that_comes_back_to_who_has_answered_in_it_is_pushed_once(desk, comes_back, is_waiting):
    marta, camilo = supervisor(), available_agent("Camilo")
    desk.say(desk.yuliana, 1)
    desk.read(2)
    desk.run(transfer_chat, TransferChat(chat_id=desk.chat.id, agent_id=camilo.agent_id), desk.yuliana)
    desk.say(camilo, 4)
    if is_waiting:
        desk.say(desk.ana, 5)
    AwayNotice.delete().execute()
    comes_back(desk, marta, camilo)
    assert Chat.get().agent_id == desk.yuliana.agent_id
    assert desk.pushed(14) == []
    assert desk.pushed(30) == ["desk"]
    desk.say(desk.ana, 31)
    assert desk.pushed(60) == ["desk"]


def test_message_that_an_agent_does_not_read_is_pushed_once_for_each_time_that_they_get_the_chat(desk):
    desk.read(1)
    desk.say(desk.yuliana, 2)
    assert desk.pushed(20) == []
    desk.say(desk.ana, 21)
    assert desk.pushed(35) == []
    assert desk.pushed(36) == ["desk"]
    desk.say(desk.ana, 40)
    assert desk.pushed(60) == ["desk"]
    desk.read(61)
    desk.say(desk.yuliana, 62)
    desk.say(desk.ana, 63)
    assert desk.pushed(90) == ["desk"]
    camilo = available_agent("Camilo")
    desk.run(transfer_chat, TransferChat(chat_id=desk.chat.id, agent_id=camilo.agent_id), desk.yuliana, 91)
    desk.run(transfer_chat, TransferChat(chat_id=desk.chat.id, agent_id=desk.yuliana.agent_id), camilo, 92)
    assert desk.pushed(107) == ["desk", "desk"]


def test_message_that_is_read_at_once_is_not_pushed(desk):
    desk.read(1)
    desk.say(desk.yuliana, 2)
    desk.say(desk.ana, 3)
    desk.read(10)
    assert desk.pushed(30) == []


def test_message_in_a_chat_that_one_took_oneself_is_pushed_when_it_is_not_read(act, db):
    desk = Desk(act, is_assigned=False)
    desk.run(take_chat, TakeChat(chat_id=desk.chat.id), desk.yuliana)
    desk.say(desk.ana, 1)
    assert desk.pushed(15) == []
    assert desk.pushed(16) == ["desk"]


def test_message_is_not_pushed_to_who_wants_no_pushes_nor_noticed_again_and_again(desk):
    desk.run(save_notice_choices, NoticeChoices(frozenset({"desk.push"})), desk.yuliana)
    desk.read(1)
    desk.say(desk.yuliana, 2)
    desk.say(desk.ana, 3)
    assert (desk.pushed(20), desk.pushed(25)) == ([], [])
    assert AwayNotice.select().where(AwayNotice.kind == "desk").count() == 2
    assert find_unread_chats(UnitOfWork(SYSTEM, NOW + 30 * SECOND)) == []


def test_chat_that_one_takes_oneself_is_not_pushed(act, db):
    yuliana = available_agent()
    browser(yuliana)
    chat = support_chat(member("Ana"), None)
    act(take_chat, TakeChat(chat_id=chat.id), yuliana.actor, NOW)
    assert AwayNotice.select().count() == 0
