"""The demo members that `/demo` offers."""

from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.queries.accounts import find_current_plan
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.demo import DemoMember

DEMO_EMAIL_DOMAIN = "demo.beneficiate.co"
MAX_DEMO_MEMBERS = 12


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
