"""The supervisors' pages of the professionals."""

from datetime import date
from typing import ClassVar

from beneficiate.actions import professionals as actions
from beneficiate.actions.business_hours import SetHoursException, validate_exception
from beneficiate.domain.booking.slots import DayException
from beneficiate.domain.dates import parse_typed_date
from beneficiate.errors import InvalidForm, OutdatedForm, Problem
from beneficiate.handlers.administration import AdministrationPage, RowPage, describe_refusal
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.base import parse_date
from beneficiate.handlers.business_hours import SEEN
from beneficiate.handlers.forms import PostOnlyPage
from beneficiate.queries import professionals as queries
from beneficiate.views import professionals as views
from beneficiate.views.administration import AdministrationList, ListFilters
from beneficiate.views.business_hours import DayClash, DayRow
from beneficiate.views.edit_forms import EditForm

PROFESSIONALS_PATH = "/supervisor/ajustes/profesionales"
DAY_FIELDS = ("fecha", "que", "desde", "hasta")
NO_DAY = views.DayForm({}, {})
DAYS_PREFIX = "dias-"
"""Before the parameters of the list of days, which stands beside that of the professionals."""
NO_DAYS = AdministrationList[DayRow](ListFilters(), [], [], 0)


class ProfessionalListPage(AdministrationPage):
    """`/supervisor/ajustes/profesionales`."""

    async def get(self) -> None:
        people = await self.run_query(queries.load_professional_list, self.filters)
        page = views.ProfessionalAdministration(self.me, people, None, None, None, NO_DAY, NO_DAYS, self.done)
        await self.render_page(page)


class ProfessionalPage(RowPage):
    """`/supervisor/ajustes/profesionales/:id?dias-q=&dias-despues=` and `/…/nuevo`."""

    path = PROFESSIONALS_PATH
    shown_problems: ClassVar[tuple[type[Problem], ...]] = (*RowPage.shown_problems, actions.AppointmentsAffected)

    @property
    def confirmed(self) -> str:
        """The effect that was confirmed; empty without one."""
        return self.get_body_argument("confirmado", "")

    async def save(self, row_id: int) -> int:
        labels = views.professional_labels(await self.run_query(queries.list_specialty_options, row_id))
        typed = self.read_typed(labels)
        command = actions.SaveProfessional(row_id, self.version, typed, self.confirmed)
        return await self.save_row(row_id, actions.save_professional, command, typed)

    async def render_row(self, row_id: int, problem: Problem | None) -> None:
        await self.render_professional(row_id, problem, _pending_of(problem), NO_DAY)

    async def render_professional(
        self, row_id: int, problem: Problem | None, pending: views.PendingEffect | None, day_form: views.DayForm
    ) -> None:
        """Answer with the list, the form of a professional and that of a day."""
        people = await self.run_query(queries.load_professional_list, self.filters)
        specialties = await self.run_query(queries.list_specialty_options, row_id)
        detail, saved = await self.run_query(queries.load_professional, row_id)
        labels = views.professional_labels(specialties)
        form = self.build_form(saved, labels, problem) if day_form is NO_DAY else EditForm.open(saved, labels)
        days = await self.run_query(queries.load_professional_days, (row_id, self.read_filters(DAYS_PREFIX)))
        page = views.ProfessionalAdministration(self.me, people, detail, form, pending, day_form, days, self.done)
        await self.render_page(page)


class _ProfessionalDayForm(PostOnlyPage, ProfessionalPage):
    """A form that changes one day of a professional."""

    async def submit(self, *path: str) -> str:
        await self.change_day(*path)
        return self.address_of(f"{self.path}/{path[0]}", "dia")

    async def change_day(self, *path: str) -> None:
        """Run what the form asks for."""
        raise NotImplementedError

    async def read_wanted_day(self) -> tuple[date, list[DayException]]:
        """Return the day and the hours that the form asks for; without any, those of its weekday."""
        raise NotImplementedError

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        typed = {name: self.get_body_argument(name, "") for name in DAY_FIELDS}
        wrong = problem.fields if isinstance(problem, InvalidForm) else {}
        clash = await self.load_clash(*path) if isinstance(problem, OutdatedForm) else None
        day_form = views.DayForm(typed, wrong, _pending_of(problem), describe_refusal(problem), clash)
        await self.render_professional(parse_id(path[0]), problem, None, day_form)

    async def load_clash(self, *path: str) -> DayClash:
        """Return what is stored of the day beside what was sent."""
        day, sent = await self.read_wanted_day()
        stored = await self.run_query(queries.load_stored_professional_day, (parse_id(path[0]), day))
        fields = [(name, self.get_body_argument(name)) for name in DAY_FIELDS if name in self.request.body_arguments]
        page = self.address_of(f"{self.path}/{path[0]}")
        return DayClash(self.request.uri or "", page, fields, day, sent, stored)


class SetProfessionalDayForm(_ProfessionalDayForm):
    """`POST /supervisor/ajustes/profesionales/:id/dias`: a day that differs."""

    @property
    def typed_day(self) -> SetHoursException:
        """The day and its hours as they were typed."""
        return SetHoursException(*(self.get_body_argument(name, "") for name in DAY_FIELDS))

    async def change_day(self, *path: str) -> None:
        seen = self.get_body_argument(f"{SEEN}-{parse_typed_date(self.typed_day.day)}", "")
        command = actions.SetProfessionalDay(parse_id(path[0]), self.typed_day, seen, self.confirmed)
        await self.run_action(actions.set_professional_day, command)

    async def read_wanted_day(self) -> tuple[date, list[DayException]]:
        return await self.run_query(validate_exception, self.typed_day)


class DeleteProfessionalDayForm(_ProfessionalDayForm):
    """`POST /supervisor/ajustes/profesionales/:id/quitar`, the date is a field: the day is as its weekday again."""

    async def change_day(self, *path: str) -> None:
        day, _ = await self.read_wanted_day()
        seen = self.get_body_argument(SEEN, "")
        command = actions.DeleteProfessionalDay(parse_id(path[0]), day, seen, self.confirmed)
        await self.run_action(actions.delete_professional_day, command)

    async def read_wanted_day(self) -> tuple[date, list[DayException]]:
        return parse_date(self.get_body_argument("fecha", "")), []


def _pending_of(problem: Problem | None) -> views.PendingEffect | None:
    return problem.pending if isinstance(problem, actions.AppointmentsAffected) else None
