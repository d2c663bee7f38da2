"""The access of functions: settings together with the permissions that they need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.findings import accept, rendered


@dataclass(frozen=True)
class Permission:
    """These actions on these resources and nothing else."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str | None = None
    """Why a resource is, or ends in, ``*``."""
    conditions: Mapping[str, Any] = field(default_factory=dict)

    def statement(self) -> iam.PolicyStatement:
        """Return the policy statement that grants it."""
        return iam.PolicyStatement(
            actions=list(self.actions), resources=list(self.resources), conditions=self.conditions
        )


@dataclass(frozen=True)
class Access:
    """Access to something: environment variables and permissions."""

    settings: Mapping[str, str] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = ()


SAY_FOR_WHOM = {"lambda.amazonaws.com", "states.amazonaws.com"}
"""The services that name the account for which they take a role. API Gateway does not when it takes the role of an
integration: with this condition, every request is answered with a 500
(https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479)."""
TRACES = Permission(("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",), "X-Ray has no resources to name.")


def permissions_of(access: Iterable[Access]) -> list[Permission]:
    """Return all permissions together."""
    return [permission for each in access for permission in each.permissions]


def environment(access: Iterable[Access]) -> dict[str, str]:
    """Return all settings together."""
    return {name: value for each in access for name, value in each.settings.items()}


def role(scope: Construct, service: str, permissions: Sequence[Permission]) -> iam.IRole:
    """Return a role with exactly these permissions."""
    document = iam.PolicyDocument(statements=[permission.statement() for permission in permissions])
    made = iam.Role(scope, "Role", assumed_by=_principal(service), inline_policies={"access": document})
    for permission in permissions:
        if permission.reason:
            for resource in permission.resources:
                accept(made, f"IAM5[Resource::{rendered(made, resource)}]", permission.reason)
    return made.without_policy_updates()


def _principal(service: str) -> iam.ServicePrincipal:
    """Return the service, where it says for whom it acts, on behalf of this account alone."""
    here = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
    return iam.ServicePrincipal(service, conditions=here if service in SAY_FOR_WHOM else {})
