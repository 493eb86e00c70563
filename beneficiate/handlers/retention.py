"""The supervisors' page of how long what is kept."""

from datetime import UTC, datetime, timedelta

from beneficiate.actions import retention as actions
from beneficiate.actions.invitations import INVITATION_LIFETIME
from beneficiate.actions.quotas import KEPT
from beneficiate.actions.sign_in_throttles import CODE_THROTTLES_KEPT, THROTTLES_KEPT
from beneficiate.domain.retention import RETAINED_KINDS, parse_periods
from beneficiate.errors import InvalidForm, Problem
from beneficiate.handlers.administration import EditPage
from beneficiate.queries import retention as queries
from beneficiate.views.edit_forms import EditForm
from beneficiate.views.retention import (
    RETENTION_DETAILS,
    RETENTION_LABELS,
    RetentionEffect,
    RetentionOverview,
    RetentionPeriods,
    list_retention,
)

PAGE_PATH = "/supervisor/ajustes/retencion"
TRY = "probar"
"""What the form is sent for, where nothing is to be saved: to see what would be deleted."""


class RetentionPage(EditPage):
    """`/supervisor/ajustes/retencion`: the values that the jobs use, and the form of those that supervisors choose.

    Sent with `hacer=probar`, it says what would be deleted now. What is saved and deletes something needs `confirmado`,
    the numbers that were shown.
    """

    async def get(self) -> None:
        await self.render_form(None)

    async def post(self, *path: str) -> None:
        effect = await self._find_effect()
        is_try = self.get_body_argument("hacer", "") == TRY
        confirmed = self.get_body_argument("confirmado", "")
        if effect is None or not (is_try or effect.name not in ("", confirmed)):
            await super().post(*path)
            return
        form = self.build_form(await self.run_query(queries.load_retention_form), RETENTION_LABELS, None)
        await self._render(form, effect, is_asked=not is_try)

    async def submit(self, *path: str) -> str:
        command = actions.SaveRetention(self.version, self.read_typed(RETENTION_LABELS))
        await self.run_action(actions.save_retention, command)
        return f"{PAGE_PATH}?listo=guardado"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        form = self.build_form(await self.run_query(queries.load_retention_form), RETENTION_LABELS, problem)
        await self._render(form, None, is_asked=False)

    async def _find_effect(self) -> RetentionEffect | None:
        """Return what the typed days would delete now; None for days that are not valid, or another version."""
        saved = await self.run_query(queries.load_retention_form)
        try:
            days = parse_periods(self.read_typed(RETENTION_LABELS))
        except InvalidForm:
            return None
        if saved.version != self.version:
            return None
        before = datetime.now(UTC) - timedelta(days=days["orphan_file_days"])
        files = len(await self.context.attachments.find_orphans(before))
        return (await self.run_search(queries.find_effect, days)).with_files(files)

    async def _render(self, form: EditForm, effect: RetentionEffect | None, *, is_asked: bool) -> None:
        settings = self.context.settings
        periods = RetentionPeriods(
            session_hours=settings.staff_session_hours,
            idle_minutes=settings.page_idle_minutes,
            unused_token_days=settings.sign_in_days,
            longest_token_days=settings.sign_in_max_days,
            failed_attempt_minutes=int(THROTTLES_KEPT.total_seconds()) // 60,
            failed_code_days=CODE_THROTTLES_KEPT.days,
            quota_days=KEPT.days,
            invitation_days=INVITATION_LIFETIME.days,
        )
        rows = list_retention(periods)
        page = RetentionOverview(
            self.me, rows, form, effect, RETAINED_KINDS, RETENTION_DETAILS, is_asked=is_asked, done=self.done
        )
        await self.render_page(page)
