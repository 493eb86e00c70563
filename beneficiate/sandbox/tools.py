"""The hand of the developer, under `/_sandbox`: no key, and the gateway's misbehaviour does not reach it.

Answers are `{"data": …}` as in the API.
"""

import msgspec

from beneficiate.sandbox.behaviour import read_behaviour
from beneficiate.sandbox.doors import JsonDoor
from beneficiate.sandbox.errors import Invalid
from beneficiate.sandbox.methods import sample
from beneficiate.sandbox.objects import CARD, FINAL, NEQUI, PENDING, PSE, Transaction


class TheBehaviour(JsonDoor):
    """`/_sandbox/behaviour`: shown, and replaced as a whole; what is not named goes back to its default."""

    def get(self) -> None:
        self.say(200, {"data": self.account.behaviour})

    def put(self) -> None:
        self.account.behaviour = read_behaviour(self.body())
        self.get()


class NewTransactions(JsonDoor):
    """`POST /_sandbox/transactions` `{link_id, status, method?}`: as if somebody had paid.

    Neither expiry nor single use is minded here: late approvals and double charges are made so.
    """

    def post(self) -> None:
        body = self.body()
        status, method = body.get("status"), body.get("method", CARD)
        if status not in (PENDING, *FINAL):
            raise Invalid({"status": ["Formato inválido"]})
        if method not in (CARD, NEQUI, PSE):
            raise Invalid({"method": ["Formato inválido"]})
        link = self.account.link(str(body.get("link_id")))
        transaction = self.account.make_transaction(link, sample(method))
        if status != PENDING:
            self.wompi.payments.settle(transaction, status)
        self.say(201, {"data": transaction})


class OldTransaction(JsonDoor):
    """`PATCH /_sandbox/transactions/{id}` `{status}`: the bank answers at last."""

    def patch(self, id_: str) -> None:
        status = self.body().get("status")
        if status not in FINAL:
            raise Invalid({"status": ["Formato inválido"]})
        transaction: Transaction = self.account.transaction(id_)
        self.wompi.payments.settle(transaction, status)
        self.say(200, {"data": transaction})


class TheEvents(JsonDoor):
    """`/_sandbox/events`: the log, and one that is sent again by `{transaction_id}`."""

    def get(self) -> None:
        self.say(200, {"data": list(self.wompi.events.log)})

    def post(self) -> None:
        transaction = self.account.transaction(str(self.body().get("transaction_id")))
        self.say(202, {"data": msgspec.to_builtins(self.wompi.events.repeat(transaction))})


class TheRequests(JsonDoor):
    """`GET /_sandbox/requests`: how often each call of the API was made."""

    def get(self) -> None:
        self.say(200, {"data": dict(self.wompi.requests)})
