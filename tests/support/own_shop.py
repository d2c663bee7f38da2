"""A partner of a test's own that has and sells all that the sandbox's partners do."""

from infra.local.seed import Seed
from infra.local.system import System
from infra.operator.partners.records import let_in
from tests.support.client import Client
from tests.support.shop import Shop


class OwnShop(Shop):
    """A shop for which nothing happens but what its test does. Its number distinguishes its SIMs from others."""

    def __init__(self, system: System, name: str, number: int, esims: int = 60) -> None:
        let_in(name, name, api_key=f"{name}-api-key")
        Seed(esims).partner(name, number)
        super().__init__(Client(system, name))
        self.name = name
