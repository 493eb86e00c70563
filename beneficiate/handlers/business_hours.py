"""Business hours: the supervisors' page and the API call that tells whether the call centre is open."""

from contextlib import suppress
from datetime import date

from beneficiate.actions import business_hours
from beneficiate.domain.booking.hours_text import describe_week
from beneficiate.domain.booking.slots import DayException
from beneficiate.domain.dates import parse_typed_date
from beneficiate.errors import InvalidForm, OutdatedForm, Problem, RateLimited
from beneficiate.handlers.administration import AdministrationPage, describe_refusal
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.base import parse_date
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.queries import business_hours as queries
from beneficiate.queries.business_hours import OpeningState
from beneficiate.views import business_hours as views
from beneficiate.views.edit_forms import EditForm

PAGE_PATH = "/supervisor/horario"
CONFIRMED = "confirmado"
SEEN = "antes"
"""What the form has shown of a weekday, `antes-dia-0`, or of a date: `antes-2026-12-24`, or `antes` of the only one."""


class HoursHandler(ApiHandler):
    """`GET hours`: whether the call centre is open, and otherwise when: "Volvemos el martes a las 8:00 a. m."."""

    response_type = OpeningState

    async def get(self) -> None:
        self.write_success(await self.run_query(queries.load_business_hours_state))


class BusinessHoursPage(AdministrationPage):
    """`/supervisor/horario?q=&despues=&listo=`: `listo` names what was saved just before."""

    async def get(self) -> None:
        await self.render_schedule(None)

    async def render_schedule(
        self,
        problem: Problem | None,
        confirmation: views.HoursConfirmation | None = None,
        week_clash: EditForm | None = None,
        day_clash: views.DayClash | None = None,
    ) -> None:
        """Answer with the page, what was typed and what is wrong with it, or what has to be decided first."""
        schedule = await self.run_query(queries.load_schedule)
        typed = {name: self.get_body_argument(name) for name in self.request.body_arguments}
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        days = await self.run_query(queries.load_coming_days, self.filters)
        week = views.WeekForm(schedule.week, typed)
        decisions = (confirmation, week_clash, day_clash, describe_refusal(problem))
        await self.render_page(
            views.BusinessHoursForm(self.me, schedule, week, typed, wrong, self.done, days, *decisions)
        )


class BusinessHoursFormPage(PostOnlyPage, FormPage, BusinessHoursPage):
    """One of the page's forms. What moves deadlines of open chats is shown first, and sent again with `confirmado`."""

    shown_problems = (InvalidForm, OutdatedForm, RateLimited)

    async def post(self, *path: str) -> None:
        moves = None
        if not self.get_body_argument(CONFIRMED, ""):
            with suppress(*self.shown_problems):
                moves = await self.run_query(business_hours.preview_hours, self.read_command(*path))
        if moves is None or not moves.moved_count:
            await super().post(*path)
            return
        confirmation = views.HoursConfirmation(self.request.path, self._read_sent("_xsrf"), moves)
        await self.render_schedule(None, confirmation)

    def read_command(self, *path: str) -> business_hours.HoursChange:
        """Return what the form asks for."""
        raise NotImplementedError

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        if isinstance(problem, OutdatedForm):
            await self.render_clash(*path)
        else:
            await self.render_schedule(problem)

    async def render_clash(self, *path: str) -> None:
        """Answer with what is stored beside what was sent."""
        raise NotImplementedError

    async def render_day_clash(self, day: date, sent: list[DayException]) -> None:
        """Answer with what is stored of a date beside what was sent."""
        stored = await self.run_query(queries.load_stored_day, day)
        fields = self._read_sent("_xsrf", SEEN, f"{SEEN}-{day}", CONFIRMED)
        await self.render_schedule(
            None, day_clash=views.DayClash(self.request.path, PAGE_PATH, fields, day, sent, stored)
        )

    def _read_sent(self, *left_out: str) -> list[tuple[str, str]]:
        return [(name, self.get_body_argument(name)) for name in self.request.body_arguments if name not in left_out]


class WeeklyHoursForm(BusinessHoursFormPage):
    """`POST /supervisor/horario/semana`: the week, `dia-0-0-desde`, `dia-0-0-hasta` and so on.

    The page on which two changes meet sends a weekday as one text, `dia-0`.
    """

    async def submit(self, *path: str) -> str:
        await self.run_action(business_hours.set_weekly_hours, self.read_command())
        return f"{PAGE_PATH}?listo=semana"

    def read_command(self, *path: str) -> business_hours.SetWeeklyHours:
        seen = {day: self.get_body_argument(f"{SEEN}-dia-{day}", "") for day in range(7)}
        return business_hours.SetWeeklyHours(self._read_spans(), seen)

    async def render_clash(self, *path: str) -> None:
        command = self.read_command()
        sent = views.week_texts(describe_week(business_hours.parse_week(command)))
        saved = await self.run_query(queries.load_stored_week)
        form = EditForm(saved, views.WEEK_LABELS, 0, views.week_texts(command.seen), sent)
        await self.render_schedule(None, week_clash=form)

    def _read_spans(self) -> dict[int, list[tuple[str, str]]]:
        spans: dict[int, list[tuple[str, str]]] = {weekday: [] for weekday in range(7)}
        for name in self.request.body_arguments:
            weekday, _, rest = name.removeprefix("dia-").partition("-")
            if not name.startswith("dia-") or weekday not in map(str, spans):
                continue
            if not rest:
                spans[int(weekday)] += views.split_hours(self.get_body_argument(name))
            elif rest.endswith("-desde"):
                until = self.get_body_argument(f"{name.removesuffix('desde')}hasta", "")
                spans[int(weekday)].append((self.get_body_argument(name), until))
        return spans


class HoursExceptionForm(BusinessHoursFormPage):
    """`POST /supervisor/horario/dias`: a day that differs."""

    async def submit(self, *path: str) -> str:
        await self.run_action(business_hours.set_hours_exception, self.read_command())
        return f"{PAGE_PATH}?listo=dia"

    def read_command(self, *path: str) -> business_hours.SetCallCentreDay:
        typed = business_hours.SetHoursException(
            *(self.get_body_argument(name, "") for name in ("fecha", "que", "desde", "hasta"))
        )
        return business_hours.SetCallCentreDay(
            typed, self.get_body_argument(f"{SEEN}-{parse_typed_date(typed.day)}", "")
        )

    async def render_clash(self, *path: str) -> None:
        day, sent = await self.run_query(business_hours.validate_exception, self.read_command().typed)
        await self.render_day_clash(day, sent)


class DeleteHoursExceptionForm(BusinessHoursFormPage):
    """`POST /supervisor/horario/dias/:date/quitar`."""

    async def submit(self, *path: str) -> str:
        await self.run_action(business_hours.delete_hours_exception, self.read_command(*path))
        return f"{PAGE_PATH}?listo=quitado"

    def read_command(self, *path: str) -> business_hours.DeleteCallCentreDay:
        return business_hours.DeleteCallCentreDay(parse_date(path[0]), self.get_body_argument(SEEN, ""))

    async def render_clash(self, *path: str) -> None:
        await self.render_day_clash(parse_date(path[0]), [])
