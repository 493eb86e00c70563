"""Security events in the log: who signs in, who fails, who is refused. A flood of one problem becomes a count.

A line has the user id where it is known, a keyed digest of the e-mail and the client's network, never the e-mail and
never the whole address: together with a user id that would be personal data.
"""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from beneficiate.limits import network_of

log = structlog.get_logger("beneficiate.security")

SIGNED_IN = "signed_in"
SIGN_IN_FAILED = "sign_in_failed"
SECOND_FACTOR_FAILED = "second_factor_failed"
LOCKED = "locked"
TOKEN_REUSED = "token_reused"  # noqa: S105  the name of an event
REFUSED = "refused"
XSRF_REFUSED = "xsrf_refused"
HANDSHAKE_REFUSED = "handshake_refused"

WINDOW_S = 60
LINES_PER_WINDOW = 10
"""Lines of one event from one network (or one user, where there is no network) in a minute."""
MAX_WINDOWS = 10_000
DIGEST_CHARS = 16


@dataclass(slots=True)
class _Window:
    since: float
    written: int = 0
    suppressed: int = 0


class SecurityLog:
    """Writes security events; what exceeds 10 lines a minute from one network is counted and reported later."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = hmac.digest(secret.encode(), b"security log", "sha256")
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}

    def write(self, event: str, *, address: str = "", user_id: int = 0, email: str = "", **details: str) -> None:
        """Write an event, or count it. `details` must contain nothing that a person typed."""
        network = network_of(address) if address else ""
        key = (event, network or f"user:{user_id}")
        if key not in self._windows and len(self._windows) >= MAX_WINDOWS:
            key = (event, "other networks")
        window = self._windows.setdefault(key, _Window(self._clock()))
        if self._clock() - window.since >= WINDOW_S:
            self._report(key, window)
            window = self._windows[key] = _Window(self._clock())
        if window.written >= LINES_PER_WINDOW:
            window.suppressed += 1
            return
        window.written += 1
        if email:
            details["email_digest"] = self._digest(email)
        write = log.info if event == SIGNED_IN else log.warning
        write(event, network=network, user_id=user_id, **details)

    def report_suppressed(self) -> None:
        """Write the counts of the minutes that are over, and forget them."""
        over = [key for key, window in self._windows.items() if self._clock() - window.since >= WINDOW_S]
        for key in over:
            self._report(key, self._windows.pop(key))

    def _report(self, key: tuple[str, str], window: _Window) -> None:
        if window.suppressed:
            event, source = key
            log.warning("security_events_suppressed", suppressed=event, source=source, count=window.suppressed)

    def _digest(self, email: str) -> str:
        return hmac.digest(self._key, email.encode(errors="replace"), "sha256").hex()[:DIGEST_CHARS]
