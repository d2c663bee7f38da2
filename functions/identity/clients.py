"""Whose a client of the issuer is: a table of its own, which no function can write (infra/clients.py)."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from functions.shared import dynamodb
from functions.shared.marshal import marshal, unmarshal
from functions.shared.records import Key
from functions.shared.settings import Settings

STANDARD = "standard"
"""The tier of a partner that was added without one."""
MAX_ID_BYTES = 2048
"""DynamoDB refuses to look for anything longer."""


class ClientSettings(Settings):
    """Where clients are kept."""

    clients_table_name: str


class Client(BaseModel):
    """What the authorizer must know of a client."""

    model_config = ConfigDict(frozen=True)

    partner: str
    api_key: str
    tier: str = STANDARD
    disabled: bool = False
    ends_at: int | None = None
    """When it stops being accepted, in seconds of Unix time."""


def client_key(client_id: str) -> Key:
    """Return the key of a client's item."""
    return Key(client_id, "client")


def find(client_id: str) -> Client | None:
    """Return the client as it is now, or ``None`` if no partner has it."""
    if not 0 < len(client_id.encode()) <= MAX_ID_BYTES:
        return None
    item = read_item(client_key(client_id))
    return Client.model_validate(item) if item else None


def read_item(key: Key) -> dict[str, Any] | None:
    """Return an item of the clients' table as it is now, or ``None``."""
    name = ClientSettings.load().clients_table_name
    answer = dynamodb.client().get_item(TableName=name, Key=marshal(key._asdict()), ConsistentRead=True)
    return unmarshal(answer["Item"]) if "Item" in answer else None
