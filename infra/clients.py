"""The table of whose a client is: the operator's command writes it, the authorizer reads it, and nobody else does."""

import json
from pathlib import Path
from typing import Any

from constructs import Construct

from infra.access import Access, Permission
from infra.sharing import share
from infra.stage import Stage
from infra.table import kept_table

DEFINITION: dict[str, Any] = json.loads(Path(__file__).with_name("clients.json").read_text())


class ClientTable(Construct):
    """The table and the way to read it."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "Clients")
        table = kept_table(self, "Clients", DEFINITION, stage)
        name, arn = share(self, "ClientsTableName", table.table_name), share(self, "ClientsTableArn", table.table_arn)
        self.reading = Access({"CLIENTS_TABLE_NAME": name}, (Permission(("dynamodb:GetItem",), (arn,)),))
