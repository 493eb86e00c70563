"""The demo page and the demo accounts, for development only."""

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
class DemoAccount:
    """An account to sign in with; `plan` is the name of a member's current plan."""

    email: str
    role: str
    plan: str | None

    @property
    def may_see(self) -> str:
        """Who this is, and what they see after signing in."""
        if self.role == "supervisor":
            return "supervisa: todos los chats, las citas, los pagos, el horario y los correos"
        if self.role == "agent":
            return "agente: sus chats, la fila y las citas"
        if self.plan is None:
            return "afiliado sin plan: los planes y cómo pagarlos, el chat"
        return f"afiliado con {self.plan}: sus citas, sus beneficiarios, sus pagos, el chat"


@dataclass(frozen=True)
class DemoLanding(PageView):
    """`/demo`. `password` is the one of every demo account."""

    template: ClassVar[str] = "demo/demo.html"

    members: list[DemoMember]
    password: str
