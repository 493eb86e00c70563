"""The hand of the developer, under `/_sandbox`: no key, and the gateway's misbehaviour does not reach it.

Answers are `{"data": …}` as in the API.
"""

import msgspec

from beneficiate.sandbox.behaviour import parse_behaviour
from beneficiate.sandbox.errors import InvalidInput
from beneficiate.sandbox.handlers import JsonHandler
from beneficiate.sandbox.methods import sample_payment
from beneficiate.sandbox.objects import CARD, FINAL, NEQUI, PENDING, PSE, SandboxTransaction


class BehaviourHandler(JsonHandler):
    """`/_sandbox/behaviour`: shown, and replaced as a whole; what is not named goes back to its default."""

    def get(self) -> None:
        self.write_json(200, {"data": self.account.behaviour})

    def put(self) -> None:
        self.account.behaviour = parse_behaviour(self.read_json())
        self.get()


class CreateTransactionHandler(JsonHandler):
    """`POST /_sandbox/transactions` `{link_id, status, method?}`: as if somebody had paid.

    Neither expiry nor single use is minded here: late approvals and double charges are made so.
    """

    def post(self) -> None:
        body = self.read_json()
        status, method = body.get("status"), body.get("method", CARD)
        if status not in (PENDING, *FINAL):
            raise InvalidInput({"status": ["Formato inválido"]})
        if method not in (CARD, NEQUI, PSE):
            raise InvalidInput({"method": ["Formato inválido"]})
        link = self.account.get_link(str(body.get("link_id")))
        transaction = self.account.make_transaction(link, sample_payment(method))
        if status != PENDING:
            self.wompi.payments.settle_transaction(transaction, status)
        self.write_json(201, {"data": transaction})


class TransactionHandler(JsonHandler):
    """`PATCH /_sandbox/transactions/{id}` `{status}`: the bank answers at last."""

    def patch(self, id_: str) -> None:
        status = self.read_json().get("status")
        if status not in FINAL:
            raise InvalidInput({"status": ["Formato inválido"]})
        transaction: SandboxTransaction = self.account.get_transaction(id_)
        self.wompi.payments.settle_transaction(transaction, status)
        self.write_json(200, {"data": transaction})


class EventLogHandler(JsonHandler):
    """`/_sandbox/events`: the log, and one that is sent again by `{transaction_id}`."""

    def get(self) -> None:
        self.write_json(200, {"data": list(self.wompi.events.log)})

    def post(self) -> None:
        transaction = self.account.get_transaction(str(self.read_json().get("transaction_id")))
        self.write_json(202, {"data": msgspec.to_builtins(self.wompi.events.resend_event(transaction))})


class RequestCountsHandler(JsonHandler):
    """`GET /_sandbox/requests`: how often each call of the API was made."""

    def get(self) -> None:
        self.write_json(200, {"data": dict(self.wompi.requests)})
