"""Accepted findings of cdk-nag, each with its construct and its reason."""

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def accept(construct: IConstruct, finding: str, reason: str) -> None:
    """Accept one AwsSolutions finding, such as ``IAM5[Resource::*]``, on this construct."""
    acknowledge(construct, f"AwsSolutions-{finding}", reason)


def acknowledge(construct: IConstruct, warning: str, reason: str) -> None:
    """Accept a warning of any checker on this construct."""
    Validations.of(construct).acknowledge(Acknowledgment(id=warning, reason=reason))


def rendered(scope: IConstruct, text: str) -> str:
    """Return the text as findings show it: ``<LogicalId.Attribute>`` for values of the deployment, exports' names."""
    return _rendered(Stack.of(scope).resolve(text))


def _rendered(value: Any) -> str:
    match value:
        case {"Fn::ImportValue": name}:
            return str(name)
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(_rendered, parts))
    return str(value)
