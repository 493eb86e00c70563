"""Who is away is told once, of what they can still do something about, and not in their quiet hours."""

from datetime import timedelta

import pytest

from beneficiate.actions import messages, presence, waiting_list
from beneficiate.actions.assignment import assign_waiting_chats
from beneficiate.actions.away_notices import NewNotice, dispatch_due_notices, queue_away_notices
from beneficiate.actions.notice_preferences import save_notice_choices
from beneficiate.actions.queue import take_chat
from beneficiate.actions.reminders import emit_due_reminders
from beneficiate.domain.booking.lifecycle import CANCELLED
from beneficiate.domain.notices import NoticeChoices
from beneficiate.models.accounts import User
from beneficiate.models.appointments import AppointmentEmail
from beneficiate.models.chats import Chat
from beneficiate.models.notices import AwayNotice, NoticeEmail, PushMessage
from beneficiate.protocol.commands import MarkRead, SendMessage
from beneficiate.protocol.queue import TakeChat
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import SYSTEM
from tests.actions.appointment_steps import NOW as BOOKED
from tests.actions.appointment_steps import book_appointment, cancel_appointment, change_status, move_appointment
from tests.actions.payment_steps import paid_payment
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.actions.queue_steps import available_agent, set_online
from tests.domain.booking.moments import at
from tests.factories import agent, direct_chat, member, member_with_plan, professional, support_chat
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

    def __init__(self, act):
        self.act, self.yuliana = act, available_agent()
        browser(self.yuliana)
        self.chat = support_chat(member("Ana"), None, created_at=NOW, updated_at=NOW, awaiting_since=NOW)
        act(lambda uow, _: assign_waiting_chats(uow), 0, SYSTEM, NOW)

    def pushed(self, seconds):
        self.act(dispatch_due_notices, None, SYSTEM, NOW + seconds * SECOND)
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
    [{"other_read_seq": 1}, {"needs_first_reply": False}, {"agent": None, "status": "WAITING"}, {"status": "CLOSED"}],
)
def test_chat_that_was_opened_answered_or_taken_away_is_not_pushed(desk, columns):
    Chat.update(**columns).execute()
    assert desk.pushed(15) == []


def test_chat_that_one_takes_oneself_is_not_pushed(act, db):
    yuliana = available_agent()
    browser(yuliana)
    chat = support_chat(member("Ana"), None)
    act(take_chat, TakeChat(chat_id=chat.id), yuliana.actor, NOW)
    assert AwayNotice.select().count() == 0
