"""How the status of something is shown to people."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["", "ok", "warn", "danger", "accent"]
"""The colour of a badge: the end of the CSS class `badge--<tone>`; "" is the neutral one."""


@dataclass(frozen=True, slots=True)
class StatusBadge:
    """A status as people see it: a word in Spanish, an icon of the icon set, then a colour."""

    label: str
    icon: str
    tone: Tone = ""

    @property
    def css_class(self) -> str:
        """Return the CSS classes of the badge."""
        return f"badge badge--{self.tone}" if self.tone else "badge"
