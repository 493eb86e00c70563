"""The supervisors' page of opening hours."""

from datetime import date

from beneficiate.actions import business_hours
from beneficiate.errors import Invalid, InvalidForm
from beneficiate.handlers.payments_admin import SupervisorPage
from beneficiate.queries.business_hours import load_schedule

MIN_BLOCKS_SHOWN = 2
"""Parts of a day that the page has a place for; there is always one more than the day has."""


class BusinessHoursPage(SupervisorPage):
    """`/supervisor/horario?listo=`: `listo` names what was done just before."""

    async def get(self, *_: str) -> None:
        await self.render_hours()

    async def render_hours(self, problem: InvalidForm | None = None) -> None:
        """The page, with what was typed and what is wrong with it."""
        schedule = await self.run_query(load_schedule)
        typed = {name: self.get_body_argument(name) for name in self.request.body_arguments}
        await self.render_supervisor_page(
            "hours/hours.html",
            done=self.get_query_argument("listo", ""),
            wrong=problem.fields if problem else {},
            typed=typed,
            places=[_blocks_shown(len(blocks)) for blocks in schedule["week"]],
            **schedule,
        )

    def redirect_done(self, done: str) -> None:
        self.redirect(f"/supervisor/horario?listo={done}", status=303)


class WeeklyHoursForm(BusinessHoursPage):
    """`/supervisor/horario/semana`: the week, `dia-0-0-desde`, `dia-0-0-hasta` and so on."""

    async def post(self) -> None:
        spans: dict[int, list[tuple[str, str]]] = {weekday: [] for weekday in range(7)}
        for name in self.request.body_arguments:
            weekday, _, rest = name.removeprefix("dia-").partition("-")
            if name.startswith("dia-") and rest.endswith("-desde") and weekday in map(str, spans):
                until = self.get_body_argument(f"{name.removesuffix('desde')}hasta", "")
                spans[int(weekday)].append((self.get_body_argument(name), until))
        try:
            await self.run_action(business_hours.set_weekly_hours, business_hours.SetWeeklyHours(spans))
        except InvalidForm as problem:
            # Answered with 200: it is a page that was drawn well, and a browser logs any other status as an error.
            await self.render_hours(problem)
            return
        self.redirect_done("semana")


class HoursExceptionForm(BusinessHoursPage):
    """`/supervisor/horario/dias`: a day that differs."""

    async def post(self) -> None:
        typed = (self.get_body_argument(name, "") for name in ("fecha", "que", "desde", "hasta"))
        try:
            await self.run_action(business_hours.set_hours_exception, business_hours.SetHoursException(*typed))
        except InvalidForm as problem:
            await self.render_hours(problem)
            return
        self.redirect_done("dia")


class DeleteHoursExceptionForm(BusinessHoursPage):
    """`/supervisor/horario/dias/:date/quitar`."""

    async def post(self, day: str) -> None:
        try:
            found = date.fromisoformat(day)
        except ValueError as problem:
            raise Invalid("Esa fecha no es válida.") from problem
        await self.run_action(business_hours.delete_hours_exception, found)
        self.redirect_done("quitado")


def _blocks_shown(blocks: int) -> int:
    return max(MIN_BLOCKS_SHOWN, blocks + 1)
