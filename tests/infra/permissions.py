"""docs/permissions.md: who may do what, read out of the templates. ``python -m tests.infra.permissions`` writes it."""

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from infra.asset_contents import ROOT
from tests.infra.template import Template, as_list, target

PAGE = ROOT / "docs" / "permissions.md"
INTRODUCTION = """\
# Who may do what

Every permission of both stages, read out of their templates; a test compares this page with them, and
`.venv/bin/python -m tests.infra.permissions` writes it anew. Functions are named by their modules, resources by their
names in the templates. What only one stage has is marked with its name: `dev` has the simulated network.

Beside these, every function and both state machines write their own log and their traces (`logs:CreateLogStream`,
`logs:PutLogEvents`, `xray:Put…`, for state machines `logs:…LogDelivery`), which is all that is allowed on `*`. Lambda
and Step Functions take their roles for this account alone (`aws:SourceAccount`). API Gateway does not say for which
account it takes the role of an integration; its role may do nothing but call the functions behind the API.
"""
GRANTS = "\n## Permissions\n\n| on | who | may |\n|---|---|---|\n"
POLICIES = "\n## What the resources themselves say\n\n| resource | whom | what | if |\n|---|---|---|---|\n"
OWN_LOG = ("logs:", "xray:")
HASH = re.compile(r"[0-9A-F]{8}$")


class Grant(NamedTuple):
    """Actions on a resource, under a condition."""

    resource: str
    actions: tuple[str, ...]
    condition: str


def page(stages: Mapping[str, Template]) -> str:
    """Return the page for the stages."""
    return INTRODUCTION + GRANTS + _grants(stages) + POLICIES + _policies(stages)


def _grants(stages: Mapping[str, Template]) -> str:
    holders: dict[Grant, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for stage, template in stages.items():
        for role, grant in _all_grants(template):
            holders[grant][role].add(stage)
    lines = []
    for grant in sorted(holders):
        who = ", ".join(_marked(role, found, stages) for role, found in sorted(holders[grant].items()))
        condition = f" if {grant.condition}" if grant.condition else ""
        lines.append(f"| {grant.resource} | {who} | {', '.join(grant.actions)}{condition} |\n")
    return "".join(lines)


def _all_grants(template: Template) -> Iterator[tuple[str, Grant]]:
    names = _roles(template)
    for role in template.of("IAM::Role"):
        for statement in template.statements(role):
            actions = tuple(sorted(each for each in as_list(statement["Action"]) if not each.startswith(OWN_LOG)))
            for resource in as_list(statement["Resource"]):
                if actions:
                    yield names[role], Grant(_shown(resource), actions, _condition(statement))


def _roles(template: Template) -> dict[str, str]:
    """Return whose each role is, by its logical id."""
    names = {role: f"`{HASH.sub('', role)}`" for role in template.of("IAM::Role")}
    names |= {
        target(function["Role"]): f"`{module.removeprefix('functions.')}`"
        for module, function in template.functions().items()
    }
    machines = template.of("StepFunctions::StateMachine").values()
    return names | {target(machine["RoleArn"]): "the state machines" for machine in machines}


def _policies(stages: Mapping[str, Template]) -> str:
    rows: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for stage, template in stages.items():
        for resource, statement in _resource_statements(template):
            principal = statement["Principal"]
            named = as_list(principal) if isinstance(principal, str) else next(map(as_list, principal.values()))
            whom = ", ".join(map(_shown, named))
            what = f"{statement['Effect']} {', '.join(as_list(statement['Action']))}"
            rows[resource, whom, what, _condition(statement)].add(stage)
    return "".join(
        f"| {_marked(resource, found, stages)} | {whom} | {what} | {condition} |\n"
        for (resource, whom, what, condition), found in sorted(rows.items())
    )


def _resource_statements(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, policy in template.of("Events::EventBusPolicy").items():
        yield f"`{HASH.sub('', name)}`", policy["Statement"]
    for kind in ("KMS::Key", "SQS::QueuePolicy", "SNS::TopicPolicy", "S3::BucketPolicy"):
        for name, made in template.of(kind).items():
            document = made["KeyPolicy"] if kind == "KMS::Key" else made["PolicyDocument"]
            for statement in document["Statement"]:
                yield f"`{HASH.sub('', name)}`", statement
    for permission in template.of("Lambda::Permission").values():
        whose = {"Condition": {"ArnLike": {"AWS:SourceArn": permission["SourceArn"]}}}
        allowed = {"Effect": "Allow", "Action": permission["Action"], "Principal": permission["Principal"]}
        yield _shown(permission["FunctionName"]), allowed | whose


def _condition(statement: Mapping[str, Any]) -> str:
    conditions = [
        f"{operator} {key} {', '.join(_shown(value) for value in as_list(values))}"
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    ]
    return " and ".join(conditions)


def _marked(name: str, found: set[str], stages: Mapping[str, Template]) -> str:
    return name if found == stages.keys() else f"{name} ({', '.join(sorted(found))})"


def _shown(value: Any) -> str:
    """Return a reference as the resource's name, and an ARN without account and region."""
    match value:
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return f"`{HASH.sub('', name)}`" if not name.startswith("AWS::") else name.removeprefix("AWS::")
        case {"Fn::Join": [_, parts]}:
            text = "".join(part if isinstance(part, str) else _shown(part).strip("`") for part in parts)
            return f"`{_short(text)}`"
    return f"`{value}`"


def _short(text: str) -> str:
    named = re.sub(r"^arn:Partition:([a-z0-9]+):(Region)?:(AccountId)?:", r"\1:", text)
    named = re.sub("mobile-orders-(dev|prod)", "…", named)
    return re.sub("^lambda:function:….*:live$", "every function behind the API", named)


def _synthesized(stage: str, directory: str) -> Template:
    from infra.app import build  # noqa: PLC0415 - needs Node
    from tests.infra.conftest import ALARM_TOPIC  # noqa: PLC0415 - likewise
    from tests.infra.template import synthesized  # noqa: PLC0415 - likewise

    told = {"alarm_topic": ALARM_TOPIC} if stage == "prod" else {}
    return synthesized(build(stage, directory, **told)).template


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        PAGE.write_text(page({stage: _synthesized(stage, str(Path(scratch, stage))) for stage in ("dev", "prod")}))
