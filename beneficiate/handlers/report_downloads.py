"""Downloads of a report, each recorded before it is sent, and the figures of its page as JSON, which names nobody."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from pathlib import Path

from tornado.iostream import StreamClosedError

from beneficiate.actions.report_exports import ExportReport, record_report_export
from beneficiate.errors import Invalid
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.report_workbooks import MAX_ROWS, TOO_LONG, write_workbook
from beneficiate.handlers.reports import ReportsPage, read_filters
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.queries.report_spans import SpanSlice, load_span_rows
from beneficiate.queries.reports import select_facts
from beneficiate.thread_turns import with_short_turns
from beneficiate.views import report_files
from beneficiate.views.report_lines import ReportDocument, build_report_document
from beneficiate.views.report_spans import SpanRow
from beneficiate.views.reports import FILTER_NAMES, Report, TypedReport

CHUNK_BYTES = 256 * 1024
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def format_in_thread(format_: Callable[..., str], content: object) -> str:
    """Return the lines that a function writes: the figures of a year by day take 30 ms, while messages wait."""
    return await asyncio.to_thread(with_short_turns(format_), content)


class ReportDownload(ReportsPage):
    """A file with the filters of the page."""

    content = ""

    async def load_report(self) -> Report:
        """Return the report, after it was counted and recorded. Raises Invalid, RateLimited."""
        await self.context.limiters.reports.acquire(self.actor.user_id)
        report = await self.run_search(load_typed_report, self.typed_report)
        self.check_size(report)
        await self.run_action(record_report_export, ExportReport(report.filters, self.content, report.rows))
        return report

    def check_size(self, report: Report) -> None:
        """Raise Invalid for what is too long for this kind of file."""

    def set_file_headers(self, media_type: str, name: str) -> None:
        """Say what the answer is, and under which name it is stored."""
        self.set_header("Content-Type", media_type)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')

    async def read_slices(self, report: Report) -> AsyncGenerator[list[SpanRow], None]:
        """Yield the spans of a report, part by part."""
        position, selection = None, select_facts(report.filters)
        while True:
            part = await self.run_search(load_span_rows, SpanSlice(selection, position))
            yield part.rows
            if (position := part.last) is None:
                return


class ReportFiguresCsv(ReportDownload):
    """`/supervisor/reportes/cifras.csv`, with the filters of the page."""

    content = "cifras.csv"

    async def get(self) -> None:
        report = await self.load_report()
        self.set_file_headers("text/csv; charset=utf-8", "cifras.csv")
        await self.finish(await format_in_thread(report_files.figures_csv, report))


class ReportSpansCsv(ReportDownload):
    """`/supervisor/reportes/atenciones.csv`, with the filters of the page: read and sent part by part."""

    content = "atenciones.csv"

    async def get(self) -> None:
        report, count = await self.load_report(), 0
        self.set_file_headers("text/csv; charset=utf-8", "atenciones.csv")
        self.write(report_files.spans_csv_header(report))
        with suppress(StreamClosedError):
            async with aclosing(self.read_slices(report)) as slices:
                async for rows in slices:
                    self.write(await format_in_thread(report_files.spans_csv, rows))
                    count += len(rows)
                    await self.flush()
            await self.finish(report_files.spans_csv_end(count))


class ReportWorkbook(ReportDownload):
    """`/supervisor/reportes.xlsx`, with the filters of the page: written to a file, which is sent part by part."""

    content = "reporte.xlsx"

    async def get(self) -> None:
        report = await self.load_report()
        with tempfile.TemporaryDirectory(prefix="beneficiate-report-") as folder:
            path = Path(folder) / "reporte.xlsx"
            await write_workbook(path, report, self.read_slices(report))
            self.set_file_headers(XLSX_TYPE, "reporte.xlsx")
            with path.open("rb") as file, suppress(StreamClosedError):
                while chunk := file.read(CHUNK_BYTES):
                    self.write(chunk)
                    await self.flush()
                await self.finish()

    def check_size(self, report: Report) -> None:
        if report.rows is not None and report.rows > MAX_ROWS:
            raise Invalid(TOO_LONG)


class ReportHandler(ApiHandler):
    """`GET reports?periodo=&en=&desde=&hasta=&por=&agente=&tema=&comparar=`: every figure, with the page's filters."""

    response_type = ReportDocument
    query_params = dict.fromkeys(FILTER_NAMES, "string")

    async def get(self) -> None:
        await self.context.limiters.reports.acquire(self.actor.user_id)
        typed = TypedReport(**read_filters(self))
        self.write_success(build_report_document(await self.run_search(load_typed_report, typed)))
