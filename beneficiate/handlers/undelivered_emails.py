"""The supervisors' page of e-mails that were given up."""

from beneficiate.actions.emails import RetryEmail, retry_email
from beneficiate.handlers.api import parse_id
from beneficiate.handlers.forms import PostOnlyPage
from beneficiate.handlers.page_layouts import SupervisorPage
from beneficiate.queries.undelivered_emails import list_undelivered_emails, parse_kind, parse_position
from beneficiate.views import undelivered_emails as views


class UndeliveredEmailsPage(SupervisorPage):
    """`/supervisor/correos?antes=&listo=`: `antes` is the last e-mail of the page before."""

    async def get(self) -> None:
        before = self.get_query_argument("antes", "")
        undelivered = await self.run_query(list_undelivered_emails, parse_position(before) if before else None)
        await self.render_page(
            views.UndeliveredEmailsOverview(self.me, undelivered, self.get_query_argument("listo", ""))
        )


class RetryEmailForm(PostOnlyPage, SupervisorPage):
    """`POST /supervisor/correos/:kind/:id/reintentar`."""

    async def post(self, kind: str, email_id: str) -> None:
        command = RetryEmail(parse_kind(kind), parse_id(email_id))
        await self.run_action(retry_email, command)
        self.redirect("/supervisor/correos?listo=reintentar", status=303)
