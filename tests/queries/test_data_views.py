"""Members see who of the staff opened their data, and nothing else of the audit log."""

from datetime import timedelta

import pytest

from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry, AuditState
from beneficiate.queries import data_views
from beneficiate.queries.data_views import list_data_views
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views.data_views import REVEALED_CONTACT
from tests.audit import write_audit
from tests.factories import agent, member
from tests.queries.appointment_rows import NOW

DAY = timedelta(days=1)


@pytest.fixture
def ana(db):
    return member("Ana")


def opened_by(name, person, what="people.view", now=NOW, part="panel"):
    uow = UnitOfWork(Actor(agent().id, "agent", name=name, address="10.0.0.1"), now)
    changes = {"chat": (None, 7)} if part is None else {"part": (None, part)}
    write_audit(uow, what, "chat:7", "motivo", changes, person.id)
    return AuditEntry.select().order_by(AuditEntry.id.desc()).get().id


def listed(who, before=None):
    return list_data_views(UnitOfWork(who.actor, NOW), before)


def test_views_and_revealed_contacts_of_the_member_are_listed_the_newest_first(ana):
    opened_by("Yuliana Gil", ana)
    opened_by("Omar Paz", ana, "people.reveal", NOW + DAY, None)
    opened_by("Omar Paz", ana, now=NOW + 2 * DAY, part="of another version")
    opened_by("Marta Ruiz", member("Beto"))
    for what in ("people.search", "chats.take", "appointments.move"):
        opened_by("Marta Ruiz", ana, what)
    assert [(one.name, one.role, one.part, one.at) for one in listed(ana).views] == [
        ("Omar Paz", "Agente", "of another version", NOW + 2 * DAY),
        ("Omar Paz", "Agente", REVEALED_CONTACT, NOW + DAY),
        ("Yuliana Gil", "Agente", "Su ficha", NOW),
    ]


def test_pages_have_each_view_once(ana, monkeypatch):
    monkeypatch.setattr(data_views, "VIEWS_PER_PAGE", 2)
    for number in range(5):
        opened_by(f"Persona {number}", ana)
    seen, before = [], None
    while True:
        page = listed(ana, before)
        assert page.is_first == (before is None)
        seen += [one.name for one in page.views]
        if (before := page.before) is None:
            break
    assert seen == [f"Persona {number}" for number in (4, 3, 2, 1, 0)]


def test_it_is_recorded_since_the_installation_or_since_the_member_joined(ana):
    AuditState.update(views_since=NOW).execute()
    since = []
    for joined_at in (NOW - DAY, NOW + DAY):
        User.update(created_at=joined_at).where(User.id == ana.id).execute()
        since.append(listed(ana).since)
    AuditState.delete().execute()
    since.append(listed(ana).since)
    assert since == [NOW, NOW + DAY, NOW + DAY]
    assert listed(ana).views == []
