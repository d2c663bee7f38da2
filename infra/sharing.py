"""What the stack of a stage's data tells the stack of its system.

Exports protect what they name: CloudFormation neither replaces nor removes what another stack imports. Each has a name
of its own and stays, even if nobody imports it any more: the CDK's automatic exports vanish with their last use, which
CloudFormation refuses, since the other stack is deployed later and still imports them.
"""

from aws_cdk import CfnOutput, Fn, Stack
from constructs import Construct


def share(scope: Construct, name: str, value: str) -> str:
    """Export the value from the scope's stack, and return it as any other stack reads it."""
    CfnOutput(Stack.of(scope), name, value=value, export_name=_export(scope, name))
    return shared(scope, name)


def shared(scope: Construct, name: str) -> str:
    """Return a value of the scope's stack as any other stack reads it, whether it is exported at the moment or not."""
    return Fn.import_value(_export(scope, name))


def _export(scope: Construct, name: str) -> str:
    return f"{Stack.of(scope).stack_name}-{name}"
