"""What the stack of a stage's data tells the stack of its system.

Exports protect what they name: CloudFormation neither replaces nor removes what another stack imports. Each has a name
of its own and stays, even if nobody imports it any more: the CDK's automatic exports vanish with their last use, which
CloudFormation refuses, since the other stack is deployed later and still imports them.
"""

from aws_cdk import CfnOutput, Fn, Stack
from constructs import Construct


def share(scope: Construct, name: str, value: str) -> str:
    """Export the value from the scope's stack, and return it as any other stack reads it."""
    export = f"{Stack.of(scope).stack_name}-{name}"
    CfnOutput(Stack.of(scope), name, value=value, export_name=export)
    return Fn.import_value(export)
