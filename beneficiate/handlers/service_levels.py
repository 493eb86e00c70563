"""The supervisors' page of the service levels."""

import re
from datetime import datetime

from beneficiate.actions import service_levels as actions
from beneficiate.domain.dates import FIRST_DAY, LAST_DAY
from beneficiate.domain.service_levels.fields import OPEN_CHATS, SCOPE, parse_service_level
from beneficiate.domain.service_levels.promises import PromisedTimes
from beneficiate.errors import InvalidForm, OutdatedForm, Problem
from beneficiate.formatting import BOGOTA
from beneficiate.handlers.administration import EditPage
from beneficiate.handlers.forms import PostOnlyPage
from beneficiate.queries import service_level_pages as queries
from beneficiate.views.edit_forms import EditForm
from beneficiate.views.service_levels import SERVICE_LEVEL_LABELS, MovedChats, ServiceLevelPage, level_path

_ARRIVAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
TRY = "probar"
"""What the form is sent for, where nothing is to be saved: to see the effect."""


class ServiceLevelsPage(EditPage):
    """`/supervisor/ajustes/niveles/:topic?q=&despues=`: what is promised for a topic, or in general.

    Sent with `hacer=probar`, the form shows how a deadline would be counted and which open chats would move.
    """

    async def get(self, code: str = "") -> None:
        saved = await self.run_query(queries.load_level_row, code)
        await self.render_level(code, EditForm.open(saved, SERVICE_LEVEL_LABELS), None)

    async def post(self, *path: str) -> None:
        if self.get_body_argument("hacer", "") == TRY:
            await self.render_form(None, *path)
        else:
            await super().post(*path)

    async def submit(self, *path: str) -> str:
        code = path[0] if path else ""
        typed = self.read_typed(SERVICE_LEVEL_LABELS)
        await self.run_action(actions.save_service_level, actions.SaveServiceLevel(code, self.version, typed))
        return f"{level_path(code)}?listo=guardado"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        code = path[0] if path else ""
        saved = await self.run_query(queries.load_level_row, code)
        promised = None
        try:
            promised = parse_service_level(self.read_typed(SERVICE_LEVEL_LABELS)).promised
        except InvalidForm as invalid:
            problem = problem or invalid
        await self.render_level(code, self.build_form(saved, SERVICE_LEVEL_LABELS, problem), promised)

    async def render_level(
        self, code: str, form: EditForm, promised: PromisedTimes | None, inherited: MovedChats | None = None
    ) -> None:
        """Answer with the page; what is `promised` was typed and is shown with its effect, or that of inheriting is."""
        arrival = self.get_argument("llegada", "")
        arrives_at = parse_arrival(arrival)
        tried = queries.TryServiceLevel(code, promised, arrives_at)
        view = ServiceLevelPage(
            me=self.me,
            sections=await self.run_query(queries.load_level_sections, (code, self.filters)),
            form=form,
            example=await self.run_query(queries.load_counted_deadline, tried),
            moves=await self.run_query(queries.load_moves_by_level, tried) if promised else None,
            inherited_moves=inherited,
            arrival=arrival,
            arrival_error="Elija el día y la hora." if arrival and arrives_at is None else "",
            done=self.done,
        )
        await self.render_page(view)


class InheritServiceLevelForm(PostOnlyPage, ServiceLevelsPage):
    """`POST /supervisor/ajustes/niveles/:topic/heredar`: the topic gets what all others have.

    Sent with `hacer=probar`, it shows which open chats would move.
    """

    shown_problems = (OutdatedForm,)

    async def submit(self, *path: str) -> str:
        moves_open = self.get_body_argument(SCOPE, "") == OPEN_CHATS
        command = actions.InheritServiceLevel(path[0], self.version, moves_open)
        await self.run_action(actions.inherit_service_level, command)
        return f"{level_path(path[0])}?listo=general"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        if problem is not None:
            self.redirect(f"{level_path(path[0])}?listo=cambio", status=303)
            return
        saved = await self.run_query(queries.load_level_row, path[0])
        moves = await self.run_query(queries.load_inherited_moves, path[0])
        await self.render_level(path[0], EditForm.open(saved, SERVICE_LEVEL_LABELS), None, moves)


def parse_arrival(text: str) -> datetime | None:
    """Return the instant of a time in Bogotá as browsers send it, `2026-08-15T16:00`; None for anything else."""
    # Exactly so: `fromisoformat` reads week dates too, and times with seconds or a zone.
    if not _ARRIVAL.fullmatch(text):
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    return local.replace(tzinfo=BOGOTA) if FIRST_DAY <= local.date() <= LAST_DAY else None
