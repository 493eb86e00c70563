"""Downloads of a report, each recorded before it is sent, and the figures of its page as JSON, which names nobody."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from beneficiate.actions.report_exports import ExportReport, record_report_export
from beneficiate.errors import Invalid
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.downloads import CSV_TYPE, send_parts, set_file_headers
from beneficiate.handlers.report_workbooks import MAX_ROWS, TOO_LONG, write_workbook
from beneficiate.handlers.reports import ReportsPage, read_filters
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.queries.report_spans import SpanSlice, load_span_rows
from beneficiate.queries.reports import select_facts
from beneficiate.thread_turns import with_short_turns
from beneficiate.views import report_files
from beneficiate.views.report_lines import ReportDocument, build_report_document
from beneficiate.views.report_spans import SpanRow
from beneficiate.views.reports import FILE_FILTER_NAMES, Report, TypedReport

CHUNK_BYTES = 256 * 1024
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def format_in_thread(format_: Callable[..., str], content: object) -> str:
    """Return the lines that a function writes: the figures of a year by day take 30 ms, while messages wait."""
    return await asyncio.to_thread(with_short_turns(format_), content)


class ReportDownload(ReportsPage):
    """A file with the filters of the page, as of its instant: `corte`, without it as of now."""

    content, filter_names = "", FILE_FILTER_NAMES

    async def load_report(self) -> Report:
        """Return the report, after it was counted and recorded. Raises Invalid, RateLimited."""
        await self.context.limiters.reports.acquire(self.actor.user_id)
        report = await self.run_search(load_typed_report, self.typed_report)
        self.check_size(report)
        await self.run_action(record_report_export, ExportReport(report.filters, self.content, report.rows))
        return report

    def check_size(self, report: Report) -> None:
        """Raise Invalid for what is too long for this kind of file."""

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
        set_file_headers(self, CSV_TYPE, "cifras.csv")
        await self.finish(await format_in_thread(report_files.figures_csv, report))


class ReportSpansCsv(ReportDownload):
    """`/supervisor/reportes/atenciones.csv`, with the filters of the page: read and sent part by part."""

    content = "atenciones.csv"

    async def get(self) -> None:
        report = await self.load_report()
        set_file_headers(self, CSV_TYPE, "atenciones.csv")
        await send_parts(self, self._read_parts(report))

    async def _read_parts(self, report: Report) -> AsyncGenerator[str, None]:
        yield report_files.spans_csv_header(report)
        count = 0
        async with aclosing(self.read_slices(report)) as slices:
            async for rows in slices:
                yield await format_in_thread(report_files.spans_csv, rows)
                count += len(rows)
        yield report_files.spans_csv_end(count)


class ReportWorkbook(ReportDownload):
    """`/supervisor/reportes.xlsx`, with the filters of the page: written to a file, which is sent part by part."""

    content = "reporte.xlsx"

    async def get(self) -> None:
        report = await self.load_report()
        with tempfile.TemporaryDirectory(prefix="beneficiate-report-") as folder:
            path = Path(folder) / "reporte.xlsx"
            await write_workbook(path, report, self.read_slices(report))
            set_file_headers(self, XLSX_TYPE, "reporte.xlsx")
            await send_parts(self, _read_chunks(path))

    def check_size(self, report: Report) -> None:
        if report.rows is not None and report.rows > MAX_ROWS:
            raise Invalid(TOO_LONG)


async def _read_chunks(path: Path) -> AsyncGenerator[bytes, None]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


class ReportHandler(ApiHandler):
    """`GET reports?periodo=&en=&desde=&hasta=&por=&agente=&tema=&comparar=&corte=`: every figure of the page."""

    response_type = ReportDocument
    query_params = dict.fromkeys(FILE_FILTER_NAMES, "string")

    async def get(self) -> None:
        await self.context.limiters.reports.acquire(self.actor.user_id)
        typed = TypedReport(**read_filters(self, FILE_FILTER_NAMES))
        self.write_success(build_report_document(await self.run_search(load_typed_report, typed)))
