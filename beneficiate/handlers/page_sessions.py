"""Sessions of the pages: what a browser keeps of a sign-in, of one that waits for its second step, and of its end."""

from contextlib import suppress

from tornado.escape import url_escape

from beneficiate.actions import sign_ins
from beneficiate.actions.sign_in_challenges import StartedChallenge
from beneficiate.actions.sign_ins import SignedIn
from beneficiate.errors import Unauthorized
from beneficiate.handlers.auth import PRESENT_FIELD, verify_own_password
from beneficiate.handlers.signed_in import SignedInPage, name_cookie, safe_redirect_path
from beneficiate.queries.second_factors import CODE_STEP

DEVICE_COOKIE = "beneficiate_device"
"""Names the accounts that signed in here before, so that the wrong passwords of strangers do not keep them out."""
DEVICE_COOKIE_S = 400 * 24 * 3600
SIGNED_OUT_COOKIE = "beneficiate_signed_out"
"""The id of the person who signed out. The script of `/login` reads it, deletes what they left in the browser's
storage, and deletes the cookie. So it holds also when no script ran on the page of the sign-out."""
SIGNED_OUT_COOKIE_S = 30 * 24 * 3600
CHALLENGE_COOKIE = "beneficiate_challenge"
"""The token of the challenge of a second step."""
CODE_PATH, ENROLMENT_PATH, SECOND_FACTOR_PATH = "/login/codigo", "/login/activar", "/mi/segundo-paso"
HOME_PATHS = {"agent": "/agente", "supervisor": "/supervisor", "member": "/mi"}


class SessionPage(SignedInPage):
    """A page that opens a session, or ends the one of its cookie."""

    async def open_session(self, signed_in: SignedIn, email: str, *, is_remembered: bool) -> None:
        """Give the browser the cookie of a sign-in, and let the one that it had end if it is somebody else's."""
        if self.actor.user_id != signed_in.actor.user_id:
            # Its cookie is about to be replaced: nobody could end it any more. That of the same person in another tab
            # goes on, whose connections would be closed.
            await self.end_own_sign_in()
        max_age = self.context.settings.staff_session_hours * 3600 if is_remembered else None
        options = self.cookie_options(signed_in.actor.role)
        self.set_cookie(self.session_cookie, signed_in.token, max_age=max_age, **options)
        # The forms of the next pages have the token of this sign-in.
        self.clear_cookie(self.settings["xsrf_cookie_name"], **self.cookie_options("member"))
        devices = self.context.device_tokens.add(self.device_tokens, email)
        self.set_cookie(
            self._own_cookie(DEVICE_COOKIE), devices, max_age=DEVICE_COOKIE_S, **self.cookie_options("member")
        )

    def open_second_step(self, started: StartedChallenge, next_path: str) -> str:
        """Give the browser the cookie of a challenge; return the path of its page."""
        options = self.cookie_options("agent")
        self.set_cookie(self._own_cookie(CHALLENGE_COOKIE), started.token, max_age=started.lifetime_s, **options)
        path = CODE_PATH if started.step == CODE_STEP else ENROLMENT_PATH
        safe_next = safe_redirect_path(next_path, "")
        return f"{path}?next={url_escape(safe_next)}" if safe_next else path

    def close_second_step(self) -> None:
        """Let the browser forget the challenge."""
        self.clear_cookie(self._own_cookie(CHALLENGE_COOKIE), **self.cookie_options("agent"))

    async def end_own_sign_in(self) -> None:
        """End the sign-in, and name its person to the script of `/login`. Without one nothing happens."""
        if self.cookie_token:
            with suppress(Unauthorized):
                await self.run_action(sign_ins.end_sign_in, self.cookie_token)
        if self.actor.role:
            options = self.cookie_options(self.actor.role) | {"httponly": False}
            signed_out = str(self.actor.user_id)
            self.set_cookie(self._own_cookie(SIGNED_OUT_COOKIE), signed_out, max_age=SIGNED_OUT_COOKIE_S, **options)

    @property
    def device_tokens(self) -> str:
        """The tokens by which this device is known to the accounts that signed in on it."""
        return self.get_cookie(self._own_cookie(DEVICE_COOKIE), "") or ""

    async def verify_present_password(self) -> str:
        """Return the hash of the present password, which was typed. Raises InvalidForm, RateLimited."""
        password = self.get_body_argument(PRESENT_FIELD, "", strip=False)
        return await verify_own_password(self, password, self.device_tokens)

    @property
    def challenge(self) -> str:
        """The token of the challenge; empty without one."""
        return self.get_cookie(self._own_cookie(CHALLENGE_COOKIE), "") or ""

    def _own_cookie(self, name: str) -> str:
        return name_cookie(name, is_secure=self.context.settings.is_secure)
