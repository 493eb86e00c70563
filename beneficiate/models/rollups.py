"""Roll-ups of the facts, which reports are read from, and how far the facts are in them.

They can be made again from the facts at any time: `domain/metrics/rollups.py` says what is in a row.
"""

from collections.abc import Iterable, Sequence

from peewee import BigIntegerField, CharField, DateField, IntegerField, TextField

from beneficiate.models.base import BaseModel, InstantField, Row, database, is_postgresql
from beneficiate.models.bulk_sql import rows_to_json, select_by_key_sql, upsert_sql
from beneficiate.text_limits import MAX_TOPIC_CODE_CHARS

_KEY = ("grain", "topic", "agent_id", "kind", "day", "detail")
_VALUES = ("times", "measured", "total", "greatest", "buckets", "hours", "hour_measures")


class FactRollup(BaseModel):
    """Facts of one kind and detail in a day or month, of an agent and topic or of all.

    `buckets` and `hours` are JSON: how many facts there are by bucket of the measure, and by hour of the week.
    `hour_measures` is JSON too: by hour of the week, how much is measured in it, as number, sum, greatest and buckets.
    """

    grain = CharField(max_length=8)
    topic = CharField(max_length=MAX_TOPIC_CODE_CHARS)
    agent_id = IntegerField()
    kind = CharField(max_length=16)
    day = DateField()
    detail = CharField(max_length=16)
    times = IntegerField()
    measured = IntegerField()
    total = BigIntegerField()
    greatest = IntegerField(null=True)
    buckets = TextField()
    hours = TextField()
    hour_measures = TextField(default="{}")

    class Meta:
        table_name = "fact_rollups"
        indexes = ((_KEY, True), (("day", "grain"), False))

    @classmethod
    def fetch_by_keys(cls, keys: Iterable[Sequence[object]]) -> list[Row]:
        """Return the rows with these keys: the key, then what they have of the facts."""
        sql = select_by_key_sql("fact_rollups", cls._read_from_json(_KEY, is_postgresql()), _VALUES, is_postgresql())
        return list(database.execute_sql(sql, (rows_to_json(list(keys)),)).fetchall())

    @classmethod
    def replace_bulk(cls, rows: Iterable[Sequence[object]]) -> None:
        """Insert rows, each instead of the one with the same key."""
        columns = cls._read_from_json((*_KEY, *_VALUES), is_postgresql())
        sql = upsert_sql("fact_rollups", columns, _KEY, _VALUES, is_postgresql())
        database.execute_sql(sql, (rows_to_json(list(rows)),))


class AppointmentRollup(BaseModel):
    """How many appointments of a day have a status last, and which agent brought it; 0 is none of them."""

    day = DateField()
    detail = CharField(max_length=16)
    agent_id = IntegerField()
    times = IntegerField()

    class Meta:
        table_name = "appointment_rollups"
        indexes = ((("day", "detail", "agent_id"), True),)


class FactAgent(BaseModel):
    """The name and the code of an agent in their last fact that was rolled up; the id is theirs."""

    id = IntegerField(primary_key=True)
    name = TextField()
    code = CharField(max_length=32)

    class Meta:
        table_name = "fact_agents"


class RollupState(BaseModel):
    """How far the facts are in the roll-ups, in the only row.

    Those up to `folded_id` are, the newest of which is of `newest_at`. `differing_day` is a day whose roll-ups a check
    found to differ from its facts; `checked_on` the day of the last check. While roll-ups are made again, the days
    before `rebuilt_until` are done. Facts before `facts_since` were detached: only the roll-ups have them.
    """

    folded_id = BigIntegerField(default=0)
    newest_at = InstantField(null=True)
    checked_on = DateField(null=True)
    differing_day = DateField(null=True)
    rebuilt_until = DateField(null=True)
    facts_since = DateField(null=True)

    class Meta:
        table_name = "rollup_state"
