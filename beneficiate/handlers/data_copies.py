"""The copy of a member's data: asked for with the password, watched while it is written, downloaded."""

from typing import ClassVar

from beneficiate.actions.data_copies import record_download, request_copy
from beneficiate.errors import Conflict, Gone, InvalidForm, NotFound, Problem, RateLimited
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.attachments import stream_file
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.own_data import OWN_DATA_PATH, OwnDataBase, own_data_path
from beneficiate.handlers.page_sessions import SessionPage
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.http_methods import refuse_method
from beneficiate.queries.own_data import load_own_copy, name_copy_file
from beneficiate.views.own_data import OwnCopyState

OTHER_SITES = ("cross-site", "same-site")
"""Of `Sec-Fetch-Site`. A page of theirs that leads a member to a copy would have it saved, recorded and counted."""


class RequestCopyForm(PostOnlyPage, OwnDataBase, SessionPage, FormPage):
    """`POST /mi/datos/copia`."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (InvalidForm, Conflict, RateLimited)

    async def submit(self, *path: str) -> str:
        await self.run_action(request_copy, await self.verify_present_password())
        return own_data_path("descargar", "copia")


class OwnCopyPartial(SignedInPage):
    """`/mi/datos/copia/estado`: the copy as it is now."""

    async def get(self) -> None:
        await self.render_page(OwnCopyState(await self.run_query(load_own_copy), ""))


class DownloadCopyPage(SignedInPage):
    """`/mi/datos/copias/:id`: the file at the speed of its reader, for the member alone; each download is recorded."""

    # It would be recorded as a download.
    head = refuse_method

    async def get(self, copy_id: str) -> None:
        if self.request.headers.get("Sec-Fetch-Site") in OTHER_SITES:
            self.redirect(f"{OWN_DATA_PATH}#descargar")
            return
        copy = await self.run_action(record_download, parse_id(copy_id))
        try:
            found = await self.context.data_copies.open_copy(copy.file_id)
        except NotFound as problem:
            raise Gone from problem
        name = name_copy_file(copy.ready_at)
        await stream_file(self, found, "application/zip", f'attachment; filename="{name}"')
