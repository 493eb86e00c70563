"""Forms that change a row: what was typed, what is wrong with it, and what somebody else has saved meanwhile."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

NO_VALUE = "vacío"
Texts = Mapping[str, str]
"""The text of each field by its name; several chosen options are their keys with commas between."""


MAX_ORIGINAL_CHARS = 500
LONG_TEXT = "un texto largo"
_DIGEST = "sha256:"


def shorten_original(text: str) -> str:
    """Return a text as a form sends what was there before: of a long one the digest, so that it is not sent twice."""
    is_short = len(text) <= MAX_ORIGINAL_CHARS
    return text if is_short else f"{_DIGEST}{hashlib.sha256(text.encode()).hexdigest()}"


def draw_token() -> str:
    """Return the token of a form that is opened."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class LastChange:
    """Who saved a row last, and when."""

    name: str
    at: datetime


@dataclass(frozen=True)
class SavedRow:
    """A row as its form shows it, and its version."""

    values: Texts
    version: int
    last_change: LastChange | None = None

    def take(self, names: Iterable[str]) -> "SavedRow":
        """Return the row with these fields alone, for one of several forms of it."""
        return replace(self, values={name: self.values[name] for name in names})


@dataclass(frozen=True)
class FieldLabels:
    """The names of the fields, and of the options of those that have some: by the key of the option."""

    names: Texts
    options: Mapping[str, Texts] = field(default_factory=dict)

    def describe(self, name: str, text: str) -> str:
        """Return the text of a field as people read it."""
        labels = self.options.get(name)
        if labels is None or not text:
            return text or NO_VALUE
        return ", ".join(labels.get(key, key) for key in text.split(","))


@dataclass(frozen=True)
class FieldDifference:
    """A field whose saved text is not the typed one; `prefers_typed` unless only the other person changed it."""

    name: str
    label: str
    saved: str
    typed: str
    original_text: str
    saved_text: str
    typed_text: str
    prefers_typed: bool


@dataclass(frozen=True)
class EditForm:
    """A form of a row. `original` is what it showed when it was opened, `typed` what came back; `wrong` has errors.

    `refused` says why it was not saved, whatever is in its fields: too much was saved in a short time.
    `token` tells a form from others that were opened: sent twice, one that creates a row does so once.
    """

    saved: SavedRow
    labels: FieldLabels
    version: int
    original: Texts
    typed: Texts
    wrong: Texts = field(default_factory=dict)
    token: str = field(default_factory=draw_token, compare=False)
    refused: str = ""

    @classmethod
    def open(cls, saved: SavedRow, labels: FieldLabels) -> "EditForm":
        """Return the form as it is opened."""
        return cls(saved, labels, saved.version, saved.values, saved.values)

    def value(self, name: str) -> str:
        """Return the text of a field."""
        return self.typed.get(name, "")

    def has(self, name: str, key: str) -> bool:
        """Return whether an option of a field is chosen."""
        return str(key) in self.value(name).split(",")

    def describe(self, name: str, text: str) -> str:
        """Return the text of a field as people read it."""
        return self.labels.describe(name, text)

    def is_changed(self, name: str) -> bool:
        """Return whether a field has another text than when the form was opened."""
        return shorten_original(self.value(name)) != shorten_original(self.original.get(name, ""))

    def describe_original(self, name: str) -> str:
        """Return what a field had when the form was opened, as people read it."""
        text = self.original.get(name, "")
        return LONG_TEXT if text.startswith(_DIGEST) else self.describe(name, text)

    @property
    def originals(self) -> Texts:
        """What the fields had when the form was opened, as the form sends it."""
        return {name: shorten_original(text) for name, text in self.original.items()}

    @property
    def saved_originals(self) -> Texts:
        """What is saved, as the form that chooses between two changes sends it."""
        return {name: shorten_original(text) for name, text in self.saved.values.items()}

    @property
    def is_new(self) -> bool:
        """Whether the row is still to be created: then nothing was there before."""
        return self.saved.version == 0

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else has saved the row since the form was opened."""
        return self.version != self.saved.version

    @property
    def is_dirty(self) -> bool:
        """Whether there is something to save."""
        return any(map(self.is_changed, self.labels.names))

    @property
    def changes_text(self) -> str:
        """`1 cambio sin guardar`, `3 cambios sin guardar`."""
        count = sum(map(self.is_changed, self.labels.names))
        return f"{count} cambio{'' if count == 1 else 's'} sin guardar"

    @property
    def wrong_text(self) -> str:
        """Which fields need a correction: `Corrija: Código, Correo`."""
        return f"Corrija: {', '.join(self.labels.names.get(name, name) for name in self.wrong)}"

    @property
    def typed_texts(self) -> list[tuple[str, str]]:
        """What was typed by the labels of the fields, as people read it."""
        return [(label, self.describe(name, self.value(name))) for name, label in self.labels.names.items()]

    @property
    def differences(self) -> list[FieldDifference]:
        """The fields whose saved text is not the typed one."""
        return [
            FieldDifference(
                name=name,
                label=label,
                saved=self.saved.values[name],
                typed=self.value(name),
                original_text=self.describe_original(name),
                saved_text=self.describe(name, self.saved.values[name]),
                typed_text=self.describe(name, self.value(name)),
                prefers_typed=self.is_changed(name),
            )
            for name, label in self.labels.names.items()
            if self.saved.values[name] != self.value(name)
        ]
