"""The payer's pages: the checkout of a link, the wait and the result. They need no script and set no cookie.

A cookie would be sent to every port of this host, and an `_xsrf` cookie would replace the merchant's.
"""

from dataclasses import replace
from datetime import datetime
from types import TracebackType
from urllib.parse import urlencode, urlsplit, urlunsplit

from tornado.web import HTTPError, RequestHandler

from beneficiate.formatting import BOGOTA
from beneficiate.http_methods import name_allowed_methods, refuse_method
from beneficiate.sandbox import account
from beneficiate.sandbox.errors import GatewayError
from beneficiate.sandbox.events import ENVIRONMENT
from beneficiate.sandbox.forms import PAYMENT_METHODS, InvalidPaymentForm, parse_payment_form, sample_forms
from beneficiate.sandbox.handlers import raised_error
from beneficiate.sandbox.objects import (
    APPROVED,
    CARD,
    DECLINED,
    FAILED,
    PENDING,
    VOIDED,
    PaymentLink,
    SandboxTransaction,
)
from beneficiate.sandbox.pages import CheckoutView, NextStep, NoticeView
from beneficiate.sandbox.wompi import LocalWompi

SETTLE_WAIT_S = 3.0
REFRESH_S = 2
APPROVE_STEP, DECLINE_STEP = NextStep("approve", "El banco aprueba"), NextStep("decline", "El banco rechaza")
VOID_STEP, NOTIFY_STEP = NextStep("void", "Anular el pago"), NextStep("notify", "Enviar el aviso al comercio")
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
NOT_FOUND_NOTICE = NoticeView(
    link=None,
    title="No encontramos este link de pago",
    sentence="Revise la dirección o pídale al comercio otro link.",
)
ERROR_NOTICE = NoticeView(
    link=None,
    title="Algo salió mal",
    sentence="No pudimos mostrar esta página. Intente de nuevo.",
    kind="danger",
)


class PayerPage(RequestHandler):
    """Base of the pages about a link."""

    def initialize(self, wompi: LocalWompi) -> None:
        self.wompi = wompi
        self.account = wompi.account

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", CHECKOUT_CSP.format(origin=""))

    def render_page(self, view: CheckoutView | NoticeView) -> None:
        """Answer with the template of a view. Browsers apply `form-action` to the redirect after a form too."""
        link = view.link
        origin = _origin_without_credentials(link.redirect_url) if link and link.redirect_url else ""
        self.set_header("Content-Security-Policy", CHECKOUT_CSP.format(origin=f" {origin}" if origin else ""))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        template = self.wompi.templates.get_template(view.template)
        self.finish(template.render(static_url=self.static_url, **view.variables()))

    def get_open_link(self, id_: str) -> PaymentLink | None:
        """Return the link; None, with a notice as the answer, when it cannot be paid. Raises EntityNotFound."""
        link = self.account.get_link(id_)
        state = self.account.link_state(link)
        if state == account.LINK_OPEN:
            return link
        self.set_status(410)
        title, sentence = CLOSED_NOTICES[state]
        payments = tuple(
            (f"{payment_path(link, one)}?stay=1", f"{one.payment_method_type} {one.status} {one.id}")
            for one in self.account.transactions_of(link)
        )
        back = link.redirect_url or ""
        self.render_page(NoticeView(link=link, title=title, sentence=sentence, back=back, payments=payments))
        return None

    async def redirect_when_settled(self, transaction: SandboxTransaction) -> None:
        """Redirect to the merchant once a transaction is paid, otherwise to its result page."""
        await self.wompi.payments.wait_until_settled(transaction, SETTLE_WAIT_S)
        link = self.account.link_of(transaction)
        back = return_url(link, transaction)
        is_paid = transaction.status not in (PENDING, *FAILED)
        self.redirect(back if is_paid and back else f"/l/{link.id}/payments/{transaction.id}", status=303)

    def write_error(self, status_code: int, **kwargs: object) -> None:
        raised = raised_error(kwargs)
        status = raised.status if isinstance(raised, GatewayError) else status_code
        self.set_status(status)
        name_allowed_methods(self, status)
        self.render_page(NOT_FOUND_NOTICE if status == 404 else ERROR_NOTICE)

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        if not isinstance(value, (GatewayError, HTTPError)):
            super().log_exception(typ, value, tb)


