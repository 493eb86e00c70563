"""What happens at random in a day of the call centre, for the test of its board."""

from collections import Counter
from datetime import timedelta

from peewee import fn

from beneficiate.actions import (
    appointments,
    assignment,
    availability,
    chats,
    deadlines,
    dialogues,
    messages,
    payments,
    queue,
    recall,
    rollup_rebuilds,
    rollups,
    settlements,
    staff,
    unanswered,
)
from beneficiate.actions.account_endings import close_account
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.erasure_certificates import FinishErasure, finish_erasure
from beneficiate.actions.erasure_rows import EraseRows, erase_messages, erase_rows
from beneficiate.domain.booking.lifecycle import APPOINTMENT_TRANSITIONS
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.errors import Problem
from beneficiate.models.accounts import AVAILABLE, AWAY, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import database
from beneficiate.models.chats import ACTIVE, CLOSED, SUPPORT, WAITING, Chat, Message
from beneficiate.models.erasures import REQUESTED, Erasure
from beneficiate.models.payments import Payment
from beneficiate.protocol.booking import AnswerBot, StartBooking
from beneficiate.protocol.commands import CloseChat, OpenChat, SendMessage
from beneficiate.protocol.desk_tools import RecallMessage
from beneficiate.protocol.queue import (
    AssignChat,
    HandOverToBot,
    RateChat,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    SetAgentAway,
    SetAvailability,
    TakeChat,
    TransferChat,
)
from beneficiate.queries.board_figures import load_figures
from beneficiate.queries.fact_lists import list_facts
from beneficiate.queries.metrics import count_listed, load_tallies, select_day
from beneficiate.queries.rollups import find_fold_bound
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.appointment_steps import request_command
from tests.actions.conftest import db  # noqa: F401
from tests.actions.payment_steps import get_cheap_plan, purchase_command, wompi_transaction
from tests.actions.queue_steps import OPEN_HOURS_NOW, available_agent, create_topic, promise, set_online
from tests.factories import member, member_with_plan, professional, supervisor
from tests.unit_of_work import UNLIMITED, call


def name_of(action):
    function = getattr(action, "function", action)
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


class Day:
    """Three agents, members with and without a plan, a supervisor, a professional, and what they do."""

    def __init__(self, random):
        self.random = random
        self.now = OPEN_HOURS_NOW
        self.carried_out = Counter()
        topics = [create_topic("citas"), create_topic("pagos")]
        promise()
        self.agents = [
            available_agent("Yuliana", capacity=3, topics=topics),
            available_agent("Omar", capacity=1, topics=topics[:1]),
            available_agent("Inés", capacity=2),
        ]
        self.members = [member_with_plan() for _ in range(5)]
        self.buyers = [member() for _ in range(3)]
        self.marta, self.german = supervisor(), professional(confirms_itself=True)
        self.paid = 0

    def act(self, action, command=None, who=None):
        """Run an action in a unit of its own; return its result, or the problem."""
        self.now += timedelta(seconds=self.random.choice((1, 1, 2, 9, 40)))
        uow = UnitOfWork(who.actor if who else SYSTEM, self.now, UNLIMITED)
        try:
            with database.obj.atomic():
                result = call(action, uow, command)
        except Problem as problem:
            return problem
        self.carried_out[name_of(action)] += 1
        return result

    def one_chat(self, *where):
        found = list(Chat.select().where(Chat.kind == SUPPORT, *where).order_by(Chat.id))
        return self.random.choice(found) if found else None

    def member_of(self, chat):
        """Return the member of a chat; of one who is erased, and does nothing any more, its agent."""
        everybody = (*self.members, *self.buyers)
        return next((one for one in everybody if one.id == chat.user_id), None) or self.agent_of(chat)

    def agent_of(self, chat):
        return next((one for one in self.agents if one.agent_id == chat.agent_id), self.marta)

    def count(self, codes, until):
        """Return these figures of the day as of then, with how many rows each list has and is to have."""
        selection, metrics = select_day(until), [METRICS[code] for code in codes]
        tallies, figures = load_tallies(selection, metrics), load_figures(selection, codes)
        return {
            one.code: (figures[one.code], len(list_facts(one, selection)), count_listed(one, tallies))
            for one in metrics
        }

    def an_agent(self):
        return self.random.choice(self.agents)


