"""The demo members that `/demo` offers."""

from beneficiate.models.people import Agent, Supervisor, User
from beneficiate.queries.accounts import running_plan
from beneficiate.store import Work

DOMAIN = "demo.beneficiate.co"
SHOWN = 12


def demo_members(work: Work, _: None) -> list[dict[str, object]]:
    """The first dozen demo members, with the name of the plan that runs for each."""
    staff = [row[0] for table in (Agent, Supervisor) for row in table.select(table.user).tuples()]
    users = User.select().where(User.email.endswith(f"@{DOMAIN}"), User.id.not_in(staff)).order_by(User.id).limit(SHOWN)
    members = []
    for user in users:
        plan = running_plan(user.id, work.now)
        members.append({"email": user.email, "name": user.name, "plan": plan["name"] if plan else None})
    return members
