"""The commands about the reports."""

import re
from datetime import UTC, datetime

from beneficiate.models.base import database
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import FactRollup
from tests.cli.test_main import PRODUCTION


def test_roll_ups_are_made_again(run):
    run("migrate")
    with database.obj.connection_context():
        Fact.create(at=datetime.now(UTC), kind="opened", actor_role="member", chat_id=1)
    for _ in range(2):
        assert run("rebuild-reports") == "1 facts were rolled up.\n"
    assert FactRollup.select().count() == 8


def test_past_is_written_only_where_it_is_meant(run):
    run("load-history", "--chats", "1", "--yes", code=1, **PRODUCTION)
    assert "add --yes" in run("load-history", "--chats", "1", code=1)
    said = run("load-history", "--chats", "40", "--days", "30", "--yes")
    assert re.fullmatch(r"([0-9]+) facts were written, \1 rolled up\.\n", said)
    with database.obj.connection_context():
        assert Fact.select().where(Fact.kind == "opened").count() == 40
        assert FactRollup.select().exists()
