"""Bases of the pages of the administration: lists with filters, and forms that change a row."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from beneficiate.actions.form_creations import CreateOnce, create_once
from beneficiate.errors import InvalidForm, OutdatedForm, Problem, RateLimited
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from beneficiate.views.edit_forms import EditForm, FieldLabels, SavedRow, draw_token

MAX_FILTER_CHARS = 100
MAX_VERSION_CHARS = 9
MAX_TOKEN_CHARS = 64
C = TypeVar("C")


class AdministrationPage(SupervisorPage):
    """A page with a list: `?estado=&q=&despues=&listo=`; `listo` names what was done just before."""

    @property
    def filters(self) -> ListFilters:
        """The filters of the URL."""
        return self.read_filters()

    def read_filters(self, prefix: str = "") -> ListFilters:
        """Return the filters of the list whose parameters begin so; those of a second one keep those of the first."""
        state, text, after = (self.get_query_argument(f"{prefix}{name}", "") for name in ("estado", "q", "despues"))
        kept = self.read_filters().parameters if prefix else ()
        number = int(after) if _is_number(after) else 0
        return ListFilters(state[:MAX_FILTER_CHARS], text[:MAX_FILTER_CHARS], number, prefix, kept)

    @property
    def done(self) -> str:
        """What was done just before."""
        return self.get_query_argument("listo", "")

    def address_of(self, path: str, done: str = "") -> str:
        """Return a path with the filters of this page, and what was done."""
        query = self.filters.query
        return f"{path}{query}{'&' if query else '?'}listo={done}" if done else f"{path}{query}"


class EditPage(FormPage, AdministrationPage):
    """A page with a form that changes a row, or creates one."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, OutdatedForm, RateLimited)

    def read_typed(self, labels: FieldLabels, prefix: str = "") -> dict[str, str]:
        """Return what was typed, by field; several options are joined by commas."""
        texts = {name: ",".join(self.get_body_arguments(f"{prefix}{name}")) for name in labels.names}
        # A text of several lines arrives with the line ends of the network.
        return {name: text.replace("\r\n", "\n") for name, text in texts.items()}

    @property
    def version(self) -> int:
        """The version of the row that the form has shown."""
        text = self.get_body_argument("version", "")
        return int(text) if _is_number(text) else 0

    def build_form(self, saved: SavedRow, labels: FieldLabels, problem: Problem | None) -> EditForm:
        """Return the form as it is opened, or as it was sent, with what is wrong with it."""
        if self.request.method != "POST":
            return EditForm.open(saved, labels)
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        typed, original = self.read_typed(labels), self.read_typed(labels, "antes-")
        token, refused = self._form_token or draw_token(), describe_refusal(problem)
        return EditForm(saved, labels, self.version, original, typed, wrong, token, refused)

    async def create_once(self, action: Callable[[UnitOfWork, C], int], command: C, typed: Mapping[str, str]) -> int:
        """Run an action that creates a row from what was typed; return its id, also when the form was sent before.

        Whoever goes back to the form and types something else creates another row.
        """
        if not self._form_token:
            return await self.run_action(action, command)
        sent = json.dumps([self.request.path, self._form_token, sorted(typed.items())])
        key = hashlib.sha256(sent.encode()).hexdigest()
        return await self.run_action(create_once, CreateOnce(key, action, command))

    @property
    def _form_token(self) -> str:
        return self.get_body_argument("formulario", "")[:MAX_TOKEN_CHARS]


class RowPage(EditPage):
    """The form of a row beside its list, `/…/:id`, or of a new one, `/…/nuevo`, whose id is 0."""

    path: ClassVar[str]

    async def get(self, *path: str) -> None:
        await self.render_form(None, *path)

    async def submit(self, *path: str) -> str:
        return self.address_of(f"{self.path}/{await self.save(_row_id(path))}", "guardado")

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        await self.render_row(_row_id(path), problem)

    async def save(self, row_id: int) -> int:
        """Save what was typed, and return the id of the row."""
        raise NotImplementedError

    async def save_row(
        self, row_id: int, action: Callable[[UnitOfWork, C], int], command: C, typed: Mapping[str, str]
    ) -> int:
        """Run an action that saves what was typed, or creates the row once; return its id."""
        return await (self.run_action(action, command) if row_id else self.create_once(action, command, typed))

    async def render_row(self, row_id: int, problem: Problem | None) -> None:
        """Answer with the list and the form of a row."""
        raise NotImplementedError


class ActPage(PostOnlyPage, EditPage):
    """A form with one button; a problem is shown as a page of its own."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = ()


def describe_refusal(problem: Problem | None) -> str:
    """Return why a form was not saved whose fields are right; empty where it is something else."""
    return problem.sentence if isinstance(problem, RateLimited) else ""


def _row_id(path: tuple[str, ...]) -> int:
    return parse_id(path[0]) if path else 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MAX_VERSION_CHARS
