"""The link of an e-mail that ends those of its kind: with one click of a mail program, or a button on a page."""

from beneficiate.actions.notice_preferences import EndEmails, end_emails
from beneficiate.domain.notices import CHOSEN_EMAILS
from beneficiate.errors import NotFound
from beneficiate.handlers.base import PageHandler
from beneficiate.handlers.signed_in import XSRF_TOKEN_VERSION
from beneficiate.limits import network_of
from beneficiate.tokens import UnsubscribeTokens
from beneficiate.views.notices import NOTICE_TEXTS, UnsubscribePage


class UnsubscribeLinkPage(PageHandler):
    """`/baja/:token`. Reading it changes nothing, since scanners follow links; `POST` is RFC 8058's one click."""

    def check_xsrf_cookie(self) -> None:
        """Accept every request: the token authenticates it, and mail servers send no cookie."""

    def _get_raw_xsrf_token(self) -> tuple[int | None, bytes, float]:
        """Return no token, so that no cookie is set: the form needs none."""
        return XSRF_TOKEN_VERSION, b"", 0.0

    async def get(self, token: str) -> None:
        await self._render(token, await self._verify(token), is_done=False)

    async def post(self, token: str) -> None:
        named = await self._verify(token)
        if named is not None:
            try:
                await self.run_action(end_emails, EndEmails(*named))
            except NotFound:
                # A restored database does not have everybody to whom letters were sent.
                named = None
        await self._render(token, named, is_done=True)

    async def _verify(self, token: str) -> tuple[int, str] | None:
        """Return whose e-mails of which kind; None for what is not ours or cannot be ended."""
        try:
            named = UnsubscribeTokens(self.context.settings.secret).verify(token)
        except NotFound:
            # Only what is wrong is counted: a mail provider ends e-mails of many people from one network.
            await self.context.limiters.links.acquire(network_of(self.remote_address))
            return None
        # Letters are kept for years, and other versions have other kinds.
        return named if named[1] in CHOSEN_EMAILS else None

    async def _render(self, token: str, named: tuple[int, str] | None, *, is_done: bool) -> None:
        if named is None:
            self.set_status(404)
        title = NOTICE_TEXTS[named[1]][0] if named is not None else ""
        await self.render_page(UnsubscribePage(title, token, is_done))