class CheckoutPage(PayerPage):
    """`/l/{link id}`. `?fill=card-approved` and the like fill a form with sample data."""

    def get(self, id_: str) -> None:
        link = self.get_open_link(id_)
        if link is None:
            return
        fill = self.get_query_argument("fill", "")
        method, values = sample_forms(datetime.now(BOGOTA).year + 1).get(fill, ("", {}))
        retry = self.get_query_argument("retry", "")
        self.render_page(CheckoutView.for_form(link, method, values, retry))


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
            self.set_status(422)
            self.render_page(CheckoutView.for_form(link, method, values, retry, problem.sentences))
            return
        await self.redirect_when_settled(self.wompi.payments.start_payment(link, payment, retry))


class ResultPage(PayerPage):
    """`/l/{link id}/payments/{transaction id}?stay=`: the wait, then the result; with `stay` without leaving."""

    async def get(self, id_: str, transaction_id: str) -> None:
        link, transaction = self.find_payment(id_, transaction_id)
        back = return_url(link, transaction)
        is_over = transaction.status not in (PENDING, *FAILED)
        if is_over and link.redirect_url and not self.get_query_argument("stay", ""):
            self.redirect(back, status=303)
        else:
            self.render_page(result_notice(link, transaction, back))

    def find_payment(self, id_: str, transaction_id: str) -> tuple[PaymentLink, SandboxTransaction]:
        """Return a link and one of its payments. Raises EntityNotFound, HTTPError 404."""
        link, transaction = self.account.get_link(id_), self.account.get_transaction(transaction_id)
        if self.account.link_of(transaction) is not link:
            raise HTTPError(404)
        return link, transaction


class NextStepHandler(ResultPage):
    """`POST /l/{link id}/payments/{transaction id}/{step}`: play what the bank, the merchant or time would do."""

    get = refuse_method  # type: ignore[assignment]

    async def post(self, id_: str, transaction_id: str, step: str) -> None:
        link, transaction = self.find_payment(id_, transaction_id)
        if step == VOID_STEP.name:
            self.wompi.payments.void_transaction(transaction)
        elif step == NOTIFY_STEP.name:
            self.wompi.events.resend_event(transaction)
        else:
            self.wompi.payments.answer_as_bank(transaction, APPROVED if step == APPROVE_STEP.name else DECLINED)
        self.redirect(f"{payment_path(link, transaction)}?stay=1", status=303)


def payment_path(link: PaymentLink, transaction: SandboxTransaction) -> str:
    """Return the path of the page of a payment."""
    return f"/l/{link.id}/payments/{transaction.id}"


def next_steps(transaction: SandboxTransaction) -> tuple[NextStep, ...]:
    """Return what may happen to a transaction next."""
    if transaction.status == PENDING:
        return (APPROVE_STEP, DECLINE_STEP)
    is_voidable = transaction.status == APPROVED and transaction.payment_method_type == CARD
    return (VOID_STEP, NOTIFY_STEP) if is_voidable else (NOTIFY_STEP,)


def result_notice(link: PaymentLink, transaction: SandboxTransaction, back: str) -> NoticeView:
    """Return the notice about a transaction: in progress, failed, voided or approved, with what may happen next."""
    view = NoticeView(
        link=link,
        title="Pago aprobado",
        sentence="El comercio ya recibió el aviso, o lo recibe cuando usted lo envíe.",
        kind="ok",
        back=back,
        path=payment_path(link, transaction),
        steps=next_steps(transaction),
    )
    if transaction.status == PENDING:
        waiting = "Esto tarda unos segundos. La página se actualiza sola."
        return replace(view, title="Estamos procesando su pago", sentence=waiting, kind="accent", refresh=REFRESH_S)
    if transaction.status in FAILED:
        again = f"/l/{link.id}?{urlencode({'retry': transaction.id})}"
        reason = f"{transaction.status_message}. No se le cobró nada."
        return replace(view, title="Pago rechazado", sentence=reason, kind="danger", again=again)
    if transaction.status == VOIDED:
        return replace(view, title="Pago anulado", sentence="El dinero vuelve a su cuenta.", kind="warn")
    return view


def return_url(link: PaymentLink, transaction: SandboxTransaction) -> str:
    """Return the merchant's URL with the transaction's id; empty when the link has none."""
    if not link.redirect_url:
        return ""
    parts = urlsplit(link.redirect_url)
    query = urlencode({"id": transaction.id, "env": ENVIRONMENT})
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


def _origin_without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


STEP_PATH = (
    "/l/([A-Za-z0-9_]+)/payments/([A-Za-z0-9-]+)"
    f"/({'|'.join(step.name for step in (APPROVE_STEP, DECLINE_STEP, VOID_STEP, NOTIFY_STEP))})"
)
PAY_PATH = f"/l/([A-Za-z0-9_]+)/({'|'.join(PAYMENT_METHODS)})"
