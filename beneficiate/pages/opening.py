"""The supervisors' page of opening hours."""

from datetime import date

from beneficiate.actions import opening
from beneficiate.errors import Invalid, InvalidForm
from beneficiate.pages.ledger import StaffDrawing
from beneficiate.queries import hours

PLACES = 2
"""Parts of a day that the page has a place for; there is always one more than the day has."""


class HoursPage(StaffDrawing):
    """`/supervisor/horario?listo=`: `listo` names what was done just before."""

    async def get(self, *_: str) -> None:
        await self.draw_hours()

    async def draw_hours(self, problem: InvalidForm | None = None) -> None:
        """The page, with what was typed and what is wrong with it."""
        schedule = await self.look(hours.schedule)
        typed = {name: self.get_body_argument(name) for name in self.request.body_arguments}
        await self.draw_staff(
            "hours/hours.html",
            done=self.get_query_argument("listo", ""),
            wrong=problem.fields if problem else {},
            typed=typed,
            places=[_places(len(blocks)) for blocks in schedule["week"]],
            **schedule,
        )

    def back(self, done: str) -> None:
        self.redirect(f"/supervisor/horario?listo={done}", status=303)


class SetWeek(HoursPage):
    """`/supervisor/horario/semana`: the week, `dia-0-0-desde`, `dia-0-0-hasta` and so on."""

    async def post(self) -> None:
        spans: dict[int, list[tuple[str, str]]] = {weekday: [] for weekday in range(7)}
        for name in self.request.body_arguments:
            weekday, _, rest = name.removeprefix("dia-").partition("-")
            if name.startswith("dia-") and rest.endswith("-desde") and weekday in map(str, spans):
                until = self.get_body_argument(f"{name.removesuffix('desde')}hasta", "")
                spans[int(weekday)].append((self.get_body_argument(name), until))
        try:
            await self.do(opening.set_week, opening.SetWeek(spans))
        except InvalidForm as problem:
            # Answered with 200: it is a page that was drawn well, and a browser logs any other status as an error.
            await self.draw_hours(problem)
            return
        self.back("semana")


class SetDay(HoursPage):
    """`/supervisor/horario/dias`: a day that differs."""

    async def post(self) -> None:
        typed = (self.get_body_argument(name, "") for name in ("fecha", "que", "desde", "hasta"))
        try:
            await self.do(opening.set_day, opening.SetDay(*typed))
        except InvalidForm as problem:
            await self.draw_hours(problem)
            return
        self.back("dia")


class ForgetDay(HoursPage):
    """`/supervisor/horario/dias/:date/quitar`."""

    async def post(self, day: str) -> None:
        try:
            found = date.fromisoformat(day)
        except ValueError as problem:
            raise Invalid("Esa fecha no es válida.") from problem
        await self.do(opening.forget_day, found)
        self.back("quitado")


def _places(blocks: int) -> int:
    return max(PLACES, blocks + 1)
