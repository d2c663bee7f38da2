"""The stack of what a stage keeps: everything that would be lost, or missed by somebody else, if it were replaced."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.access import Access, Permission
from infra.clients import ClientTable
from infra.findings import accept
from infra.identity import Identity
from infra.monitoring import AlarmTopic
from infra.sealing import Sealing
from infra.sharing import share
from infra.stage import Stage
from infra.stream import failed_changes
from infra.table import OrderTable


class Data(Stack):
    """Tables, keys, secrets, partners' clients, logs, and the buses and the topic to which others are connected.

    Logical ids and names stay: tests/infra/kept.json lists them. The stack has the stage's own name.
    """

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, stage.prefix, termination_protection=stage.keep_data)
        self._stage = stage
        self.alarms = AlarmTopic(self, stage=stage)
        self.table = OrderTable(self, stage=stage)
        self.clients = ClientTable(self, stage=stage)
        self.sealing = Sealing(self, stage=stage)
        self.identity = Identity(self, stage=stage)
        self.cursors = _secret(
            self,
            stage,
            "Cursor",
            "Seals the cursors of lists.",
            never_rotated="It would break the walks under way; a cursor opens nothing but its own list.",
        )
        self.search = _secret(
            self,
            stage,
            "Search",
            "Hashes the e-mail addresses, ICCIDs and numbers in the table's keys. Never replace it.",
            never_rotated="Under another secret, nothing that was stored before would be found any more.",
        )
        self.failed_changes = failed_changes(self, stage)
        """The name of the bucket."""
        self.bus, self.network_bus = stage.named("events"), stage.named("network")
        """The names of the event buses: for partners' events, and for what only the mobile network may know."""
        for room, name in (("Bus", self.bus), ("NetworkBus", self.network_bus)):
            bus = events.EventBus(self._room(room), "Bus", event_bus_name=name)
            share(self, f"{room}Name", bus.event_bus_name)
        self.access_log = share(self, "AccessLog", self._log_group("Api").log_group_name)

    # Logs are encrypted with CloudWatch's own key. They hold no personal data and no secrets: a key of ours would
    # protect nothing more, and functions could not write while it is disabled.
    def log_group(self, *rooms: str, name: str) -> str:
        """Keep a log under this name, and return the name. It needs no export, so a function can go at any time."""
        self._log_group(*rooms, name=name)
        return name

    def _log_group(self, *rooms: str, name: str | None = None) -> logs.LogGroup:
        return logs.LogGroup(
            self._room(*rooms),
            "Logs",
            log_group_name=name,
            retention=self._stage.log_retention,
            removal_policy=self._stage.removal_policy,
        )

    def _room(self, *names: str) -> Construct:
        """Return the construct with this path, which the logical ids in it are made of."""
        scope: Construct = self
        for name in names:
            found = scope.node.try_find_child(name)
            scope = found if isinstance(found, Construct) else Construct(scope, name)
        return scope


def _secret(scope: Construct, stage: Stage, name: str, description: str, *, never_rotated: str) -> Access:
    """Return access to a random secret: ``CursorSecret`` under the setting ``CURSOR_SECRET_ARN``."""
    secret = secretsmanager.Secret(
        scope,
        f"{name}Secret",
        description=description,
        generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        removal_policy=stage.removal_policy,
    )
    accept(secret, "SMG4", never_rotated)
    arn = share(scope, f"{name}SecretArn", secret.secret_arn)
    return Access({f"{name.upper()}_SECRET_ARN": arn}, (Permission(("secretsmanager:GetSecretValue",), (arn,)),))
