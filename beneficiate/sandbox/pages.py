"""What the templates of the payer's pages need."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.domain.billing.money import CENTS_PER_PESO
from beneficiate.formatting import format_pesos
from beneficiate.sandbox.forms import FormMessages, FormValues
from beneficiate.sandbox.merchant import MERCHANT_NAME
from beneficiate.sandbox.methods import BANKS
from beneficiate.sandbox.objects import PaymentLink
from beneficiate.views.pages import PageView


@dataclass(frozen=True, kw_only=True)
class CheckoutView(PageView):
    """The checkout of an open link; `method` is the form that `values` and `sentences` (its errors) belong to.

    `amount` is in pesos, None when the payer enters it; `retry` is the id of the failed transaction to try again.
    """

    template: ClassVar[str] = "sandbox/checkout.html"

    link: PaymentLink
    amount: str | None
    method: str
    values: FormValues
    sentences: FormMessages
    retry: str
    banks: dict[str, str]
    merchant_name: str = MERCHANT_NAME

    @classmethod
    def for_form(
        cls, link: PaymentLink, method: str, values: FormValues, retry: str, sentences: FormMessages | None = None
    ) -> "CheckoutView":
        """Return the checkout of a link with the values of one of its forms and what is wrong with them."""
        cents = link.amount_in_cents
        return cls(
            link=link,
            amount=None if cents is None else format_pesos(cents // CENTS_PER_PESO),
            method=method,
            values=values,
            sentences=sentences or {},
            retry=retry,
            banks=BANKS,
        )


@dataclass(frozen=True)
class NextStep:
    """A button that plays what happens to a transaction next: where it leads, and what it says."""

    name: str
    label: str


@dataclass(frozen=True, kw_only=True)
class NoticeView(PageView):
    """One message to the payer: `kind` is its colour, `again` and `back` are URLs, `refresh` in seconds.

    `payments` are the pages of the link's payments by what they say; `steps` are for the payment at `path`.
    """

    template: ClassVar[str] = "sandbox/notice.html"

    link: PaymentLink | None
    title: str
    sentence: str
    kind: str = "warn"
    again: str = ""
    back: str = ""
    refresh: int = 0
    payments: tuple[tuple[str, str], ...] = ()
    path: str = ""
    steps: tuple[NextStep, ...] = ()
    merchant_name: str = MERCHANT_NAME
