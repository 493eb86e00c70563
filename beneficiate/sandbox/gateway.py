"""The API: payment links, transactions and the merchant, under `/v1`.

Source: https://docs.wompi.co/docs/colombia/links-de-pago/ and
https://docs.wompi.co/docs/colombia/seguimiento-de-transacciones/
"""

from itertools import islice
from typing import Any

import msgspec

from beneficiate.sandbox import fields
from beneficiate.sandbox.doors import ApiDoor
from beneficiate.sandbox.errors import Invalid, InvalidToken
from beneficiate.sandbox.merchant import picture
from beneficiate.sandbox.objects import Link, Transaction, now_text


class Links(ApiDoor):
    """`POST /payment_links`."""

    async def post(self) -> None:
        self.need_private_key()
        await self.answer(201, _shown(self.account.make_link(fields.check_link(self.body()))))


class OneLink(ApiDoor):
    """`/payment_links/{id}`: anybody reads it, the merchant turns it on and off."""

    async def get(self, id_: str) -> None:
        await self.answer(200, _shown(self.account.link(id_)))

    async def patch(self, id_: str) -> None:
        self.need_private_key()
        link = self.account.link(id_)
        link.active = fields.check_active(self.body())
        link.updated_at = now_text()
        await self.answer(200, _shown(link))


class OneTransaction(ApiDoor):
    """`GET /transactions/{id}`."""

    async def get(self, id_: str) -> None:
        self.need_reading_key()
        await self.answer(200, {"data": self.account.transaction(id_)})


class Transactions(ApiDoor):
    """`GET /transactions`: the search."""

    async def get(self) -> None:
        self.need_private_key()
        query = {name: values[-1].decode(errors="replace") for name, values in self.request.query_arguments.items()}
        search = fields.check_search(query)
        every = self.account.transactions.values() if search.is_ascending else self.account.newest_first()
        found = (one for one in every if _is_sought(one, search))
        first = (search.page - 1) * search.page_size
        await self.answer(200, {"data": list(islice(found, first, first + search.page_size))})


class Void(ApiDoor):
    """`POST /transactions/{id}/void`: all of a card payment. The answer still has it APPROVED."""

    async def post(self, id_: str) -> None:
        self.need_private_key()
        transaction = self.account.transaction(id_)
        amount = self.body().get("amount_in_cents") if self.request.body else None
        if amount not in (None, transaction.amount_in_cents):
            raise Invalid({"amount_in_cents": ["Debe ser el valor total de la transacción"]})
        seen = msgspec.to_builtins(transaction)
        self.wompi.payments.void(transaction)
        await self.answer(201, {"data": {"status": "APPROVED", "transaction": seen}})


class Merchant(ApiDoor):
    """`GET /merchants/info`: whose public key this is."""

    async def get(self) -> None:
        key = self.request.headers.get("X-Merchant-Public-Key", "")
        if key != self.account.keys.public_key:
            raise InvalidToken(key)
        await self.answer(200, {"data": picture(key, self.wompi.url)})


def _shown(link: Link) -> dict[str, Any]:
    return {"data": link, "meta": {}}


def _is_sought(transaction: Transaction, search: fields.Search) -> bool:
    if not search.from_date <= transaction.created_at[:10] <= search.until_date:
        return False
    return all(getattr(transaction, name) == value for name, value in search.filters.items())
