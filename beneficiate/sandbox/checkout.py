"""The pages of the payer: a link's checkout, the wait, and how it ended. They work without scripts and set no cookie.

A cookie would be sent to every port of this machine, and an `_xsrf` of ours would take the place of the merchant's.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from tornado.web import HTTPError, RequestHandler

from beneficiate.billing.money import CENTS
from beneficiate.sandbox import account, merchant
from beneficiate.sandbox.errors import GatewayError
from beneficiate.sandbox.events import ENVIRONMENT
from beneficiate.sandbox.forms import METHODS, Unfilled, Values, read_payment, samples
from beneficiate.sandbox.methods import BANKS
from beneficiate.sandbox.objects import FAILED, PENDING, Link, Transaction
from beneficiate.sandbox.wompi import Wompi
from beneficiate.spanish import BOGOTA, pesos

PATIENCE_S = 3.0
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'{origin}; "
    "base-uri 'none'; frame-ancestors 'none'"
)
CLOSED = {
    account.INACTIVE: ("Este link de pago no está activo", "El comercio lo desactivó. No se le cobró nada."),
    account.EXPIRED: ("Este link de pago venció", "Pídale al comercio un link nuevo. No se le cobró nada."),
    account.PAID: (
        "Este link ya se pagó",
        "El link era para un solo pago y ya lo recibió. No tiene que pagar otra vez.",
    ),
}


class PayerPage(RequestHandler):
    """A page about a link."""

    def initialize(self, wompi: Wompi) -> None:
        self.wompi = wompi
        self.account = wompi.account

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", POLICY.format(origin=""))

    def draw(self, template: str, link: Link | None, **context: Any) -> None:
        """Answer with a template. Browsers hold the redirect that follows a form to `form-action`."""
        origin = _origin(link.redirect_url) if link and link.redirect_url else ""
        self.set_header("Content-Security-Policy", POLICY.format(origin=f" {origin}" if origin else ""))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        drawn = self.wompi.templates.get_template(f"sandbox/{template}")
        self.finish(drawn.render(static_url=self.static_url, link=link, merchant_name=merchant.NAME, **context))

    def notice(self, link: Link | None, title: str, sentence: str, **more: Any) -> None:
        """A page that says one thing: `kind` colours it, `again` and `back` lead on, `refresh` has it asked again."""
        told = {"kind": "warn", "again": "", "back": (link.redirect_url or "") if link else "", "refresh": 0, **more}
        self.draw("notice.html", link, title=title, sentence=sentence, **told)

    def show(self, link: Link, status: int = 200, values: Values | None = None, **more: Any) -> None:
        """The checkout of an open link; `method` is the form that `values` and `sentences` belong to."""
        self.set_status(status)
        context = {"method": "", "sentences": {}, "retry": "", **more}
        amount = None if link.amount_in_cents is None else in_pesos(link.amount_in_cents)
        self.draw("checkout.html", link, amount=amount, values=values or {}, banks=BANKS, **context)

    def open_link(self, id_: str) -> Link | None:
        """The link, unless it takes no payment; then that has been said already. Raises NotFound."""
        link = self.account.link(id_)
        state = self.account.state(link)
        if state == account.OPEN:
            return link
        self.set_status(410)
        self.notice(link, *CLOSED[state])
        return None

    async def lead_on(self, transaction: Transaction) -> None:
        """Back to the merchant once it is paid; when it is not, to the page that says so."""
        await self.wompi.payments.settled(transaction, PATIENCE_S)
        link = self.account.link_of(transaction)
        back = back_to(link, transaction)
        is_paid = transaction.status not in (PENDING, *FAILED)
        self.redirect(back if is_paid and back else f"/l/{link.id}/payments/{transaction.id}", status=303)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        raised = kwargs.get("exc_info", (None, None, None))[1]
        status = raised.status if isinstance(raised, GatewayError) else status_code
        self.set_status(status)
        if status == 404:
            self.notice(None, "No encontramos este link de pago", "Revise la dirección o pídale al comercio otro link.")
        else:
            self.notice(None, "Algo salió mal", "No pudimos mostrar esta página. Intente de nuevo.", kind="danger")

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if not isinstance(value, (GatewayError, HTTPError)):
            super().log_exception(typ, value, tb)


class Checkout(PayerPage):
    """`/l/{link id}`. `?fill=card-approved` and the like fill a form with the sandbox's data."""

    def get(self, id_: str) -> None:
        link = self.open_link(id_)
        if link is None:
            return
        fill = self.get_query_argument("fill", "")
        method, values = samples(datetime.now(BOGOTA).year + 1).get(fill, ("", {}))
        self.show(link, method=method, values=values, retry=self.get_query_argument("retry", ""))


class Pay(PayerPage):
    """`POST /l/{link id}/{card, nequi or pse}`."""

    async def post(self, id_: str, method: str) -> None:
        link = self.open_link(id_)
        if link is None:
            return
        values = {name: self.get_body_argument(name) for name in self.request.body_arguments}
        retry = values.pop("retry", "")
        try:
            payment = read_payment(method, values, link)
        except Unfilled as problem:
            self.show(link, 422, method=method, values=values, sentences=problem.sentences, retry=retry)
            return
        await self.lead_on(self.wompi.payments.take(link, payment, retry))


class Result(PayerPage):
    """`/l/{link id}/payments/{transaction id}`: the wait, and how it ended."""

    async def get(self, id_: str, transaction_id: str) -> None:
        link, transaction = self.account.link(id_), self.account.transaction(transaction_id)
        if self.account.link_of(transaction) is not link:
            raise HTTPError(404)
        back = back_to(link, transaction)
        if transaction.status == PENDING:
            waiting = "Esto tarda unos segundos. La página se actualiza sola."
            self.notice(link, "Estamos procesando su pago", waiting, kind="accent", back=back, refresh=1)
        elif transaction.status in FAILED:
            again = f"/l/{link.id}?{urlencode({'retry': transaction.id})}"
            reason = f"{transaction.status_message}. No se le cobró nada."
            self.notice(link, "Pago rechazado", reason, kind="danger", again=again, back=back)
        elif link.redirect_url:
            self.redirect(back, status=303)
        else:
            self.notice(link, "Pago aprobado", "El comercio ya recibió el aviso.", kind="ok")


def back_to(link: Link, transaction: Transaction) -> str:
    """The merchant's page, with the transaction's id; empty when the link has none."""
    if not link.redirect_url:
        return ""
    parts = urlsplit(link.redirect_url)
    told = urlencode({"id": transaction.id, "env": ENVIRONMENT})
    return urlunsplit(parts._replace(query=f"{parts.query}&{told}" if parts.query else told))


def in_pesos(cents: int) -> str:
    """`$ 480.000`, unbroken."""
    return pesos(cents // CENTS)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


PAY_PATH = f"/l/([A-Za-z0-9_]+)/({'|'.join(METHODS)})"
