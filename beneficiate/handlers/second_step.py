"""The second step of a sign-in on the pages: a code, or setting up what gives codes."""

from typing import ClassVar

from tornado.escape import url_escape

from beneficiate.actions.second_factors import ConfirmSetup
from beneficiate.actions.sign_in_challenges import (
    AnswerChallenge,
    EnrolWithChallenge,
    begin_required_setup,
    enrol_with_challenge,
    reopen_required_setup,
)
from beneficiate.errors import Conflict, Forbidden, Problem, RateLimited
from beneficiate.handlers.attempts import AttemptOrigin, check_code, is_new_device
from beneficiate.handlers.auth import answer_with_code, nobody_at, record_sign_in
from beneficiate.handlers.forms import FormPage, TokenJudge
from beneficiate.handlers.page_sessions import CODE_PATH, ENROLMENT_PATH, HOME_PATHS, SECOND_FACTOR_PATH, SessionPage
from beneficiate.handlers.qr_codes import draw_setup
from beneficiate.handlers.signed_in import safe_redirect_path
from beneficiate.models.accounts import PAGE_SIGN_IN
from beneficiate.queries.second_factors import CODE_STEP, WaitingSignIn, load_waiting_sign_in
from beneficiate.sign_in_errors import ChallengeExpired, WrongCode
from beneficiate.views.second_factor import Destination, FirstCodesPage, RequiredSetupForm, SecondStepForm

RECOVERY = "recuperacion"


class _SecondStepPage(TokenJudge, FormPage, SessionPage):
    """A page for whoever has typed their password; anybody else is led to `/login`."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (WrongCode, RateLimited)
    step_path: ClassVar[str]

    async def prepare(self) -> None:
        await super().prepare()
        if not self.has_other_token:
            return
        if self.challenge or not self.actor.role:
            self.record_wrong_form_token()
            raise Forbidden
        self.lead_to_password()

    async def get(self) -> None:
        await self._render(None)

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        await self._render(problem)

    async def post(self, *path: str) -> None:
        try:
            await super().post(*path)
        except ChallengeExpired:
            self.lead_to_password()

    def lead_to_password(self) -> None:
        """Redirect to `/login`: the challenge is too old, used up or of another password.

        Who is signed in has sent the form twice, and goes on.
        """
        self.close_second_step()
        if self.actor.role:
            self.redirect(self.next_path or HOME_PATHS[self.actor.role], status=303)
        else:
            self.redirect(f"/login?expirado=1&next={url_escape(self.next_path)}", status=303)

    @property
    def next_path(self) -> str:
        """The path to go on to; empty for the usual one."""
        return safe_redirect_path(self.get_argument("next", ""), "")

    async def render_waiting(self, waiting: WaitingSignIn, problem: Problem | None) -> None:
        """Answer with the page of a sign-in that waits."""
        raise NotImplementedError

    async def _render(self, problem: Problem | None) -> None:
        try:
            waiting = await self.run_query(load_waiting_sign_in, (self.challenge, PAGE_SIGN_IN))
        except ChallengeExpired:
            self.lead_to_password()
            return
        path = CODE_PATH if waiting.step == CODE_STEP else ENROLMENT_PATH
        if path == self.step_path:
            await self.render_waiting(waiting, problem)
        else:
            self.redirect(f"{path}?{self.request.query}".rstrip("?"))


class SecondStepPage(_SecondStepPage):
    """`/login/codigo?con=&next=`."""

    step_path = CODE_PATH

    async def submit(self, *path: str) -> str:
        wanted = AnswerChallenge(self.challenge, PAGE_SIGN_IN, self.get_body_argument("code", ""))
        waiting = await self.run_query(load_waiting_sign_in, (self.challenge, PAGE_SIGN_IN))
        done = await answer_with_code(self, waiting, wanted, self.device_tokens)
        await self.open_session(done.signed_in, waiting.email, is_remembered=done.is_remembered)
        self.close_second_step()
        go_on = self.next_path or HOME_PATHS[done.signed_in.actor.role]
        return f"{SECOND_FACTOR_PATH}?listo=recuperado&next={url_escape(go_on)}" if done.is_recovered else go_on

    async def render_waiting(self, waiting: WaitingSignIn, problem: Problem | None) -> None:
        is_recovery = self.get_argument("con", "") == RECOVERY
        wait_s = self.note_wait(problem)
        await self.render_page(
            SecondStepForm(self.next_path, waiting.first_name, is_recovery, waiting.codes_left, problem, wait_s)
        )


class RequiredSetupPage(_SecondStepPage):
    """`/login/activar?next=`: where a second factor is required and the person has none."""

    step_path = ENROLMENT_PATH
    shown_problems: ClassVar[tuple[type[Problem], ...]] = (WrongCode, RateLimited, Conflict)

    async def post(self, *path: str) -> None:
        try:
            await self._enrol()
        except self.shown_problems as problem:
            await self.render_form(problem, *path)
        except ChallengeExpired:
            self.lead_to_password()

    async def _enrol(self) -> None:
        waiting = await self.run_query(load_waiting_sign_in, (self.challenge, PAGE_SIGN_IN))
        code = self.get_body_argument("code", "")
        origin = AttemptOrigin(waiting.email, self.device_tokens)
        is_new = is_new_device(self, origin)
        command = EnrolWithChallenge(self.challenge, PAGE_SIGN_IN, self._sealed, code, is_new)
        async with check_code(self, origin, waiting.user_id):
            done = await self.context.store.run(enrol_with_challenge, command, nobody_at(self))
        record_sign_in(self, done.signed_in, PAGE_SIGN_IN)
        await self.open_session(done.signed_in, waiting.email, is_remembered=done.is_remembered)
        self.close_second_step()
        go_on = self.next_path or HOME_PATHS[done.signed_in.actor.role]
        await self.render_page(FirstCodesPage(done.codes, Destination.from_path(go_on)))

    async def render_waiting(self, waiting: WaitingSignIn, problem: Problem | None) -> None:
        setup = None
        if isinstance(problem, (WrongCode, RateLimited)):
            # The same square: the application has it already.
            command = ConfirmSetup(self._sealed, "", self.challenge)
            try:
                setup = await self.run_query(reopen_required_setup, command)
            except Conflict as outdated:
                problem = outdated
        if setup is None:
            setup = await self.run_action(begin_required_setup, (self.challenge, PAGE_SIGN_IN))
        view = RequiredSetupForm(
            self.next_path, waiting.first_name, draw_setup(setup), problem, self.note_wait(problem)
        )
        await self.render_page(view)

    @property
    def _sealed(self) -> str:
        return self.get_body_argument("setup", "")
