"""The commands about the reports."""

from datetime import UTC, datetime

from beneficiate.models.base import database
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import FactRollup
from tests.test_cli import run  # noqa: F401


def test_roll_ups_are_made_again(run):  # noqa: F811
    run("migrate")
    with database.obj.connection_context():
        Fact.create(at=datetime.now(UTC), kind="opened", actor_role="member", chat_id=1)
    for _ in range(2):
        assert run("rebuild-reports") == "1 facts were rolled up.\n"
    assert FactRollup.select().count() == 8
