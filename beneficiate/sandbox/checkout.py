"""The pages of the payer: a link's checkout, the wait, and how it ended. They work without scripts and set no cookie.

A cookie would be sent to every port of this machine, and an `_xsrf` of ours would take the place of the merchant's.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from tornado.web import HTTPError, RequestHandler

from beneficiate.domain.billing.money import CENTS_PER_PESO
from beneficiate.formatting import BOGOTA, format_pesos
from beneficiate.sandbox import account, merchant
from beneficiate.sandbox.errors import GatewayError
from beneficiate.sandbox.events import ENVIRONMENT
from beneficiate.sandbox.forms import PAYMENT_METHODS, FormValues, InvalidPaymentForm, parse_payment_form, sample_forms
from beneficiate.sandbox.methods import BANKS
from beneficiate.sandbox.objects import FAILED, PENDING, PaymentLink, SandboxTransaction
from beneficiate.sandbox.wompi import LocalWompi

SETTLE_WAIT_S = 3.0
CHECKOUT_CSP = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'{origin}; "
    "base-uri 'none'; frame-ancestors 'none'"
)
CLOSED_NOTICES = {
    account.LINK_INACTIVE: ("Este link de pago no está activo", "El comercio lo desactivó. No se le cobró nada."),
    account.LINK_EXPIRED: ("Este link de pago venció", "Pídale al comercio un link nuevo. No se le cobró nada."),
    account.LINK_PAID: (
        "Este link ya se pagó",
        "El link era para un solo pago y ya lo recibió. No tiene que pagar otra vez.",
    ),
}


class PayerPage(RequestHandler):
    """A page about a link."""

    def initialize(self, wompi: LocalWompi) -> None:
        self.wompi = wompi
        self.account = wompi.account

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", CHECKOUT_CSP.format(origin=""))

    def render_page(self, template: str, link: PaymentLink | None, **context: Any) -> None:
        """Answer with a template. Browsers hold the redirect that follows a form to `form-action`."""
        origin = _origin_without_credentials(link.redirect_url) if link and link.redirect_url else ""
        self.set_header("Content-Security-Policy", CHECKOUT_CSP.format(origin=f" {origin}" if origin else ""))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        drawn = self.wompi.templates.get_template(f"sandbox/{template}")
        self.finish(
            drawn.render(static_url=self.static_url, link=link, merchant_name=merchant.MERCHANT_NAME, **context)
        )

    def render_notice(self, link: PaymentLink | None, title: str, sentence: str, **more: Any) -> None:
        """A page that says one thing: `kind` colours it, `again` and `back` lead on, `refresh` has it asked again."""
        told = {"kind": "warn", "again": "", "back": (link.redirect_url or "") if link else "", "refresh": 0, **more}
        self.render_page("notice.html", link, title=title, sentence=sentence, **told)

    def render_checkout(
        self, link: PaymentLink, status: int = 200, values: FormValues | None = None, **more: Any
    ) -> None:
        """The checkout of an open link; `method` is the form that `values` and `sentences` belong to."""
        self.set_status(status)
        context = {"method": "", "sentences": {}, "retry": "", **more}
        amount = None if link.amount_in_cents is None else format_cents_as_pesos(link.amount_in_cents)
        self.render_page("checkout.html", link, amount=amount, values=values or {}, banks=BANKS, **context)

    def get_open_link(self, id_: str) -> PaymentLink | None:
        """The link, unless it takes no payment; then that has been said already. Raises NotFound."""
        link = self.account.get_link(id_)
        state = self.account.link_state(link)
        if state == account.LINK_OPEN:
            return link
        self.set_status(410)
        self.render_notice(link, *CLOSED_NOTICES[state])
        return None

    async def redirect_when_settled(self, transaction: SandboxTransaction) -> None:
        """Back to the merchant once it is paid; when it is not, to the page that says so."""
        await self.wompi.payments.wait_until_settled(transaction, SETTLE_WAIT_S)
        link = self.account.link_of(transaction)
        back = return_url(link, transaction)
        is_paid = transaction.status not in (PENDING, *FAILED)
        self.redirect(back if is_paid and back else f"/l/{link.id}/payments/{transaction.id}", status=303)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        raised = kwargs.get("exc_info", (None, None, None))[1]
        status = raised.status if isinstance(raised, GatewayError) else status_code
        self.set_status(status)
        if status == 404:
            self.render_notice(
                None, "No encontramos este link de pago", "Revise la dirección o pídale al comercio otro link."
            )
        else:
            self.render_notice(
                None, "Algo salió mal", "No pudimos mostrar esta página. Intente de nuevo.", kind="danger"
            )

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if not isinstance(value, (GatewayError, HTTPError)):
            super().log_exception(typ, value, tb)


class CheckoutPage(PayerPage):
    """`/l/{link id}`. `?fill=card-approved` and the like fill a form with the sandbox's data."""

    def get(self, id_: str) -> None:
        link = self.get_open_link(id_)
        if link is None:
            return
        fill = self.get_query_argument("fill", "")
        method, values = sample_forms(datetime.now(BOGOTA).year + 1).get(fill, ("", {}))
        self.render_checkout(link, method=method, values=values, retry=self.get_query_argument("retry", ""))


class PayHandler(PayerPage):
    """`POST /l/{link id}/{card, nequi or pse}`."""

    async def post(self, id_: str, method: str) -> None:
        link = self.get_open_link(id_)
        if link is None:
            return
        values = {name: self.get_body_argument(name) for name in self.request.body_arguments}
        retry = values.pop("retry", "")
        try:
            payment = parse_payment_form(method, values, link)
        except InvalidPaymentForm as problem:
            self.render_checkout(link, 422, method=method, values=values, sentences=problem.sentences, retry=retry)
            return
        await self.redirect_when_settled(self.wompi.payments.start_payment(link, payment, retry))


class ResultPage(PayerPage):
    """`/l/{link id}/payments/{transaction id}`: the wait, and how it ended."""

    async def get(self, id_: str, transaction_id: str) -> None:
        link, transaction = self.account.get_link(id_), self.account.get_transaction(transaction_id)
        if self.account.link_of(transaction) is not link:
            raise HTTPError(404)
        back = return_url(link, transaction)
        if transaction.status == PENDING:
            waiting = "Esto tarda unos segundos. La página se actualiza sola."
            self.render_notice(link, "Estamos procesando su pago", waiting, kind="accent", back=back, refresh=1)
        elif transaction.status in FAILED:
            again = f"/l/{link.id}?{urlencode({'retry': transaction.id})}"
            reason = f"{transaction.status_message}. No se le cobró nada."
            self.render_notice(link, "Pago rechazado", reason, kind="danger", again=again, back=back)
        elif link.redirect_url:
            self.redirect(back, status=303)
        else:
            self.render_notice(link, "Pago aprobado", "El comercio ya recibió el aviso.", kind="ok")


def return_url(link: PaymentLink, transaction: SandboxTransaction) -> str:
    """The merchant's page, with the transaction's id; empty when the link has none."""
    if not link.redirect_url:
        return ""
    parts = urlsplit(link.redirect_url)
    told = urlencode({"id": transaction.id, "env": ENVIRONMENT})
    return urlunsplit(parts._replace(query=f"{parts.query}&{told}" if parts.query else told))


def format_cents_as_pesos(cents: int) -> str:
    """`$ 480.000`, unbroken."""
    return format_pesos(cents // CENTS_PER_PESO)


def _origin_without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


PAY_PATH = f"/l/([A-Za-z0-9_]+)/({'|'.join(PAYMENT_METHODS)})"
