"""The state machine that fulfils orders, as infra/lifecycle.asl.json defines it."""

from pathlib import Path

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.access import TRACES, Access, Permission, role
from infra.findings import accept
from infra.monitoring import Monitoring
from infra.stage import Stage

DEFINITION = Path(__file__).with_name("lifecycle.asl.json")
LOG_DELIVERY = Permission(
    (
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ),
    ("*",),
    "Log delivery has no resources to name.",
)
SAMPLING = Permission(("xray:GetSamplingRules", "xray:GetSamplingTargets"), ("*",), TRACES.reason)


class Lifecycle(Construct):
    """The state machine and the ways to use it."""

    def __init__(
        self,
        scope: Construct,
        *,
        stage: Stage,
        fulfil: lambda_.IFunction,
        bus: events.IEventBus,
        monitoring: Monitoring,
    ) -> None:
        super().__init__(scope, "Lifecycle")
        self.machine = _machine(self, stage, fulfil, bus, monitoring)
        arn = self.machine.state_machine_arn
        executions = f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:execution:{stage.named('lifecycle')}:*"
        start = Permission(("states:StartExecution",), (arn,))
        look_up = Permission(("states:DescribeExecution",), (executions,), "An execution is named by its order.")
        self.executing = Access({"STATE_MACHINE_ARN": arn}, (start, look_up))
        self.answering = Access(permissions=(Permission(("states:SendTaskFailure", "states:SendTaskSuccess"), (arn,)),))
        monitoring.alarm(
            self,
            self.machine.metric_failed(period=Duration.minutes(1)),
            "An order could be neither completed nor undone: it needs repair.",
        )


def _machine(
    scope: Construct, stage: Stage, fulfil: lambda_.IFunction, bus: events.IEventBus, monitoring: Monitoring
) -> sfn.StateMachine:
    # The prefix keeps the log group out of the resource policy that all log deliveries of a region share.
    log_group = monitoring.log_group(scope, f"/aws/vendedlogs/states/{stage.named('lifecycle')}")
    machine = sfn.StateMachine(
        scope,
        "Machine",
        state_machine_name=stage.named("lifecycle"),
        definition_body=sfn.DefinitionBody.from_string(DEFINITION.read_text()),
        definition_substitutions={"FulfilFunctionArn": fulfil.function_arn, "BusName": bus.event_bus_name},
        role=role(scope, "states.amazonaws.com", [TRACES, SAMPLING, LOG_DELIVERY, *_steps(fulfil, bus)]),
        tracing_enabled=True,
        # The data of an execution may hold what only the network should know.
        logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ERROR, include_execution_data=False),
    )
    accept(machine, "SF1", "Errors are logged; every transition is kept in the order's own history.")
    return machine


def _steps(fulfil: lambda_.IFunction, bus: events.IEventBus) -> list[Permission]:
    return [
        Permission(("lambda:InvokeFunction",), (fulfil.function_arn,)),
        Permission(("events:PutEvents",), (bus.event_bus_arn,)),
    ]
