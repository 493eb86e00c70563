"""The supervisors' pages that import members from a file: uploaded, shown as it was understood, confirmed."""

from beneficiate.actions import member_import_files as actions
from beneficiate.clients.spreadsheets import MAX_FILE_BYTES, MAX_FILE_ROWS
from beneficiate.errors import BadFrame, Invalid, RateLimited, TooLarge
from beneficiate.handlers.administration import ActPage, AdministrationPage
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.downloads import CSV_TYPE, set_file_headers
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.handlers.uploads import UploadPage
from beneficiate.http_methods import refuse_method
from beneficiate.queries import member_imports as queries
from beneficiate.services.member_imports import store_preview
from beneficiate.views.member_imports import ImportListPage, ImportPage, ImportProgress, refused_csv

PAGE_PATH = "/supervisor/ajustes/importar"


class MemberImportsPage(UploadPage, AdministrationPage):
    """`/supervisor/ajustes/importar`: the form, and the imports of before. It leads to the preview of the file."""

    @property
    def max_file_bytes(self) -> int:
        return MAX_FILE_BYTES

    async def get(self) -> None:
        await self._render("")

    async def post(self) -> None:
        try:
            import_id = await self._store_preview()
        except (BadFrame, Invalid, TooLarge, RateLimited) as problem:
            # Answered with 200: the page itself was rendered well.
            await self._render(problem.sentence)
        else:
            self.redirect(f"{PAGE_PATH}/{import_id}", status=303)

    async def _store_preview(self) -> int:
        # Not before the body: the sentence belongs on the page of the form.
        await self.context.limiters.uploads.acquire(self.actor.user_id)
        file = await self.read_form_file()
        context = self.context
        return await store_preview(context.store, context.spreadsheet_pool, file.content, file.name, self.actor)

    async def _render(self, wrong: str) -> None:
        imports = await self.run_query(queries.list_member_imports, self.filters)
        megabytes = MAX_FILE_BYTES // 1024 // 1024
        await self.render_page(ImportListPage(self.me, imports, wrong, self.done, megabytes, MAX_FILE_ROWS))


class MemberImportPage(SupervisorPage):
    """`/supervisor/ajustes/importar/:id`: the preview, then how far it is, then what became of it."""

    async def get(self, import_id: str) -> None:
        detail = await self.run_query(queries.load_import_detail, parse_id(import_id))
        await self.render_page(ImportPage(self.me, detail, detail.summary))


class MemberImportStatePartial(SupervisorPage):
    """`/supervisor/ajustes/importar/:id/estado`: how far it is."""

    async def get(self, import_id: str) -> None:
        await self.render_page(ImportProgress(await self.run_query(queries.load_import_summary, parse_id(import_id))))


class RefusedRowsCsv(SupervisorPage):
    """`/supervisor/ajustes/importar/:id/no-importados.csv`: the number of each refused row and the reason, no data."""

    head = refuse_method

    async def get(self, import_id: str) -> None:
        refused = await self.run_query(queries.list_refused_rows, parse_id(import_id))
        set_file_headers(self, CSV_TYPE, "no-importados.csv")
        await self.finish(refused_csv(refused))


class ConfirmImportForm(ActPage):
    """`POST /supervisor/ajustes/importar/:id/confirmar`."""

    async def submit(self, *path: str) -> str:
        import_id = parse_id(path[0])
        command = actions.ConfirmImport(import_id, sends_links=bool(self.get_body_argument("enlaces", "")))
        await self.run_action(actions.confirm_import, command)
        return f"{PAGE_PATH}/{import_id}"


class DiscardImportForm(ActPage):
    """`POST /supervisor/ajustes/importar/:id/descartar`."""

    async def submit(self, *path: str) -> str:
        await self.run_action(actions.discard_import, parse_id(path[0]))
        return f"{PAGE_PATH}?listo=descartado"