def join(day):
    topic = day.random.choice((None, "citas", "pagos"))
    day.act(queue.join_queue, RequestAgent(topic=topic), day.random.choice(day.members))


def take(day):
    if chat := day.one_chat(Chat.status == WAITING):
        day.act(queue.take_chat, TakeChat(chat_id=chat.id), day.an_agent())


def open_chat(day):
    day.act(chats.open_support_chat, OpenChat(user_id=day.random.choice(day.members).id), day.an_agent())


def say(day):
    if chat := day.one_chat(Chat.status == ACTIVE):
        who = day.random.choice((day.agent_of(chat), day.member_of(chat)))
        day.act(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), who)


def take_back(day):
    if chat := day.one_chat(Chat.status == ACTIVE):
        who = day.agent_of(chat)
        day.act(messages.send_messages, SendMessage(chat_id=chat.id, message="Hola"), who)
        newest_id = Message.select(fn.MAX(Message.id)).where(Message.chat == chat.id).scalar()
        day.act(recall.recall_message, RecallMessage(chat_id=chat.id, message_id=newest_id), who)


def close(day):
    if chat := day.one_chat(Chat.status != CLOSED):
        who = day.agent_of(chat) if chat.agent_id and day.random.random() < 0.6 else day.member_of(chat)
        day.act(chats.close_chat, CloseChat(chat_id=chat.id), who)


def reopen(day):
    if chat := day.one_chat(Chat.status == CLOSED):
        who = day.random.choice((day.agent_of(chat), day.member_of(chat)))
        day.act(queue.reopen_chat, ReopenChat(chat_id=chat.id), who)


def rate(day):
    if chat := day.one_chat(Chat.status == CLOSED):
        day.act(queue.rate_chat, RateChat(chat_id=chat.id, score=day.random.randint(1, 5)), day.member_of(chat))


def transfer(day):
    if chat := day.one_chat(Chat.status == ACTIVE):
        target = day.random.choice(({"topic": "pagos"}, {"topic": "citas"}, {"agent_id": day.an_agent().agent_id}))
        day.act(queue.transfer_chat, TransferChat(chat_id=chat.id, if_absent="queue", **target), day.agent_of(chat))


def give_back(day):
    if chat := day.one_chat(Chat.status == ACTIVE):
        day.act(queue.return_chat, ReturnChat(chat_id=chat.id), day.agent_of(chat))


def assign(day):
    if chat := day.one_chat(Chat.status != CLOSED):
        command = AssignChat(chat_id=chat.id, agent_id=day.an_agent().agent_id, if_absent="queue")
        day.act(queue.assign_chat, command, day.marta)


def change_availability(day):
    chosen = day.random.choice((AVAILABLE, AVAILABLE, AWAY))
    day.act(availability.change_availability, SetAvailability(availability=chosen), day.an_agent())


def set_away(day):
    day.act(availability.set_agent_away, SetAgentAway(agent_id=day.an_agent().agent_id), day.marta)


def leave(day):
    agent = day.an_agent()
    set_online(agent, is_online=False)
    day.act(unanswered.on_agents_offline, {agent.id})


def come(day):
    agent = day.an_agent()
    set_online(agent)
    day.act(unanswered.on_agents_online, {agent.id})
    day.act(availability.change_availability, SetAvailability(availability=AVAILABLE), agent)


def run_clocks(day):
    day.now += timedelta(seconds=day.random.choice((1, 61, 300)))
    for agent in day.agents:
        if User.get_by_id(agent.id).online_status:
            day.act(unanswered.start_reply_clocks, None, agent)
    clocks = (
        unanswered.return_unanswered_chats,
        unanswered.return_chats_of_absent_agents,
        assignment.assign_next_chats,
        deadlines.notice_deadlines,
        appointments.expire_appointments,
        payments.expire_payments,
    )
    for clock in clocks:
        day.act(clock)


def deactivate(day):
    agent = day.an_agent()
    day.act(staff.deactivate_staff_member, agent.id, day.marta)
    day.act(staff.reactivate_staff_member, agent.id, day.marta)
    come(day)


def ask_bot(day):
    who = day.random.choice(day.members)
    day.act(dialogues.start_booking, StartBooking(), who)
    day.act(dialogues.handle_bot_answer, AnswerBot(text=day.random.choice(("agente", "Cardiología"))), who)


