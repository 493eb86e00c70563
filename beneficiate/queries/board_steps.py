"""Where open chats are as of the instant of a board: who waits about what, who has which chats.

These are the facts that the figures of an instant count. They are read once for all of them, so that the parts of the
board agree with each other, and with the lists that they open.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure, Scope
from beneficiate.domain.metrics.rollups import NO_TOPIC
from beneficiate.models.call_centre import Topic
from beneficiate.models.facts import Fact
from beneficiate.queries.board_topics import BoardTopic
from beneficiate.queries.metrics import load_rows, select_day
from beneficiate.views.board import BoardFigure, TopicQueue, build_list_address
from beneficiate.views.facts import FactRow

WAITING_CODE, LONGEST_CODE, ACTIVE_CODE = INSTANT_CODES = ("waiting", "longest_wait", "active")


@dataclass(frozen=True, slots=True)
class BoardSteps:
    """The last step of each chat that waits or is with an agent at an instant, whatever its topic; the newest first."""

    at: datetime
    rows: list[FactRow]

    def of_topic(self, topic: BoardTopic) -> list[FactRow]:
        """Return those of a topic, or all."""
        if not topic.code:
            return self.rows
        code = "" if topic.code == NO_TOPIC else topic.code
        return [row for row in self.rows if row.topic == code]

    def compute_figures(self, topic: BoardTopic) -> dict[str, Figure]:
        """Return the figures of the instant by their codes."""
        tallies = [row.tally for row in self.of_topic(topic)]
        return {code: METRICS[code].compute(tallies) for code in INSTANT_CODES}

    def list_by_agent(self) -> dict[int, list[FactRow]]:
        """Return the chats that each agent has, by the agent's id; who has had theirs longest comes first."""
        found: dict[int, list[FactRow]] = defaultdict(list)
        for row in reversed(self.rows):
            if row.agent_id is not None and row.kind in METRICS[ACTIVE_CODE].kinds:
                found[row.agent_id].append(row)
        return found

    def list_waiting(self, topic: BoardTopic) -> list[FactRow]:
        """Return those who wait about a topic."""
        return [row for row in self.of_topic(topic) if row.kind in METRICS[WAITING_CODE].kinds]

    def find_longest(self, topic: BoardTopic) -> FactRow | None:
        """Return the wait that `longest_wait` measures; None if nobody waits."""
        return max(self.list_waiting(topic), key=lambda row: row.measure_s or 0, default=None)


def load_steps(at: datetime) -> BoardSteps:
    """Return where the open chats are at an instant."""
    kinds = {kind for code in INSTANT_CODES for kind in METRICS[code].kinds}
    return BoardSteps(at, load_rows(Scope.INSTANT, select_day(at), [Fact.kind.in_(sorted(kinds))], None))


def list_topic_queues(steps: BoardSteps, topic: BoardTopic) -> list[TopicQueue]:
    """Return how many wait with each topic, or with this one; the longest queue first."""
    names = dict(Topic.select(Topic.code, Topic.name).tuples())
    counts = Counter(row.topic for row in steps.list_waiting(topic))
    found = [
        TopicQueue(
            names.get(code, code),
            BoardFigure(
                METRICS[WAITING_CODE],
                Figure(count, count),
                build_list_address(WAITING_CODE, steps.at, topic=code or NO_TOPIC),
            ),
        )
        for code, count in counts.items()
    ]
    return sorted(found, key=lambda one: (-one.shown.count, one.name))
