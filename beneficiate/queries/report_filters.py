"""The filters of a report, from what was typed, and the page that shows the report or what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from beneficiate.domain.dates import FIRST_DAY, parse_typed_date, parse_typed_instant
from beneficiate.domain.metrics.rollups import NO_TOPIC
from beneficiate.domain.reports.groups import group_hour_metrics
from beneficiate.domain.reports.periods import (
    MAX_DAYS_BY_DAY,
    MAX_PERIOD_DAYS,
    Period,
    Preset,
    TimeStep,
    default_step,
    find_neighbour,
    find_period,
    name_period,
)
from beneficiate.errors import Invalid, InvalidForm
from beneficiate.formatting import bogota_date
from beneficiate.queries.reports import ReportNames, ReportQuery, load_report, load_report_names
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.avatars import describe_actor
from beneficiate.views.reports import FilterChoice, Report, ReportOverview, TypedReport

COMPARED = "si"
NOT_COMPARED = "no"


@dataclass(slots=True)
class _Reader:
    """Reads what was typed, and collects a sentence for each filter that is wrong."""

    typed: TypedReport
    today: date
    names: ReportNames
    wrong: dict[str, str] = field(default_factory=dict)

    def read(self) -> ReportQuery:
        """Return the query. Raises InvalidForm."""
        period, step = self._read_period(), self._choose("por", "", TimeStep)
        agent_id, topic = self._read_agent(), self._read_topic()
        is_compared = self._choose("comparar", COMPARED, _Answers) != NOT_COMPARED
        hour_code = self._choose("cifra", "", _HOUR_CODES)
        if step == TimeStep.DAY.value and period.days > MAX_DAYS_BY_DAY:
            self.wrong["por"] = "Por día se ve hasta un año: elija semana o mes, o menos días."
        if self.wrong:
            raise InvalidForm(self.wrong)
        chosen = TimeStep(step) if step else default_step(period)
        return ReportQuery(period, chosen, agent_id, topic, is_compared, hour_code)

    def _read_period(self) -> Period:
        preset = Preset(self._choose("periodo", Preset.MONTH, Preset) or Preset.MONTH)
        if preset is not Preset.RANGE:
            day = self._read_day("en", self.today)
            if day > self.today:
                self.wrong["en"] = "Ese periodo no ha empezado."
                day = self.today
            return find_period(preset, day, self.today)
        first, last = self._read_day("desde", self.today), self._read_day("hasta", self.today)
        if "desde" in self.wrong or "hasta" in self.wrong:
            return Period(self.today, self.today)
        if first > last:
            self.wrong["hasta"] = "El último día es anterior al primero."
        elif first > self.today:
            self.wrong["desde"] = "Ese día no ha llegado."
        else:
            # What is to come has no facts yet.
            period = Period(first, min(last, self.today))
            if period.days <= MAX_PERIOD_DAYS:
                return period
            self.wrong["desde"] = "Un reporte cubre hasta tres años: elija menos días."
        return Period(self.today, self.today)

    def _read_day(self, name: str, default: date) -> date:
        text = getattr(self.typed, name).strip()
        if not text:
            return default
        day = parse_typed_date(text)
        if day is None:
            self.wrong[name] = "Esa fecha no existe. Escríbala como 25/08/2026."
        elif day < FIRST_DAY:
            self.wrong[name] = "Los reportes empiezan en 2020."
        else:
            return day
        return default

    def _choose(self, name: str, default: str, known: type[Preset | TimeStep] | Mapping[str, str]) -> str:
        text: str = getattr(self.typed, name)
        if not text:
            return default
        if text not in (known if isinstance(known, Mapping) else {one.value for one in known}):
            self.wrong[name] = "Elija una de las opciones."
            return default
        return text

    def _read_agent(self) -> int | None:
        text = self.typed.agente
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) in self.names.agents):
            self.wrong["agente"] = "No conocemos a ese agente."
            return None
        return int(text)

    def _read_topic(self) -> str:
        topic = self.typed.tema
        if topic and topic != NO_TOPIC and topic not in self.names.topics:
            self.wrong["tema"] = "No conocemos ese tema."
        return topic


_Answers = {COMPARED: "", NOT_COMPARED: ""}
_HOUR_CODES = {metric.code: "" for metrics in group_hour_metrics().values() for metric in metrics}


def parse_report(typed: TypedReport, today: date, names: ReportNames) -> ReportQuery:
    """Return the query of what was typed. Raises InvalidForm with a sentence by filter."""
    return _Reader(typed, today, names).read()


def load_typed_report(uow: UnitOfWork, typed: TypedReport) -> Report:
    """Return the report of what was typed. Raises Invalid, with the sentence of the first filter that is wrong."""
    names = load_report_names(uow)
    cut_at = parse_typed_instant(typed.corte) if typed.corte else uow.now
    if cut_at is None or cut_at > uow.now:
        raise Invalid("Ese corte no existe o no ha llegado.")
    try:
        query = parse_report(typed, bogota_date(cut_at), names)
    except InvalidForm as problem:
        raise Invalid(next(iter(problem.fields.values()))) from problem
    return load_report(cut_at, query, names)


def load_report_page(uow: UnitOfWork, typed: TypedReport) -> ReportOverview:
    """Return the page of a report, or of what is wrong with its filters."""
    today, names = bogota_date(uow.now), load_report_names(uow)
    preset = Preset(typed.periodo) if typed.periodo in {one.value for one in Preset} else Preset.MONTH
    report, wrong, period = None, {}, Period(today, today)
    try:
        query = parse_report(typed, today, names)
        report, period = load_report(uow.now, query, names), query.period
    except InvalidForm as problem:
        wrong = problem.fields
    steps = preset is not Preset.RANGE and report is not None
    return ReportOverview(
        me=describe_actor(uow.actor),
        typed=typed,
        wrong=wrong,
        preset=preset,
        period_name=name_period(preset, period),
        earlier=find_neighbour(preset, period, today, is_later=False) if steps else None,
        later=find_neighbour(preset, period, today, is_later=True) if steps else None,
        agents=names.agent_choices,
        topics=names.topic_choices,
        hour_figures={
            title: [FilterChoice(metric.code, metric.name) for metric in metrics]
            for title, metrics in group_hour_metrics().items()
        },
        ends_today=preset is Preset.RANGE and report is not None and _asks_for_later(typed, today),
        report=report,
    )


def _asks_for_later(typed: TypedReport, today: date) -> bool:
    last = parse_typed_date(typed.hasta.strip()) if typed.hasta.strip() else today
    return last is not None and last > today
