"""The supervisors' page of how long what is kept."""

from beneficiate.actions.invitations import INVITATION_LIFETIME
from beneficiate.actions.quotas import KEPT
from beneficiate.actions.sign_in_throttles import THROTTLES_KEPT
from beneficiate.actions.sign_ins import SIGN_INS_KEPT_DAYS
from beneficiate.handlers.administration import AdministrationPage
from beneficiate.services.attachments import ORPHAN_GRACE
from beneficiate.views.retention import RetentionOverview, RetentionPeriods, list_retention


class RetentionPage(AdministrationPage):
    """`/supervisor/ajustes/retencion`: the values that the jobs of this process use; nothing is changed here."""

    async def get(self) -> None:
        settings = self.context.settings
        periods = RetentionPeriods(
            session_hours=settings.staff_session_hours,
            idle_minutes=settings.page_idle_minutes,
            unused_token_days=settings.sign_in_days,
            longest_token_days=settings.sign_in_max_days,
            ended_sign_in_days=SIGN_INS_KEPT_DAYS,
            failed_attempt_minutes=int(THROTTLES_KEPT.total_seconds()) // 60,
            quota_days=KEPT.days,
            orphan_file_days=ORPHAN_GRACE.days,
            invitation_days=INVITATION_LIFETIME.days,
        )
        await self.render_page(RetentionOverview(self.me, list_retention(periods)))
