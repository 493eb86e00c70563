"""How people are told of what happens while they are away: what they choose, and their browsers."""

from dataclasses import asdict, replace
from typing import Annotated, ClassVar

import msgspec

from beneficiate.actions import notice_preferences, push_subscriptions
from beneficiate.actions.push_subscriptions import PushTarget
from beneficiate.domain.notices import NoticeChoices
from beneficiate.domain.push_endpoints import MAX_ENDPOINT_CHARS
from beneficiate.errors import Invalid, InvalidForm, NotFound, Problem, RateLimited
from beneficiate.handlers.api import ApiHandler, parse_id
from beneficiate.handlers.forms import FormPage, PostOnlyPage
from beneficiate.handlers.page_layouts import SitePage
from beneficiate.handlers.signed_in import JsonPage
from beneficiate.limits import network_of
from beneficiate.queries.accounts import digest_secret, find_page_sign_in_id
from beneficiate.queries.notices import BrowserQuery, find_browser_state, load_own_notices
from beneficiate.unit_of_work import Actor
from beneficiate.views.notices import USUAL_NIGHT, ChosenNotices, NoticesForm, QuietHours, describe_choices

NOTICES_PATH = "/mi/avisos"
HOURS = {str(hour): hour for hour in range(24)}
"""As the list of the form names them."""
HOURS_FIELD = "hours"
UNCLEAR_HOURS = "Elija dos horas distintas de la lista: cuándo empieza el silencio y cuándo termina."
MAX_SWITCHES, MAX_NAME_CHARS = 32, 32
Endpoint = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ENDPOINT_CHARS)]
KeyText = Annotated[str, msgspec.Meta(min_length=1, max_length=96)]


class BrowserKeys(msgspec.Struct):
    """The keys of a `PushSubscription` as a browser writes them in JSON."""

    p256dh: KeyText
    auth: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class BrowserSubscription(msgspec.Struct):
    """A `PushSubscription` as a browser writes it in JSON; other fields, as its expiration, are left aside."""

    endpoint: Endpoint
    keys: BrowserKeys

    @property
    def target(self) -> PushTarget:
        """The same as the actions take it."""
        return PushTarget(self.endpoint, self.keys.p256dh, self.keys.auth)


class RenewedSubscription(msgspec.Struct):
    """The address that a browser had, and its subscription from now on."""

    old: Endpoint
    new: BrowserSubscription


class EndpointText(msgspec.Struct):
    """The address of a browser."""

    endpoint: Endpoint


class QuietHoursBody(msgspec.Struct):
    """Two different hours of the day in Bogotá: from the first until the second there are no notices."""

    begins: Annotated[int, msgspec.Meta(ge=0, le=23)]
    ends: Annotated[int, msgspec.Meta(ge=0, le=23)]


class NoticeChoicesBody(msgspec.Struct):
    """The names of the switches that are off, all others being on, and the quiet hours, if any."""

    off: Annotated[list[Annotated[str, msgspec.Meta(max_length=MAX_NAME_CHARS)]], msgspec.Meta(max_length=MAX_SWITCHES)]
    quiet_hours: QuietHoursBody | None = None


class NoticeChoicesHandler(ApiHandler):
    """`GET notices`: what the actor has chosen about notices. `PUT notices` stores all of it anew."""

    request_type, response_type = NoticeChoicesBody, ChosenNotices

    async def get(self) -> None:
        await self._write_choices()

    async def put(self) -> None:
        body = self.read_body(NoticeChoicesBody)
        quiet = body.quiet_hours
        if quiet is not None and quiet.begins == quiet.ends:
            raise Invalid(UNCLEAR_HOURS)
        hours = (quiet.begins, quiet.ends) if quiet else ()
        await self.run_action(notice_preferences.save_notice_choices, NoticeChoices(frozenset(body.off), *hours))
        await self._write_choices()

    async def _write_choices(self) -> None:
        notices = await self.run_query(load_own_notices, "")
        self.write_success(describe_choices(notices, has_push=self.context.push.is_on))


