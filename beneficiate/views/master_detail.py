"""What the lists of the staff's pages have in common: chats, appointments, payments."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EmptyText:
    """What a list without rows says."""

    title: str
    sentence: str


@dataclass(frozen=True)
class TabTexts:
    """Label of a tab, and what its list says without rows."""

    label: str
    empty: EmptyText
