"""Where the emulator differs from AWS: one line each, which changes the templates before they are deployed there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from infra.gateway_body import ANY
from tests.infra.template import as_list

METHODS = ("delete", "get", "head", "options", "patch", "post", "put")


@dataclass(frozen=True)
class Templates:
    """Both templates of a stage, where they go, and where their code finds the published documents."""

    data: dict[str, Any]
    system: dict[str, Any]
    stage: str
    emulator: str
    documents: str

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of a kind, by their logical ids."""
        resources = self.data["Resources"] | self.system["Resources"]
        return {
            name: each.setdefault("Properties", {})
            for name, each in resources.items()
            if each["Type"] == f"AWS::{kind}"
        }

    def only(self, kind: str) -> tuple[str, dict[str, Any]]:
        """Return the logical id and the properties of the one resource of a kind."""
        (found,) = self.of(kind).items()
        return found

    def output(self, name: str, value: Any) -> None:
        """Replace what the stack of data tells the other one."""
        self.data["Outputs"][name]["Value"] = value

    def setting(self, name: str, value: Any) -> None:
        """Replace a setting of every function that has it."""
        for function in self.of("Lambda::Function").values():
            settings = function.get("Environment", {}).get("Variables", {})
            settings |= {name: value} if name in settings else {}

    def operations(self) -> Iterator[dict[str, dict[str, Any]]]:
        """Yield the operations of each path of the gateway, by their methods."""
        yield from self.only("ApiGateway::RestApi")[1]["Body"]["paths"].values()

    def statements(self) -> Iterator[dict[str, Any]]:
        """Yield what the roles' policies say."""
        for role in self.of("IAM::Role").values():
            for policy in role.get("Policies", ()):
                yield from policy["PolicyDocument"]["Statement"]


def _joined(*parts: Any) -> dict[str, Any]:
    return {"Fn::Join": ["", list(parts)]}


def _issuer(templates: Templates) -> None:
    pool, _ = templates.only("Cognito::UserPool")
    templates.output("Issuer", _joined("https://", {"Fn::GetAtt": [pool, "ProviderName"]}))


def _keys(templates: Templates) -> None:
    templates.data["Outputs"]["UserPoolId"]["Export"] = {"Name": "UserPoolId"}
    pool = {"Fn::ImportValue": "UserPoolId"}
    templates.setting("JWKS_URL", _joined(templates.emulator, "/", pool, "/.well-known/jwks.json"))


def _secrets(templates: Templates) -> None:
    for secret in templates.of("SecretsManager::Secret"):
        for output in templates.data["Outputs"].values():
            output["Value"] = {"Fn::GetAtt": [secret, "Id"]} if output["Value"] == {"Ref": secret} else output["Value"]


def _address(templates: Templates) -> None:
    api, _ = templates.only("ApiGateway::RestApi")
    templates.setting(
        "PUBLIC_URL", _joined(templates.emulator, "/restapis/", {"Ref": api}, f"/{templates.stage}/_user_request_")
    )


def _methods(templates: Templates) -> None:
    for operations in templates.operations():
        elsewhere = operations.pop(ANY)
        operations |= {method: operations.get(method, elsewhere) for method in METHODS}


def _keyless(templates: Templates) -> None:
    for operations in templates.operations():
        for operation in operations.values():
            operation["security"] = [each for each in operation.get("security", ()) if "api_key" not in each]


def _pictures(templates: Templates) -> None:
    _, api = templates.only("ApiGateway::RestApi")
    api["BinaryMediaTypes"] = api["Body"]["x-amazon-apigateway-binary-media-types"]


def _batches(templates: Templates) -> None:
    for statement in templates.statements():
        if "sqs:SendMessage" in statement["Action"]:
            statement["Action"] = [*as_list(statement["Action"]), "sqs:SendMessageBatch"]


def _plain_http(templates: Templates) -> None:
    for kind in ("SQS::QueuePolicy", "S3::BucketPolicy", "SNS::TopicPolicy"):
        for policy in templates.of(kind).values():
            statements = policy["PolicyDocument"]["Statement"]
            statements[:] = [each for each in statements if "aws:SecureTransport" not in str(each)]


def _without(templates: Templates, kind: str) -> None:
    for template in (templates.data, templates.system):
        kept = {name: each for name, each in template["Resources"].items() if each["Type"] != f"AWS::{kind}"}
        template["Resources"] = kept


def _unconditional(templates: Templates) -> None:
    for statement in templates.statements():
        statement.pop("Condition", None)


def _tokens_of_tasks(templates: Templates) -> None:
    for statement in templates.statements():
        if "states:SendTaskSuccess" in statement["Action"]:
            statement["Resource"] = "*"


DIFFERENCES: dict[str, Callable[[Templates], None]] = {
    "A user pool has no attribute ProviderURL.": _issuer,
    "The keys of a user pool are on this machine.": _keys,
    "Its tokens are issued on this machine.": lambda t: t.output("TokenUrl", f"{t.emulator}/oauth2/token"),
    "The reference to a secret is its name instead of its ARN.": _secrets,
    "The API's address is on this machine.": _address,
    "Webhooks may lead to this machine.": lambda t: t.setting("ALLOW_PRIVATE_WEBHOOKS", "true"),
    "Code is unpacked elsewhere than in /var/task.": lambda t: t.setting("DOCUMENTS", t.documents),
    "The gateway's import does not know ANY.": _methods,
    "It does not know binary types.": _pictures,
    "The API key does not come from the authorizer.": _keyless,
    "To send messages as a batch is a permission of its own.": _batches,
    "There is no TLS, which the policies of resources require.": _plain_http,
    "It does not know policies of event buses.": lambda t: _without(t, "Events::EventBusPolicy"),
    "IAM does not know the conditions of KMS and EventBridge.": _unconditional,
    "The token of a task does not tell its state machine.": _tokens_of_tasks,
}
"""What is not as in AWS → the change that makes up for it."""


def adapt(templates: Templates) -> None:
    """Make up for all of them."""
    for change in DIFFERENCES.values():
        change(templates)
