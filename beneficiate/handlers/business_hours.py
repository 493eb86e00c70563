"""Business hours: the supervisors' page and the API call that tells whether the call centre is open."""

from contextlib import suppress
from datetime import date

from beneficiate.actions import business_hours
from beneficiate.errors import InvalidForm, Problem
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.base import parse_date
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.queries.business_hours import OpeningState, load_business_hours_state, load_schedule
from beneficiate.views.business_hours import BusinessHoursForm, HoursConfirmation

PAGE_PATH = "/supervisor/horario"
CONFIRMED = "confirmado"


class HoursHandler(ApiHandler):
    """`GET hours`: whether the call centre is open, and otherwise when: "Volvemos el martes a las 8:00 a. m."."""

    response_type = OpeningState

    async def get(self) -> None:
        self.write_success(await self.run_query(load_business_hours_state))


class BusinessHoursPage(SupervisorPage):
    """`/supervisor/horario?listo=`: `listo` names what was saved just before."""

    async def get(self) -> None:
        await self.render_schedule(None)

    async def render_schedule(self, problem: Problem | None, confirmation: HoursConfirmation | None = None) -> None:
        """Answer with the page, what was typed and what is wrong with it, or what has to be confirmed first."""
        schedule = await self.run_query(load_schedule)
        typed = {name: self.get_body_argument(name) for name in self.request.body_arguments}
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        done = self.get_query_argument("listo", "")
        await self.render_page(BusinessHoursForm(self.me, schedule, typed, wrong, done, confirmation))


class BusinessHoursFormPage(PostOnlyPage, FormPage, BusinessHoursPage):
    """One of the page's forms. What moves deadlines of open chats is shown first, and sent again with `confirmado`."""

    shown_problems = (InvalidForm,)

    async def post(self, *path: str) -> None:
        moves = None
        if not self.get_body_argument(CONFIRMED, ""):
            with suppress(InvalidForm):
                moves = await self.run_query(business_hours.preview_hours, self.read_command(*path))
        if moves is None or not moves.moved_count:
            await super().post(*path)
            return
        fields = [(name, self.get_body_argument(name)) for name in self.request.body_arguments if name != "_xsrf"]
        await self.render_schedule(None, HoursConfirmation(self.request.path, fields, moves))

    def read_command(self, *path: str) -> business_hours.HoursChange:
        """Return what the form asks for."""
        raise NotImplementedError

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        await self.render_schedule(problem)


class WeeklyHoursForm(BusinessHoursFormPage):
    """`POST /supervisor/horario/semana`: the week, `dia-0-0-desde`, `dia-0-0-hasta` and so on."""

    async def submit(self, *path: str) -> str:
        await self.run_action(business_hours.set_weekly_hours, self.read_command())
        return f"{PAGE_PATH}?listo=semana"

    def read_command(self, *path: str) -> business_hours.SetWeeklyHours:
        return business_hours.SetWeeklyHours(self._read_spans())

    def _read_spans(self) -> dict[int, list[tuple[str, str]]]:
        spans: dict[int, list[tuple[str, str]]] = {weekday: [] for weekday in range(7)}
        for name in self.request.body_arguments:
            weekday, _, rest = name.removeprefix("dia-").partition("-")
            if name.startswith("dia-") and rest.endswith("-desde") and weekday in map(str, spans):
                until = self.get_body_argument(f"{name.removesuffix('desde')}hasta", "")
                spans[int(weekday)].append((self.get_body_argument(name), until))
        return spans


class HoursExceptionForm(BusinessHoursFormPage):
    """`POST /supervisor/horario/dias`: a day that differs."""

    async def submit(self, *path: str) -> str:
        await self.run_action(business_hours.set_hours_exception, self.read_command())
        return f"{PAGE_PATH}?listo=dia"

    def read_command(self, *path: str) -> business_hours.SetHoursException:
        typed = (self.get_body_argument(name, "") for name in ("fecha", "que", "desde", "hasta"))
        return business_hours.SetHoursException(*typed)


class DeleteHoursExceptionForm(BusinessHoursFormPage):
    """`POST /supervisor/horario/dias/:date/quitar`."""

    async def submit(self, *path: str) -> str:
        await self.run_action(business_hours.delete_hours_exception, self.read_command(*path))
        return f"{PAGE_PATH}?listo=quitado"

    def read_command(self, *path: str) -> date:
        return parse_date(path[0])
