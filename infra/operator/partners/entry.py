"""What lets a partner in: clients and API keys, made and taken away again."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import NamedTuple

from functions.identity import clients
from infra.names import stack_name
from infra.operator import deployed
from infra.operator.outcomes import Refused
from infra.operator.partners.api_keys import ApiKey, ApiKeys
from infra.operator.partners.cognito import Pool
from infra.operator.partners.records import Partner, PartnerClient
from infra.operator.printing import print_line


class Entry(NamedTuple):
    """A stage's gateway and, unless it has an issuer of its own, its user pool."""

    keys: ApiKeys
    pool: Pool | None

    @classmethod
    def of(cls, stage: str) -> "Entry":
        """Return that of a deployed stage."""
        pool_id = deployed.outputs(stack_name(stage)).get("UserPoolId")
        return cls(ApiKeys(stage), Pool(pool_id) if pool_id else None)

    def make_key(self, partner: str, number: int, tier: str, undo: ExitStack) -> ApiKey:
        """Return the partner's API key of this number."""
        key = self.keys.ensure(f"{partner}.{number}", tier)
        if key.new:
            undo.callback(self.keys.delete, key.id)
        return key

    def make_client(self, partner: Partner, client_id: str | None, now: datetime, undo: ExitStack) -> PartnerClient:
        """Return the partner's next client: the issuer's with this id, or a new one of the pool.

        The secret of a new one is shown, before anything says that the client is the partner's: if the command is
        interrupted then, the next one shows it again.
        """
        if client_id:
            _require_free(partner.name, client_id)
            return PartnerClient(id=client_id, created_at=now)
        if not self.pool:
            raise Refused("the stage has an issuer of its own: make the client there, and name it with --client-id")
        name = f"{partner.name}.{partner.number}"
        made = self.pool.ensure(name, partner.scopes)
        if made.new:
            undo.callback(self.pool.delete, made.id)
        _show_secret(self.pool.id, made.id, made.secret)
        return PartnerClient(id=made.id, created_at=now, name=name)

    def delete_client(self, client: PartnerClient) -> None:
        """Delete a client that we have made; others belong to somebody else."""
        if client.name and self.pool:
            self.pool.delete(client.id)


@contextmanager
def undone_if_refused() -> Iterator[ExitStack]:
    """Undo what was made if the command is refused; if something fails, the same command finds it and goes on."""
    undo = ExitStack()
    try:
        yield undo
    except Refused:
        undo.close()
        raise


def _require_free(partner: str, client_id: str) -> None:
    known = clients.find(client_id)
    if known and known.partner != partner:
        raise Refused(f"the client {client_id} belongs to another partner")


def _show_secret(pool_id: str, client_id: str, secret: str) -> None:
    """Print a secret for the partner: on a terminal alone, as anything else may be kept."""
    if sys.stdout.isatty():
        print_line(f"client id {client_id}, secret {secret} (not shown again)")
        return
    print_line(f"client id {client_id}; its secret is shown on a terminal only, and by")
    print_line(f"aws cognito-idp describe-user-pool-client --user-pool-id {pool_id} --client-id {client_id}")