def return_to_bot(day):
    if chat := day.one_chat(Chat.status == ACTIVE):
        day.act(dialogues.return_to_bot, HandOverToBot(chat_id=chat.id), day.agent_of(chat))


def ask_for_appointment(day):
    who = day.random.choice(day.members)
    tick = day.random.randrange(1, 24)
    starts_at = day.random.choice((None, OPEN_HOURS_NOW + tick * timedelta(minutes=5)))
    given = {} if starts_at is None else {"professional_id": day.german.id, "starts_at": starts_at}
    day.act(request_appointment, request_command(who, **given), day.random.choice((who, day.an_agent())))


def change_appointment(day):
    found = list(Appointment.select().order_by(Appointment.id))
    if not found:
        return
    one, status = day.random.choice(found), day.random.choice(list(APPOINTMENT_TRANSITIONS))
    starts_at = OPEN_HOURS_NOW + day.random.randrange(1, 300) * timedelta(minutes=5)
    command = appointments.ChangeAppointment(one.id, status, "Se enfermó", day.german.id, starts_at)
    day.act(appointments.change_appointment, command, day.an_agent())


def pay(day):
    buyer = day.random.choice(day.buyers)
    state = day.act(payments.open_payment, purchase_command(get_cheap_plan()), buyer)
    if isinstance(state, Problem):
        return
    payment = Payment.get_by_id(state.payment_id)
    if payment.link_id is None:
        if day.random.random() < 0.2:
            day.act(payments.mark_link_unknown, payments.MarkLinkUnknown(payment.id, "timeout"))
            day.act(payments.cancel_unknown, payments.CancelUnknown(payment.id, "No existe en Wompi"), day.marta)
            return
        day.act(payments.store_link, (payment.id, f"test_{payment.id}"))
    status = day.random.choice(("APPROVED", "DECLINED", "DECLINED", "VOIDED"))
    settle = settlements.SettleTransaction(wompi_transaction(payment.id, status), "test")
    if day.act(settlements.settle_transactions, settle) == settlements.ACTIVATED:
        day.paid += payment.amount


def activate_manually(day):
    payment = Payment.select().where(Payment.status != "APPROVED").order_by(Payment.id).first()
    if payment is not None:
        command = settlements.ActivatePlanManually(payment.id, "Pagó por consignación")
        if not isinstance(day.act(settlements.activate_plan_manually, command, day.marta), Problem):
            day.paid += payment.amount


def erase_a_member(day):
    """As the job does whose seven days are over: what runs ends, and then nothing that is erased moves a figure."""
    own = day.random.choice((day.members, day.buyers))
    who = day.random.choice(own)
    times = {"requested_at": day.now, "due_at": day.now}
    erasure = Erasure.create(user=who.id, state=REQUESTED, code=f"CE-{who.id}", **times)
    if not day.act(close_account, erasure.id):
        # Their money is waited for.
        erasure.delete_instance()
        return
    later = day.now + timedelta(hours=1)
    before = day.count(METRICS, later)
    while day.act(erase_messages, erasure.id):
        pass
    day.act(erase_rows, EraseRows(erasure.id, []))
    assert day.act(finish_erasure, FinishErasure(erasure.id, [], day.now)) is True
    assert day.count(METRICS, later) == before
    own[own.index(who)] = member_with_plan() if own is day.members else member()


def roll_up(day):
    """As the job does, some facts at a time; now and then a day is rolled up again."""
    if day.random.random() < 0.25:
        day.act(rollup_rebuilds.rebuild_next_day)
    up_to = find_fold_bound(UnitOfWork(SYSTEM, day.now)).fact_id
    day.act(rollups.fold_facts, rollups.FoldFacts(up_to, day.random.choice((5, 50, 500))))


STEPS = {
    join: 6,
    say: 8,
    take: 2,
    open_chat: 3,
    take_back: 2,
    close: 4,
    reopen: 2,
    rate: 3,
    transfer: 2,
    give_back: 1,
    assign: 2,
    change_availability: 2,
    set_away: 1,
    leave: 1,
    come: 2,
    run_clocks: 2,
    deactivate: 1,
    ask_bot: 2,
    return_to_bot: 3,
    ask_for_appointment: 3,
    change_appointment: 4,
    pay: 3,
    activate_manually: 2,
    erase_a_member: 1,
    roll_up: 3,
}
"""What may happen next, and how often of all."""
