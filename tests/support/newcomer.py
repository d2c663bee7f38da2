"""A partner of a test's own, with nothing but what the test gives it."""

from uuid import uuid4

from infra.local.system import System
from infra.operator.partners.records import let_in
from tests.support.client import Client


class Newcomer(Client):
    """A client of a partner that nobody else knows."""

    def __init__(self, system: System) -> None:
        self.partner = f"newcomer-{uuid4()}"
        let_in(self.partner, self.partner, api_key=f"{self.partner}-api-key")
        super().__init__(system, self.partner)
