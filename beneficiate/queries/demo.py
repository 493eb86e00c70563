"""The demo accounts that `/demo` and `/login` offer in development."""

from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.queries.accounts import find_actors, find_current_plan
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.demo import DemoAccount, DemoMember

DEMO_EMAIL_DOMAIN = "demo.beneficiate.co"
MAX_DEMO_MEMBERS = 12
DEMO_LOGINS = ("ana", "luis", "agente1", "supervisor")
"""One demo account of each kind, in the order in which they are shown."""


def list_demo_members(uow: UnitOfWork) -> list[DemoMember]:
    """Return the first twelve demo members, each with the name of their current plan."""
    staff = [row[0] for table in (Agent, Supervisor) for row in table.select(table.user).tuples()]
    users = (
        User.select()
        .where(User.email.endswith(f"@{DEMO_EMAIL_DOMAIN}"), User.id.not_in(staff))
        .order_by(User.id)
        .limit(MAX_DEMO_MEMBERS)
    )
    members = []
    for user in users:
        plan = find_current_plan(user.id, uow.now)
        members.append(DemoMember(user.email, user.name, plan["name"] if plan else None))
    return members


def list_demo_accounts(uow: UnitOfWork) -> list[DemoAccount]:
    """Return one demo account of each kind, those of them that exist and are active."""
    emails = [f"{name}@{DEMO_EMAIL_DOMAIN}" for name in DEMO_LOGINS]
    ids = dict(User.select(User.email, User.id).where(User.email.in_(emails)).tuples())
    actors = find_actors(ids.values())
    accounts = []
    for email in emails:
        if (actor := actors.get(ids.get(email, 0))) is not None:
            plan = find_current_plan(actor.user_id, uow.now)
            accounts.append(DemoAccount(email, actor.role, plan["name"] if plan else None))
    return accounts
