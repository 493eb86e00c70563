"""The page on which the staff set up, renew and turn off their own second factor. Each act asks for the password."""

from contextlib import AbstractAsyncContextManager
from typing import ClassVar

from beneficiate.actions import second_factors as actions
from beneficiate.errors import Conflict, Problem, RateLimited, WrongCredentials
from beneficiate.handlers.attempts import AttemptOrigin, check_code, check_own_password
from beneficiate.handlers.forms import PostOnlyPage
from beneficiate.handlers.page_layouts import SitePage
from beneficiate.handlers.page_sessions import SECOND_FACTOR_PATH, SessionPage
from beneficiate.handlers.qr_codes import draw_setup
from beneficiate.handlers.signed_in import safe_redirect_path
from beneficiate.queries.accounts import load_profile
from beneficiate.queries.second_factors import load_second_factor
from beneficiate.sign_in_errors import WrongCode
from beneficiate.views.second_factor import Destination, OwnSecondFactor, RecoveryCodesPage, SetUpSecondFactor

WRONG_PASSWORD = "La contraseña no coincide. Escríbala otra vez."  # noqa: S105  a sentence


class OwnSecondFactorPage(SitePage, SessionPage):
    """`/mi/segundo-paso?listo=&next=`."""

    own_path = Destination(SECOND_FACTOR_PATH, ())

    async def get(self) -> None:
        await self.render_state("", None)

    async def render_state(self, failed: str, problem: Problem | None) -> None:
        """Answer with the page, the name of the form that failed, and why."""
        state = await self.run_query(load_second_factor, self.cookie_token)
        done, next_path = (
            self.get_query_argument("listo", ""),
            safe_redirect_path(self.get_query_argument("next", ""), ""),
        )
        self.note_wait(problem)
        await self.render_page(OwnSecondFactor(await self.load_frame(), state, failed, problem, done, next_path))


class _SecondFactorForm(PostOnlyPage, OwnSecondFactorPage):
    """A form of the page: `form` is its name, `act` what it does after the password was right."""

    form: ClassVar[str]

    async def post(self) -> None:
        try:
            origin, password = await self.find_origin(), self.get_body_argument("password", "", strip=False)
            account = await check_own_password(self, origin, password)
            async with self.check_own_code(origin):
                await self.act(actions.ProveFactor(self.typed_code, self.cookie_token, account.password_hash))
        except WrongCredentials:
            await self.render_state(self.form, WrongCredentials(WRONG_PASSWORD))
        except (WrongCode, RateLimited, Conflict) as problem:
            await self.render_state(self.form, problem)

    async def act(self, proof: actions.ProveFactor) -> None:
        """Run the command of the form and answer."""
        raise NotImplementedError

    async def find_origin(self) -> AttemptOrigin:
        """Return the account and the device of the request."""
        profile = await self.run_query(load_profile, self.actor.user_id)
        return AttemptOrigin(profile.email, self.device_tokens)

    def check_own_code(self, origin: AttemptOrigin) -> AbstractAsyncContextManager[None]:
        """Count the attempt with a code that is made inside."""
        return check_code(self, origin, self.actor.user_id)

    @property
    def typed_code(self) -> str:
        """The code that was typed."""
        return self.get_body_argument("code", "")


class SetUpSecondFactorForm(_SecondFactorForm):
    """`POST /mi/segundo-paso/activar`: shows the square for a new application."""

    form = "activar"

    async def act(self, proof: actions.ProveFactor) -> None:
        setup = await self.run_action(actions.begin_setup, proof)
        await self.render_page(SetUpSecondFactor(await self.load_frame(), draw_setup(setup), None, None))


class ConfirmSecondFactorForm(_SecondFactorForm):
    """`POST /mi/segundo-paso/confirmar`: the first code of the new application, minutes after the password."""

    form = "activar"

    async def post(self) -> None:
        command = actions.ConfirmSetup(self.get_body_argument("setup", ""), self.typed_code, self.cookie_token)
        try:
            async with self.check_own_code(await self.find_origin()):
                codes = await self.run_action(actions.confirm_setup, command)
        except (WrongCode, RateLimited) as problem:
            await self._render_again(command, problem)
        except Conflict as problem:
            await self.render_state(self.form, problem)
        else:
            await self.render_page(RecoveryCodesPage(await self.load_frame(), tuple(codes), self.own_path))

    async def _render_again(self, command: actions.ConfirmSetup, problem: Problem) -> None:
        """Answer with the same square, which the application has already; where it is too old, with a new begin."""
        try:
            setup = await self.run_query(actions.reopen_setup, command)
        except Conflict as outdated:
            await self.render_state(self.form, outdated)
            return
        wait_s = self.note_wait(problem)
        await self.render_page(SetUpSecondFactor(await self.load_frame(), draw_setup(setup), problem, wait_s))


class RenewRecoveryCodesForm(_SecondFactorForm):
    """`POST /mi/segundo-paso/codigos`: ten new recovery codes."""

    form = "codigos"

    async def act(self, proof: actions.ProveFactor) -> None:
        codes = await self.run_action(actions.renew_recovery_codes, proof)
        await self.render_page(RecoveryCodesPage(await self.load_frame(), tuple(codes), self.own_path))


class TurnOffSecondFactorForm(_SecondFactorForm):
    """`POST /mi/segundo-paso/quitar`."""

    form = "quitar"

    async def act(self, proof: actions.ProveFactor) -> None:
        await self.run_action(actions.turn_off_second_factor, proof)
        self.redirect(f"{SECOND_FACTOR_PATH}?listo=quitado", status=303)
