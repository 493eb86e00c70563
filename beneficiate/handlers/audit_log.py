"""The supervisors' page of the audit log: the list with its filters, one entry, CSV."""

from collections.abc import AsyncGenerator

from beneficiate.actions.audit import ExportAudit, record_audit_export
from beneficiate.domain.audit_kinds import VIEWED_AUDIT
from beneficiate.errors import InvalidForm
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.data_views import note_entries, note_opened
from beneficiate.handlers.downloads import CSV_TYPE, send_parts, set_file_headers
from beneficiate.handlers.lookups import count_lookup
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.queries import audit_csv, audit_filters, audit_log
from beneficiate.views import audit_log as views

MAX_FILTER_CHARS = 100


class AuditLogPage(SupervisorPage):
    """`/supervisor/auditoria?quien=&afiliado=&asunto=&tipo=&desde=&hasta=&antes=`: 50 entries before `antes`."""

    async def get(self) -> None:
        typed, wrong, audit = self.typed_filters, {}, None
        try:
            found = await self.find_filters()
            audit = await self.run_search(audit_log.load_audit_list, (typed, found))
            note_entries(self, audit.entries)
        except InvalidForm as problem:
            wrong = problem.fields
        chain = await self.run_query(audit_log.load_chain_status)
        await self.render_page(views.AuditLogOverview(self.me, typed, wrong, audit, chain))

    async def find_filters(self) -> audit_filters.FoundFilters:
        """Return the filters of the URL, whose search for a member is counted. Raises InvalidForm, RateLimited."""
        filters = audit_filters.parse_audit_filters(self.typed_filters, self.get_query_argument("antes", ""))
        await count_lookup(self, filters.member)
        return await self.run_search(audit_filters.find_audit_filters, filters)

    @property
    def typed_filters(self) -> views.TypedFilters:
        """The filters of the URL as they were typed."""
        texts = (self.get_query_argument(name, "")[:MAX_FILTER_CHARS] for name in views.FILTER_NAMES)
        return views.TypedFilters(*texts)


class AuditEntryPage(SupervisorPage):
    """`/supervisor/auditoria/:id`."""

    async def get(self, entry_id: str) -> None:
        entry = await self.run_query(audit_log.load_audit_entry, parse_id(entry_id))
        note_opened(self, VIEWED_AUDIT, f"audit:{entry.entry_id}")
        await self.render_page(views.SingleAuditEntry(self.me, entry))


class AuditCsvPage(AuditLogPage):
    """`/supervisor/auditoria.csv`, with the filters of the list: recorded, then read and sent slice by slice."""

    async def get(self) -> None:
        found = await self.find_filters()
        count = await self.run_search(audit_csv.count_audit_export, found)
        await self.run_action(record_audit_export, self._describe_export(min(count, audit_csv.MAX_AUDIT_CSV_ROWS)))
        set_file_headers(self, CSV_TYPE, "auditoria.csv")
        await send_parts(self, self._read_parts(found, count))

    def _describe_export(self, rows: int) -> ExportAudit:
        typed, days = self.typed_filters, audit_filters.parse_audit_filters(self.typed_filters)
        return ExportAudit(
            typed.actor, bool(typed.member.strip()), typed.subject, typed.kind, days.since, days.until, rows
        )

    async def _read_parts(self, found: audit_filters.FoundFilters, count: int) -> AsyncGenerator[str, None]:
        yield audit_csv.audit_csv_header()
        for _ in range(0, audit_csv.MAX_AUDIT_CSV_ROWS, audit_csv.AUDIT_SLICE_ROWS):
            part = await self.run_search(audit_csv.export_audit_slice, found)
            note_entries(self, part.entries)
            yield part.text
            if part.before is None:
                break
            found = audit_csv.next_audit_slice(found, part.before)
        yield audit_csv.describe_audit_omission(count)
