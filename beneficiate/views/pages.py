"""Base of the dataclasses that templates are rendered with: each template has one, so that both are checked.

A field holds a plain value, a frozen dataclass or a Struct. `tests/handlers/test_templates.py` compares the fields with
the variables that the template asks for, and those that it includes, imports or extends.
"""

from dataclasses import dataclass, fields
from typing import ClassVar

from beneficiate.views.avatars import ActorView


@dataclass(frozen=True)
class PageView:
    """Everything that one template needs: a whole page or a part of one.

    A subclass is a frozen dataclass that names its template, a path under `templates/`; a base of several views has
    none. Without `slots`, which would make two classes of each.
    """

    template: ClassVar[str] = ""

    def variables(self) -> dict[str, object]:
        """Return the fields by name, nested objects as they are."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class StaffPage(PageView):
    """Everything that `staff.html` needs, the frame of the pages for agents and supervisors."""

    me: ActorView


@dataclass(frozen=True, kw_only=True)
class EmailView(PageView):
    """Everything that an e-mail needs: `template` is its HTML part, `text_template` its plain text.

    At `unsubscribe_url` its reader ends those of its kind; empty for what is always sent.
    """

    text_template: ClassVar[str] = ""

    subject: str
    name: str
    unsubscribe_url: str = ""
