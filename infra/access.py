"""What a function is given: settings together with the permissions that make them useful."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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

    def statement(self) -> iam.PolicyStatement:
        """Return the policy statement that grants it."""
        return iam.PolicyStatement(actions=list(self.actions), resources=list(self.resources))


@dataclass(frozen=True)
class Access:
    """Something that a function may use: what it must know (environment) and may do (policy)."""

    settings: Mapping[str, str] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = ()


TRACES = Permission(("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",), "X-Ray has no resources to name.")


def permissions_of(access: Iterable[Access]) -> list[Permission]:
    """Return all permissions together."""
    return [permission for each in access for permission in each.permissions]


def environment(access: Iterable[Access]) -> dict[str, str]:
    """Return all settings together."""
    return {name: value for each in access for name, value in each.settings.items()}


def role(scope: Construct, service: str, permissions: Sequence[Permission]) -> iam.IRole:
    """Return a role with these permissions; nothing can be attached to it later without being seen."""
    document = iam.PolicyDocument(statements=[permission.statement() for permission in permissions])
    made = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal(service), inline_policies={"access": document})
    for permission in permissions:
        if permission.reason:
            for resource in permission.resources:
                accept(made, f"IAM5[Resource::{rendered(made, resource)}]", permission.reason)
    return made.without_policy_updates()
