"""A partner of a test's own that sells one plan with a number, and has a few eSIMs and a subscriber."""

from functions.shared.ids import new_id
from functions.shared.transaction import Transaction
from infra.local.system import System
from infra.operator import sims
from tests.support.builders import MONTH, offering
from tests.support.customers import add_subscriber
from tests.support.newcomer import Newcomer
from tests.support.shop import Shop
from tests.support.sims import esim


class SmallShop(Shop):
    """A shop of a partner that nobody else knows."""

    def __init__(self, system: System, esims: int = 6) -> None:
        self.newcomer = Newcomer(system)
        self.partner = self.newcomer.partner
        super().__init__(self.newcomer)
        self.plan = new_id("prdoff")
        self._sell()
        sims.load(self.partner, [esim() for _ in range(esims)])
        self.person = add_subscriber(self.newcomer)
        self.subscriber = self.person["id"]

    def _sell(self) -> None:
        change = Transaction()
        change.create(offering(self.plan, "plan", partner=self.partner, validity=MONTH, phone_number_country="DE"))
        change.commit()
