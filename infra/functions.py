"""The construct for all Lambda functions, each with its own role, log group and alias."""

from typing import cast

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from functions.routes import ORDER_TYPES, function_name
from functions.shared.metrics import NAMESPACE
from infra.access import TRACES, Access, Permission, environment, permissions_of, role
from infra.bundling import ARCHITECTURE, RUNTIME, Code
from infra.data import Data
from infra.findings import accept, acknowledge
from infra.gateway_body import AUTHORIZER
from infra.monitoring import Monitoring
from infra.names import NEWEST
from infra.stage import Stage

DOOR = Duration.seconds(15)
ORDER_DOORS = tuple(f"functions.orders.{name}" for name in ("place_order", *ORDER_TYPES))
PASSED_BY_ORDERS = {AUTHORIZER, *ORDER_DOORS, "functions.orders.execution_task"}
"""The functions that somebody waits for who orders."""
RESERVING = {
    "functions.identity.authorizer": "authorizer",
    "functions.orders.execution_task": "execution_task",
    "functions.events.changes": "stream",
    "functions.events.clock": "clock",
}
"""The functions on which all others depend, by their names in the stage's settings."""
OWN_RUNTIME = "It is the runtime that the dependencies are bundled for."


class Functions(Construct):
    """All functions of a stage; they share the code assets."""

    def __init__(self, scope: Construct, *, stage: Stage, data: Data, monitoring: Monitoring) -> None:
        super().__init__(scope, "Functions")
        self._stage = stage
        self._data = data
        self._monitoring = monitoring
        self._code = Code()

    def worker(self, module: str, *access: Access, timeout: Duration) -> lambda_.Alias:
        """Return a function for everything else. Nobody may wait for its answer, so only its log tells how it ended."""
        return self._add(module, access, timeout)

    def door(self, module: str, *access: Access, timeout: Duration = DOOR) -> lambda_.Alias:
        """Return a function for requests."""
        return self._add(module, access, timeout, door=True)

    def _add(
        self,
        module: str,
        access: tuple[Access, ...],
        timeout: Duration,
        *,
        door: bool = False,
    ) -> lambda_.Alias:
        name = function_name_of(self._stage, module)
        scope = Construct(self, function_name(module))
        log = self._data.log_group("Functions", function_name(module), name=f"/aws/lambda/{name}")
        log_group = logs.LogGroup.from_log_group_name(scope, "Logs", log)
        function = lambda_.Function(
            scope,
            "Function",
            function_name=name,
            description=module,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            code=self._code.of(module),
            handler=f"{module}.handler",
            memory_size=self._stage.memory,
            timeout=timeout,
            environment=environment(access) | {NAMESPACE: self._stage.prefix},
            role=role(scope, "lambda.amazonaws.com", [TRACES, _lines(log_group), *permissions_of(access)]),
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            snap_start=self._snap_start(module, door=door),
            reserved_concurrent_executions=reserved(self._stage, module),
        )
        accept(function, "L1", OWN_RUNTIME)
        acknowledge(function, "@aws-cdk/aws-lambda:snapStartRequirePublish", "Its alias publishes each version.")
        self._monitoring.read(log_group, kills=not door)
        return function.add_alias(NEWEST)

    def _snap_start(self, module: str, *, door: bool) -> lambda_.SnapStartConf | None:
        passed = module in PASSED_BY_ORDERS
        chosen = {"none": False, "orders": passed, "all": passed or door}[self._stage.snap_start]
        return lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if chosen else None


def function_arn(stage: Stage, module: str) -> str:
    """Return the ARN of a module's function by its alias, also before it exists."""
    return (
        f"arn:{Aws.PARTITION}:lambda:{Aws.REGION}:{Aws.ACCOUNT_ID}:function:{function_name_of(stage, module)}:{NEWEST}"
    )


def reserved(stage: Stage, module: str) -> int | None:
    """Return how many of a module's function run at a time, if the stage reserves that."""
    if stage.reserved_concurrency is None:
        return None
    numbers: dict[str, int] = stage.reserved_concurrency.model_dump()
    return numbers.get(RESERVING.get(module, ""))


def role_of(function: lambda_.IFunction) -> iam.IRole:
    """Return the role of a function of ours: each has one."""
    return cast("iam.IRole", function.role)


def function_name_of(stage: Stage, module: str) -> str:
    """Return the whole name of a module's function."""
    return stage.named(function_name(module))


def _lines(log_group: logs.ILogGroup) -> Permission:
    writing = ("logs:CreateLogStream", "logs:PutLogEvents")
    return Permission(writing, (log_group.log_group_arn,), "Lambda names the streams of the log.")
