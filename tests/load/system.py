"""The system under load: DynamoDB Local, the functions in processes of their own, and the local gateway before them."""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

import infra
from functions.routes import SCOPES
from functions.shared import dynamodb, search_keys
from infra.local import environment
from infra.local.gateway import Gateway
from infra.local.identity import IdentityProvider
from infra.local.patches import replaced
from infra.local.secrets import new_signing_key
from infra.local.server import Server
from tests.load.partners import api_key
from tests.load.remote import Remote
from tests.load.surroundings import Services, TableStream
from tests.load.worker import SECRET
from tests.races.dynamodb_local import PATIENT, dynamodb_local
from tests.support.store import DEFINITION

CLIENTS = json.loads((Path(infra.__file__).parent / "clients.json").read_text())
EXPECTED_SECONDS = "300"
"""An order has as long as in AWS: the sandbox's three seconds are for a system with nothing to do."""


@dataclass(frozen=True)
class System:
    """What partners reach at ``url``, each with its token."""

    url: str
    tokens: Mapping[str, str]
    services: Services
    stream: TableStream
    gateway: Gateway

    def limit(self, rate: int) -> None:
        """Let every partner send this many requests a second, and twice as many at once."""
        for partner in self.tokens:
            self.gateway.throttle.limit(api_key(partner), rate, 2 * rate)
        self.gateway.throttle.refill()


@contextmanager
def running(url: str, partners: Sequence[str], processes: int) -> Iterator[System]:
    """Start it at this URL, for which the environment is prepared; end it with the block."""
    with ExitStack() as stack:
        table = stack.enter_context(dynamodb_local())
        stack.enter_context(replaced(search_keys, "_secret", lambda _: lambda: SECRET))
        identity = IdentityProvider(url, new_signing_key())
        identity.start()
        stack.callback(identity.stop)
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = table
        store: Any = boto3.client("dynamodb", endpoint_url=table, config=PATIENT)
        stack.enter_context(replaced(dynamodb, "client", lambda _: lambda: store))
        os.environ |= {"JWKS_URL": identity.jwks_url, "EXPECTED_WITHIN_SECONDS": EXPECTED_SECONDS}
        for name, definition in ((environment.TABLE, DEFINITION), (environment.CLIENTS, CLIENTS)):
            store.create_table(TableName=name, **definition)
        services = Services()
        functions = Remote(processes, services.hear)
        services.functions = functions
        stream = TableStream(table, functions)
        gateway = Gateway(functions)
        server = Server(urlsplit(url).port or 0)
        for end in (functions.stop, services.stop, stream.stop, server.stop):
            stack.callback(end)
        stream.start()
        server.start(gateway.handle)
        tokens = {name: identity.issue(name, SCOPES) for name in partners}
        try:
            yield System(url, tokens, services, stream, gateway)
        except BaseException:
            logging.disable()  # what is cut off now fails as it must
            raise
