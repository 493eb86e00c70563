"""Plans, people, professionals and chats to try the product with; for development only.

Existing rows are recognised by their unique keys and left alone, and so is everything that depends on them: a demo
member whose plan was deleted or whose name was changed stays so after the next run.
"""

from datetime import date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from beneficiate.demo.facts import add_chat_facts
from beneficiate.demo.service_levels import add_service_levels
from beneficiate.domain.booking.holidays import holiday_name
from beneficiate.domain.booking.slots import DAY_MINUTES
from beneficiate.formatting import BOGOTA, bogota_date
from beneficiate.models.accounts import Agent, Beneficiary, Supervisor, User
from beneficiate.models.base import database, write_transaction
from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException, CannedReply, Skill, Topic
from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, SUPPORT, Chat, Message
from beneficiate.models.payments import Plan, Subscription
from beneficiate.models.professionals import Professional, ProfessionalSpecialty, Specialty, Township

DEMO_DATA_DIR = Path(__file__).parents[1] / "data"
SUNDAY = 6
AGENT_CAPACITY = 8
STAFF_SINCE = timedelta(days=400)
MEMBER_SINCE = timedelta(days=12)  # without a plan; with one, since it began

T = TypeVar("T")
DemoRow = dict[str, Any]
"""The columns of a row, `township_code` (DIVIPOLA) for a township, and what the functions below document. Any, since
each column has its own type."""
DemoSide = Literal["USER", "OTHER", "SYSTEM"]


