"""Facts as the lists behind figures show them."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain.metrics.metric import Tally


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact that a figure counts. `measure_s` is how long it took, `value` a score or pesos.

    `person` is the name that the member has now; empty for one who is no longer there.
    """

    at: datetime
    kind: str
    detail: str
    chat_id: int | None
    appointment_id: int | None
    payment_id: str | None
    agent_id: int | None
    agent_name: str
    agent_code: str
    topic: str
    measure_s: int | None
    value: int | None
    starts_at: datetime | None
    person: str = ""

    @property
    def tally(self) -> Tally:
        """What a figure counts of it."""
        measure = self.value if self.measure_s is None else self.measure_s
        return Tally(self.kind, self.detail, self.agent_id, self.topic, measure)
