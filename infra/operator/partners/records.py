"""What is kept of each partner and its clients, in the table of functions/identity/clients.py."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, Self
from uuid import uuid4

from pydantic import BaseModel

from functions.identity.clients import STANDARD, Client, ClientSettings, client_key, read_item
from functions.routes import SCOPES
from functions.shared import clock, dynamodb
from functions.shared.marshal import marshal
from functions.shared.moments import Instant
from functions.shared.partners import PartnerName
from functions.shared.records import Key

SAME = "attribute_not_exists(pk) OR partner = :partner"
"""The condition that a client belongs to nobody else."""


class PartnerClient(BaseModel):
    """A client of a partner; one that we have made at Cognito has a ``name`` there."""

    id: str
    created_at: Instant
    name: str | None = None
    ends_at: Instant | None = None
    """From when on it is refused."""

    def works(self, moment: datetime) -> bool:
        """Return whether it is not refused."""
        return self.ends_at is None or moment < self.ends_at

    def ending(self, moment: datetime) -> Self:
        """Return it as it ends at this moment, unless it ends sooner."""
        return self.model_copy(update={"ends_at": min(moment, self.ends_at or moment)})


class Partner(BaseModel):
    """A partner. One that was removed stays, since its data does: nobody else can have its name."""

    name: PartnerName
    tier: str = STANDARD
    status: Literal["active", "disabled", "removed"] = "active"
    changed_at: Instant
    """When it got this status."""
    scopes: tuple[str, ...] = SCOPES
    """What its new clients may do."""
    api_key: str
    """Its value; API Gateway never asks partners for it."""
    api_key_id: str = ""
    former_key_ids: tuple[str, ...] = ()
    """API keys that are to be deleted."""
    clients: tuple[PartnerClient, ...] = ()
    """Those that have ended, too: nobody else can have their ids."""
    number: int = 1
    """Of the newest client or API key that we have made; their names end with it."""
    version: int = 0

    def working(self, moment: datetime) -> list[PartnerClient]:
        """Return the clients that are not refused."""
        return [client for client in self.clients if client.works(moment)]


def read(name: str) -> Partner | None:
    """Return the partner as it is now, or ``None``."""
    item = read_item(_key(name))
    return Partner.model_validate_json(item["document"]) if item else None


def save(partner: Partner, before: Partner | None = None) -> Partner:
    """Write a partner that was read as ``before``, and what the authorizer knows of its clients, all or nothing.

    Raise :class:`~functions.shared.dynamodb.Conflict` if it has changed since, or a client belongs to somebody else.
    """
    new = partner.model_copy(update={"version": partner.version + 1})
    gone = {client.id for client in before.clients} - {client.id for client in new.clients} if before else ()
    writes = [_put_partner(new), *_puts(new), *map(_delete, sorted(gone))]
    request: Any = {"TransactItems": writes, "ClientRequestToken": str(uuid4())}
    dynamodb.while_busy(lambda: dynamodb.client().transact_write_items(**request))
    return new


def let_in(name: str, client_id: str, api_key: str, tier: str = STANDARD) -> Partner:
    """Write a new partner with one client, whose secret is known."""
    now = clock.machine_time()
    client = PartnerClient(id=client_id, created_at=now)
    return save(Partner(name=name, tier=tier, changed_at=now, api_key=api_key, clients=(client,)))


def _key(name: str) -> Key:
    return Key(name, "partner")


def _put_partner(partner: Partner) -> dict[str, Any]:
    item = _key(partner.name)._asdict() | {"version": partner.version, "document": partner.model_dump_json()}
    if partner.version == 1:
        return _put(item, dynamodb.NEW)
    return _put(item, "version = :read", {":read": partner.version - 1})


def _puts(partner: Partner) -> Iterable[dict[str, Any]]:
    for each in partner.clients:
        known = Client(
            partner=partner.name,
            api_key=partner.api_key,
            tier=partner.tier,
            disabled=partner.status != "active",
            ends_at=int(each.ends_at.timestamp()) if each.ends_at else None,
        )
        item = client_key(each.id)._asdict() | known.model_dump(exclude_none=True)
        yield _put(item, SAME, {":partner": partner.name})


def _put(item: dict[str, Any], condition: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
    put = {"TableName": _table(), "Item": marshal(item), "ConditionExpression": condition}
    return {"Put": put | ({"ExpressionAttributeValues": marshal(values)} if values else {})}


def _delete(client_id: str) -> dict[str, Any]:
    return {"Delete": {"TableName": _table(), "Key": marshal(client_key(client_id)._asdict())}}


def _table() -> str:
    return ClientSettings.load().clients_table_name
