"""The demo page, for development only."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.views.pages import PageView


@dataclass(frozen=True)
class DemoMember:
    """A member to try the chat with; `plan` is the name of their current plan."""

    email: str
    name: str
    plan: str | None


@dataclass(frozen=True)
class DemoLanding(PageView):
    """`/demo`. `password` is the one of every demo account."""

    template: ClassVar[str] = "demo/demo.html"

    members: list[DemoMember]
    password: str