class NoticesPage(FormPage, SitePage):
    """`/mi/avisos?listo=`."""

    shown_problems: ClassVar[tuple[type[Problem], ...]] = (Invalid, RateLimited)

    async def get(self) -> None:
        await self.render_form(None)

    async def submit(self, *path: str) -> str:
        await self.run_action(notice_preferences.save_notice_choices, self._choices)
        return f"{NOTICES_PATH}?listo=guardado"

    async def render_form(self, problem: Problem | None, *path: str) -> None:
        notices = await self.run_query(load_own_notices, self.cookie_token)
        quiet = notices.quiet_hours
        if problem is not None:
            notices = replace(notices, choices=NoticeChoices(self._switched_off))
            quiet = QuietHours(self._has_quiet_hours, *self._find_hours(USUAL_NIGHT))
        done = self.get_query_argument("listo", "")
        wrong = problem.fields[HOURS_FIELD] if isinstance(problem, InvalidForm) else ""
        key = self.context.push.public_key
        await self.render_page(NoticesForm(await self.load_frame(), notices, quiet, key, problem, wrong, done))

    @property
    def _choices(self) -> NoticeChoices:
        """What was chosen. Raises InvalidForm: the same hour twice is either nothing or a whole day, so it is asked."""
        if not self._has_quiet_hours:
            return NoticeChoices(self._switched_off)
        begins, ends = self._find_hours((0, 0))
        if begins == ends:
            raise InvalidForm({HOURS_FIELD: UNCLEAR_HOURS})
        return NoticeChoices(self._switched_off, begins, ends)

    @property
    def _switched_off(self) -> frozenset[str]:
        """The switches that are off: `shown` names those of the page, `on` those that are on, `off` what stays off."""
        shown, on, off = (set(self.get_body_arguments(name)) for name in ("shown", "on", "off"))
        return frozenset((shown - on) | off)

    @property
    def _has_quiet_hours(self) -> bool:
        return bool(self.get_body_argument("quiet", ""))

    def _find_hours(self, default: tuple[int, int]) -> tuple[int, int]:
        """Return from when until when the quiet hours are; the default unless both are hours of the list."""
        begins, ends = (self.get_body_argument(name, "") for name in ("from", "until"))
        return (HOURS[begins], HOURS[ends]) if begins in HOURS and ends in HOURS else default


class RemoveBrowserForm(PostOnlyPage, SitePage):
    """`POST /mi/avisos/:id/quitar`."""

    async def post(self, subscription_id: str) -> None:
        await self.run_action(push_subscriptions.remove_push_subscription, parse_id(subscription_id))
        self.redirect(f"{NOTICES_PATH}?listo=quitado", status=303)


class PushJsonPage(JsonPage):
    """Base of what the script of the page asks for. Without keys there is nothing to subscribe to."""

    async def prepare(self) -> None:
        await super().prepare()
        if not self.context.push.is_on:
            raise NotFound


class SubscribeHandler(PushJsonPage):
    """`POST /mi/avisos/navegador`: this browser takes pushes for the actor, as long as their sign-in."""

    async def post(self) -> None:
        subscription = self.decode_body(BrowserSubscription)
        self.context.push.require_endpoint(subscription.endpoint)
        sign_in_id = await self.run_query(find_page_sign_in_id, self.cookie_token)
        command = push_subscriptions.AddPushSubscription(subscription.target, sign_in_id)
        await self.run_action(push_subscriptions.add_push_subscription, command)
        await self.write_data({})


class OwnBrowserHandler(PushJsonPage):
    """`POST /mi/avisos/navegador/estado`: whether this browser takes pushes for the actor, and of this sign-in."""

    async def post(self) -> None:
        endpoint_hash = digest_secret(self.decode_body(EndpointText).endpoint)
        state = await self.run_query(find_browser_state, BrowserQuery(endpoint_hash, self.cookie_token))
        await self.write_data(asdict(state))


class UnsubscribeHandler(PushJsonPage):
    """`POST /mi/avisos/navegador/quitar`."""

    async def post(self) -> None:
        endpoint = self.decode_body(EndpointText).endpoint
        await self.run_action(push_subscriptions.remove_push_endpoint, endpoint)
        await self.write_data({})


class RenewSubscriptionHandler(PushJsonPage):
    """`POST /avisos/navegador`: by the worker of a browser whose subscription was changed; no page may be open then.

    Who knows the old address, which only the browser and its push service do, may replace it; no cookie counts.
    """

    async def prepare(self) -> None:
        await super().prepare()
        await self.context.limiters.links.acquire(network_of(self.remote_address))

    async def authenticate(self) -> Actor:
        return self.actor

    def check_xsrf_cookie(self) -> None:
        """Accept every request: what it says authenticates it."""

    async def post(self) -> None:
        renewed = self.decode_body(RenewedSubscription)
        self.context.push.require_endpoint(renewed.new.endpoint)
        command = push_subscriptions.ReplacePushSubscription(renewed.old, renewed.new.target)
        await self.run_action(push_subscriptions.replace_push_subscription, command)
        await self.write_data({})
