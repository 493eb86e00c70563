"""The parts of a gateway without its server: an account, and a processor whose events are lost."""

from beneficiate.sandbox.account import MerchantAccount
from beneficiate.sandbox.background_tasks import BackgroundTasks
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.events import EventSender
from beneficiate.sandbox.fields import validate_link
from beneficiate.sandbox.keys import TEST_KEYS
from beneficiate.sandbox.methods import sample_payment
from beneficiate.sandbox.objects import CARD
from beneficiate.sandbox.payments import PaymentProcessor
from tests.sandbox.merchant import LINK_BODY


def create_account(**behaviour):
    return MerchantAccount(TEST_KEYS, "", Behaviour(lose_events=True, **behaviour))


def create_link(account, **changes):
    return account.make_link(validate_link({**LINK_BODY, **changes}))


def create_transaction(account, link=None, method=CARD, retried=""):
    return account.make_transaction(link or create_link(account), sample_payment(method), retried)


class Gateway:
    """An account with its processor; payments are settled in the next turns of the loop."""

    def __init__(self, **behaviour):
        self.account = create_account(**behaviour)
        self.tasks = BackgroundTasks()
        self.events = EventSender(self.account, self.tasks, ())
        self.payments = PaymentProcessor(self.account, self.events, self.tasks, settle_s=0)

    @property
    def statuses(self):
        """The statuses of the events, in order."""
        return [event.body["data"]["transaction"]["status"] for event in self.events.log]