class DemoMessage(msgspec.Struct, array_like=True):
    """The sender and text of a message, and how many minutes of silence precede it."""

    side: DemoSide
    text: str
    silent_minutes: int = 0

    @property
    def pause_before(self) -> timedelta:
        """Return the time since the message before: the silence, a moment to think, and the time to type."""
        length = len(self.text)
        return timedelta(minutes=self.silent_minutes, seconds=15 + length * 7 % 30 + length // 5)


class DemoChat(msgspec.Struct):
    """A chat of `demo_conversations.json`, by the e-mails of its two sides.

    It ended `minutes_ago`, or else began `at` an hour of Bogotá so many days ago, Sundays not counted. A side that is
    away has not received what it has not read.
    """

    user: str
    other: str
    lines: list[DemoMessage]
    kind: str = SUPPORT
    minutes_ago: int | None = None
    days_ago: int = 0
    at: time = time(9)
    closed_by: DemoSide | None = None
    user_unread: int = 0
    other_unread: int = 0
    away: list[DemoSide] = []


def load_demo_data(password_hash: str, now: datetime) -> str:
    """Add the missing demo data in one transaction; all accounts get this password. Returns a summary."""
    people = _read_json("demo_people.json", dict[str, list[DemoRow]])
    professionals = _read_json("demo_professionals.json", list[DemoRow])
    chats = _read_json("demo_conversations.json", list[DemoChat])
    with database.obj.connection_context(), write_transaction():
        townships = {township.code: township for township in Township.select()}
        for entry in (*people["staff"], *people["members"], *professionals):
            entry["township"] = townships.get(entry.pop("township_code"))
        for plan in people["plans"]:
            Plan.insert(plan).on_conflict_ignore().execute()
        for staff in people["staff"]:
            _add_staff(staff, password_hash, now - STAFF_SINCE)
        _add_call_centre(now)
        for member in people["members"]:
            _add_member(member, password_hash, now)
        for professional in professionals:
            _add_professional(professional)
        for chat in chats:
            _add_chat(chat, now)
        add_service_levels(now)
        return _summarize_counts()


def _read_json(name: str, shape: type[T]) -> T:
    return msgspec.json.decode((DEMO_DATA_DIR / name).read_bytes(), type=shape)


def _add_user(entry: DemoRow, password_hash: str, since: datetime) -> User | None:
    """Return the new account; None when the e-mail or the document is taken."""
    has_document = (User.document_type == entry["document_type"]) & (User.document_number == entry["document_number"])
    if User.select().where((User.email == entry["email"]) | has_document).exists():
        return None
    user: User = User.create(password_hash=password_hash, created_at=since, **entry)
    return user


def _add_staff(entry: DemoRow, password_hash: str, since: datetime) -> None:
    """Add an agent (an entry with an `agent_code`) or a supervisor."""
    agent_code = entry.pop("agent_code", None)
    user = _add_user(entry, password_hash, since)
    if user is None:
        return
    if agent_code is None:
        Supervisor.appoint(user, since)
    else:
        Agent.insert(
            user=user, agent_code=agent_code, capacity=AGENT_CAPACITY, created_at=since
        ).on_conflict_ignore().execute()


def _add_call_centre(now: datetime) -> None:
    """Add topics with the agents who know them, canned replies, and business hours: every day, today's holiday too.

    So the queue can be tried at any time and from any time zone. Hours that a supervisor set stay.
    """
    for topic in _read_json("demo_desk.json", dict[str, list[DemoRow]])["topics"]:
        codes = topic.pop("agents")
        if Topic.insert(topic).on_conflict_ignore().as_rowcount().execute():
            row = Topic.get(Topic.code == topic["code"])
            for agent in Agent.select().where(Agent.agent_code.in_(codes)):
                Skill.create(agent=agent, topic=row)
    for reply in _read_json("demo_canned.json", list[DemoRow]):
        CannedReply.insert(updated_at=now, **reply).on_conflict_ignore().execute()
    if not BusinessHoursBlock.select().exists():
        for weekday in range(7):
            BusinessHoursBlock.create(weekday=weekday, starts=0, ends=DAY_MINUTES)
    today = bogota_date(now)
    is_known = BusinessHoursException.select().where(BusinessHoursException.day == today).exists()
    if holiday_name(today) and not is_known:
        BusinessHoursException.create(day=today, starts=0, ends=DAY_MINUTES, is_open=True)


def _add_member(entry: DemoRow, password_hash: str, now: datetime) -> None:
    """Add a member with `beneficiaries`; the plan `plan_code` ends in `ends_in` days (negative: it has ended)."""
    plan = Plan.get_or_none(Plan.code == entry.pop("plan_code", None))
    ends_at = now + timedelta(days=entry.pop("ends_in", 0))
    beneficiaries = entry.pop("beneficiaries", [])
    since = ends_at - timedelta(days=plan.duration_days) if plan else now - MEMBER_SINCE
    user = _add_user(entry, password_hash, since)
    if user is None or plan is None:
        return
    people = plan.max_beneficiaries
    Subscription.create(
        user=user, plan=plan, max_beneficiaries=people, starts_at=since, ends_at=ends_at, created_at=since
    )
    for beneficiary in beneficiaries:
        Beneficiary.create(user=user, township=user.township, created_at=since, **beneficiary)


def _add_professional(entry: DemoRow) -> None:
    """Add a professional; `specialties` has the names of theirs."""
    specialties = entry.pop("specialties")
    is_known = Professional.select().where(Professional.license_number == entry["license_number"]).exists()
    if is_known or entry["township"] is None:
        return
    professional = Professional.create(**entry)
    for specialty in Specialty.select().where(Specialty.name.in_(specialties)).order_by(Specialty.id):
        ProfessionalSpecialty.create(professional=professional, specialty=specialty)


def _add_chat(entry: DemoChat, now: datetime) -> None:
    """Store a chat, unless one of its people does not exist or its user has a chat already."""
    user, other = (User.get_or_none(User.email == email) for email in (entry.user, entry.other))
    is_direct = entry.kind == DIRECT
    agent = None if is_direct else Agent.get_or_none(Agent.user == other)
    is_alone = user is None or other is None or not (agent or is_direct)
    if is_alone or Chat.select().where((Chat.user == user) | (Chat.peer == user)).exists():
        return
    opened_at, *times = _message_times(entry, now)
    closer = {"USER": user, "OTHER": other}.get(entry.closed_by or "")
    chat = Chat.create(
        kind=entry.kind,
        status=CLOSED if closer else ACTIVE,
        user=user,
        agent=agent,
        peer=other if is_direct else None,
        last_seq=len(times),
        last_line=[line.text for line in entry.lines if line.side != "SYSTEM"][-1],
        created_at=opened_at,
        updated_at=times[-1],
        assigned_at=opened_at if agent else None,
        closed_at=times[-1] if closer else None,
        closed_by=closer,
        awaiting_since=_awaiting_since(entry, times) if agent and not closer else None,
        **_read_state("user", "OTHER", entry.lines, entry.user_unread, is_away="USER" in entry.away),
        **_read_state("other", "USER", entry.lines, entry.other_unread, is_away="OTHER" in entry.away),
    )
    other_sender = ("AGENT", agent, other.name) if agent else ("USER", other, other.name)
    senders = {"USER": ("USER", user, user.name), "OTHER": other_sender, "SYSTEM": ("SYSTEM", None, "")}
    fields = (
        Message.chat,
        Message.seq,
        Message.message,
        Message.sent_at,
        Message.sender_type,
        Message.sender_id,
        Message.sender_name,
    )
    Message.insert_many(
        [
            (chat, seq, line.text, sent_at, *senders[line.side])
            for seq, (line, sent_at) in enumerate(zip(entry.lines, times, strict=True), 1)
        ],
        fields,
    ).execute()
    if agent:
        add_chat_facts(chat, agent, other, [(line.side, at) for line, at in zip(entry.lines, times, strict=True)])


def _message_times(entry: DemoChat, now: datetime) -> list[datetime]:
    """Return when the chat was opened, and when each message was sent."""
    waits = list(accumulate((line.pause_before for line in entry.lines), initial=timedelta()))
    if entry.minutes_ago is not None:
        start = now - timedelta(minutes=entry.minutes_ago) - waits[-1]
    else:
        start = datetime.combine(_working_day_before(now, entry.days_ago), entry.at, BOGOTA)
    return [start + wait for wait in waits]


def _working_day_before(now: datetime, days_ago: int) -> date:
    day = bogota_date(now)
    while days_ago > 0:
        day -= timedelta(days=1)
        days_ago -= day.weekday() != SUNDAY
    return day


def _awaiting_since(entry: DemoChat, times: list[datetime]) -> datetime | None:
    """Return when the member wrote the first message that has no answer yet."""
    since = None
    for line, at in zip(entry.lines, times, strict=True):
        since = None if line.side == "OTHER" else since or (at if line.side == "USER" else None)
    return since


def _read_state(side: str, theirs: DemoSide, lines: list[DemoMessage], unread: int, *, is_away: bool) -> dict[str, int]:
    """Return the positions of a side that has not read the last `unread` messages of the other one."""
    last = len(lines)
    read = [seq for seq, line in enumerate(lines, 1) if line.side == theirs][-unread] - 1 if unread else last
    return {f"{side}_read_seq": read, f"{side}_delivered_seq": read if is_away else last, f"{side}_unread": unread}


def _summarize_counts() -> str:
    plans, agents, supervisors, users, beneficiaries, professionals, chats, lines = (
        table.select().count() for table in (Plan, Agent, Supervisor, User, Beneficiary, Professional, Chat, Message)
    )
    counts = {
        "plan": plans,
        "agent": agents - supervisors,
        "supervisor": supervisors,
        "member": users - agents,
        "beneficiary": beneficiaries,
        "professional": professionals,
        "chat": chats,
        "open chat": Chat.select().where(Chat.status != CLOSED).count(),
        "line": lines,
    }
    many = {name: f"{name}s" for name in counts} | {"beneficiary": "beneficiaries"}
    return ", ".join(f"{count} {name if count == 1 else many[name]}" for name, count in counts.items()) + "."
