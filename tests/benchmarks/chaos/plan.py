"""How long and how hard a run is."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ChaosPlan:
    """A run. `seconds` is how long faults come, each kind once at least; settling and comparing take a minute more.

    Every client writes a message each `pause_s` on average. `environment` are settings of the service. Faults are those
    whose name contains `only`.
    """

    seconds: float
    seed: int
    workers: int = 4
    pairs: int = 200
    bookers: int = 20
    buyers: int = 20
    pause_s: float = 4.0
    stop_s: float = 30.0
    away_s: float = 2.0
    is_short: bool = False
    only: str = ""
    environment: dict[str, object] = field(default_factory=dict)


def short_plan(seed: int) -> ChaosPlan:
    """Return the form for the suite of tests: half a minute, two workers, people absent after 3 s."""
    quick = {"BENEFICIATE_PRESENCE_GRACE_S": 3, "BENEFICIATE_PROCESS_EXPIRY_S": 4}
    return ChaosPlan(
        0, seed, workers=2, pairs=20, bookers=5, buyers=5, pause_s=0.5, stop_s=2, away_s=0.5, is_short=True,
        environment=quick,
    )  # fmt: skip
