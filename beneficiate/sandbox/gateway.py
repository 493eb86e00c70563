"""The API: payment links, transactions and the merchant, under `/v1`.

Source: https://docs.wompi.co/docs/colombia/links-de-pago/ and
https://docs.wompi.co/docs/colombia/seguimiento-de-transacciones/
"""

from itertools import islice

import msgspec

from beneficiate.sandbox import fields
from beneficiate.sandbox.errors import InvalidInput, InvalidToken
from beneficiate.sandbox.handlers import SandboxApiHandler
from beneficiate.sandbox.merchant import merchant_payload
from beneficiate.sandbox.objects import PaymentLink, SandboxTransaction, now_iso


class LinksHandler(SandboxApiHandler):
    """`POST /payment_links`."""

    async def post(self) -> None:
        self.require_private_key()
        await self.write_answer(201, _link_body(self.account.make_link(fields.validate_link(self.read_json()))))


class LinkByIdHandler(SandboxApiHandler):
    """`/payment_links/{id}`: readable without a key; the merchant activates and deactivates it."""

    async def get(self, id_: str) -> None:
        await self.write_answer(200, _link_body(self.account.get_link(id_)))

    async def patch(self, id_: str) -> None:
        self.require_private_key()
        link = self.account.get_link(id_)
        link.active = fields.validate_active(self.read_json())
        link.updated_at = now_iso()
        await self.write_answer(200, _link_body(link))


class TransactionByIdHandler(SandboxApiHandler):
    """`GET /transactions/{id}`."""

    async def get(self, id_: str) -> None:
        self.require_reading_key()
        await self.write_answer(200, {"data": self.account.get_transaction(id_)})


class TransactionSearchHandler(SandboxApiHandler):
    """`GET /transactions`: the search."""

    async def get(self) -> None:
        self.require_private_key()
        query = {name: values[-1].decode(errors="replace") for name, values in self.request.query_arguments.items()}
        search = fields.parse_search(query)
        candidates = (
            self.account.transactions.values() if search.is_ascending else self.account.transactions_newest_first()
        )
        matches = (one for one in candidates if _matches_search(one, search))
        first = (search.page - 1) * search.page_size
        await self.write_answer(200, {"data": list(islice(matches, first, first + search.page_size))})


class VoidTransactionHandler(SandboxApiHandler):
    """`POST /transactions/{id}/void`: a card payment as a whole. In the answer it still is APPROVED."""

    async def post(self, id_: str) -> None:
        self.require_private_key()
        transaction = self.account.get_transaction(id_)
        amount = self.read_json().get("amount_in_cents") if self.request.body else None
        if amount not in (None, transaction.amount_in_cents):
            raise InvalidInput({"amount_in_cents": ["Debe ser el valor total de la transacción"]})
        seen = msgspec.to_builtins(transaction)
        self.wompi.payments.void_transaction(transaction)
        await self.write_answer(201, {"data": {"status": "APPROVED", "transaction": seen}})


class MerchantInfoHandler(SandboxApiHandler):
    """`GET /merchants/info`: the merchant of a public key."""

    async def get(self) -> None:
        key = self.request.headers.get("X-Merchant-Public-Key", "")
        if key != self.account.keys.public_key:
            raise InvalidToken(key)
        await self.write_answer(200, {"data": merchant_payload(key, self.wompi.url)})


def _link_body(link: PaymentLink) -> dict[str, object]:
    return {"data": link, "meta": {}}


def _matches_search(transaction: SandboxTransaction, search: fields.TransactionSearch) -> bool:
    if not search.from_date <= transaction.created_at[:10] <= search.until_date:
        return False
    return all(getattr(transaction, name) == value for name, value in search.filters.items())
