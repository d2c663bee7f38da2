"""The state machines that carry out and undo orders, from infra/state_machines.py."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws, CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.access import TRACES, Access, Permission, role
from infra.buses import NetworkBus
from infra.data import Data
from infra.findings import accept
from infra.monitoring import Monitoring
from infra.stage import Stage
from infra.state_machines import lifecycle, undoing

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
    """The state machines and the ways to use them."""

    def __init__(
        self,
        scope: Construct,
        *,
        stage: Stage,
        task: lambda_.IFunction,
        network: NetworkBus,
        data: Data,
        monitoring: Monitoring,
    ) -> None:
        super().__init__(scope, "Lifecycle")
        self._stage = stage
        self._names = {"TaskFunctionArn": task.function_arn, "NetworkBusName": network.bus.event_bus_name}
        # The prefix keeps the log group out of the resource policy that all log deliveries of a region share.
        log = data.log_group("Lifecycle", name=f"/aws/vendedlogs/states/{stage.named('lifecycle')}")
        self._log_group = logs.LogGroup.from_log_group_name(self, "Logs", log)
        self.role = role(self, "states.amazonaws.com", [TRACES, SAMPLING, LOG_DELIVERY, *_steps(task, network)])
        machine = self._machine("Machine", "lifecycle", lifecycle())
        undo = self._machine("UndoMachine", "undo", undoing())
        for each in (machine, undo):
            monitoring.watch("needs-repair", each.metric_failed())
            monitoring.watch("executions-cut-off", each.metric_aborted(), each.metric_timed_out())
            monitoring.watch("executions-throttled", each.metric_throttled())
        self._give_access(machine, undo)

    def _give_access(self, machine: sfn.StateMachine, undo: sfn.StateMachine) -> None:
        start = Permission(("states:StartExecution",), (machine.state_machine_arn,))
        start_undo = Permission(("states:StartExecution",), (undo.state_machine_arn,))
        executions = (self._executions("lifecycle"), self._executions("undo"))
        look_up = Permission(("states:DescribeExecution",), executions, "An execution is named by its order.")
        arns = {"STATE_MACHINE_ARN": machine.state_machine_arn, "UNDO_STATE_MACHINE_ARN": undo.state_machine_arn}
        for name, arn in (
            ("StateMachineArn", machine.state_machine_arn),
            ("UndoStateMachineArn", undo.state_machine_arn),
        ):
            CfnOutput(Stack.of(self), name, value=arn)
        self.executing = Access(arns, (start,))
        self.undoing = Access(arns, (start_undo, look_up))
        answer = Permission(("states:SendTaskFailure", "states:SendTaskSuccess"), (machine.state_machine_arn,))
        self.answering = Access(permissions=(answer,))

    def _machine(self, construct_id: str, name: str, definition: Mapping[str, Any]) -> sfn.StateMachine:
        text = json.dumps(definition)
        machine = sfn.StateMachine(
            self,
            construct_id,
            state_machine_name=self._stage.named(name),
            definition_body=sfn.DefinitionBody.from_string(text),
            definition_substitutions={name: value for name, value in self._names.items() if f"${{{name}}}" in text},
            role=self.role,
            tracing_enabled=True,
            # The data of an execution may hold what only the network should know.
            logs=sfn.LogOptions(destination=self._log_group, level=sfn.LogLevel.ERROR, include_execution_data=False),
        )
        accept(machine, "SF1", "Errors are logged; every transition is kept in the order's own history.")
        return machine

    def _executions(self, name: str) -> str:
        return f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:execution:{self._stage.named(name)}:*"


def _steps(task: lambda_.IFunction, network: NetworkBus) -> list[Permission]:
    return [Permission(("lambda:InvokeFunction",), (task.function_arn,)), *network.asking.permissions]
