"""Developer tools under `/_sandbox`: they need no key, and the gateway's misbehaviour does not apply to them.

Answers are `{"data": …}` as in the API.
"""

import msgspec

from beneficiate.sandbox.behaviour import parse_behaviour
from beneficiate.sandbox.errors import InvalidInput
from beneficiate.sandbox.handlers import JsonHandler
from beneficiate.sandbox.methods import sample_payment
from beneficiate.sandbox.objects import CARD, FINAL, NEQUI, PENDING, PSE


class BehaviourHandler(JsonHandler):
    """`/_sandbox/behaviour`: read it, or replace it as a whole; missing fields get their default."""

    def get(self) -> None:
        self.write_json(200, {"data": self.account.behaviour})

    def put(self) -> None:
        self.account.behaviour = parse_behaviour(self.read_json())
        self.get()


class CreateTransactionHandler(JsonHandler):
    """`POST /_sandbox/transactions` `{link_id, status, method?}`: create a transaction.

    Expiry and single use are not checked, so that late approvals and double charges can be made.
    """

    def post(self) -> None:
        body = self.read_json()
        status, method = body.get("status"), body.get("method", CARD)
        if status not in (PENDING, *FINAL):
            raise InvalidInput({"status": ["Formato inválido"]})
        if method not in (CARD, NEQUI, PSE):
            raise InvalidInput({"method": ["Formato inválido"]})
        link = self.account.get_link(str(body.get("link_id")))
        transaction = self.account.make_transaction(link, sample_payment(str(method)))
        if status != PENDING:
            self.wompi.payments.settle_transaction(transaction, str(status))
        self.write_json(201, {"data": transaction})


class TransactionHandler(JsonHandler):
    """`PATCH /_sandbox/transactions/{id}` `{status}`: set the final status."""

    def patch(self, id_: str) -> None:
        status = self.read_json().get("status")
        if status not in FINAL:
            raise InvalidInput({"status": ["Formato inválido"]})
        transaction = self.account.get_transaction(id_)
        self.wompi.payments.settle_transaction(transaction, str(status))
        self.write_json(200, {"data": transaction})


class EventLogHandler(JsonHandler):
    """`/_sandbox/events`: read the log, or send the last event of `{transaction_id}` again."""

    def get(self) -> None:
        self.write_json(200, {"data": list(self.wompi.events.log)})

    def post(self) -> None:
        transaction = self.account.get_transaction(str(self.read_json().get("transaction_id")))
        self.write_json(202, {"data": msgspec.to_builtins(self.wompi.events.resend_event(transaction))})


class RequestCountsHandler(JsonHandler):
    """`GET /_sandbox/requests`: the number of API requests by path."""

    def get(self) -> None:
        self.write_json(200, {"data": dict(self.wompi.requests)})
