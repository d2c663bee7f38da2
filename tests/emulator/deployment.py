"""Deploys a stage's two stacks into the emulator, as the CDK's command line does into AWS."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import WaiterError

from infra.app import build
from infra.asset_contents import FUNCTIONS
from infra.bundling import DOCUMENTS
from infra.gateway_body import ANY, AUTHORIZER
from infra.names import stack_name, system_name
from infra.openapi.published import publish, read
from tests.emulator.emulator import ACCOUNT, REGION, Emulator

ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
METHODS = ("delete", "get", "head", "options", "patch", "post", "put")
ABOUT = "functions.about"
ANSWERS = "functions.events.answers"


@dataclass(frozen=True)
class Issuer:
    """Whom the authorizer trusts in the emulator, whose user pools have neither an address nor keys."""

    url: str
    jwks_url: str


def deploy(emulator: Emulator, stage: str, directory: Path, issuer: Issuer) -> dict[str, str]:
    """Deploy the stage, and return the outputs of both stacks."""
    templates = {stack.stack_name: stack.template for stack in build(stage, str(directory)).synth().stacks}
    data, system = templates[stack_name(stage)], templates[system_name(stage)]
    data["Outputs"]["Issuer"]["Value"] = issuer.url
    publish(directory / DOCUMENTS, read())
    _differ(system, issuer, directory / DOCUMENTS)
    _bootstrap(emulator, system)
    outputs: dict[str, str] = {}
    for name in (stack_name(stage), system_name(stage)):
        outputs |= _create(emulator, name, templates[name])
    return outputs


def _differ(system: dict[str, Any], issuer: Issuer, documents: Path) -> None:
    """Change what the emulator cannot do: it knows no keys of user pools, and not whose a task token is.

    Its import of a body knows neither ANY nor binary types (nor error responses, the key source and credentials), and
    it unpacks code elsewhere than Lambda.
    """
    (api,) = _of(system, "AWS::ApiGateway::RestApi")
    api["Properties"]["BinaryMediaTypes"] = api["Properties"]["Body"]["x-amazon-apigateway-binary-media-types"]
    for operations in api["Properties"]["Body"]["paths"].values():
        elsewhere = operations.pop(ANY)
        operations |= {method: operations.get(method, elsewhere) for method in METHODS}
    functions = {each["Properties"]["Handler"]: each["Properties"] for each in _of(system, "AWS::Lambda::Function")}
    functions[f"{ABOUT}.handler"]["Environment"]["Variables"]["DOCUMENTS"] = str(documents)
    functions[f"{AUTHORIZER}.handler"]["Environment"]["Variables"]["JWKS_URL"] = issuer.jwks_url
    role = system["Resources"][functions[f"{ANSWERS}.handler"]["Role"]["Fn::GetAtt"][0]]
    for policy in role["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            if "states:SendTaskSuccess" in statement["Action"]:
                statement["Resource"] = "*"


def _bootstrap(emulator: Emulator, system: dict[str, Any]) -> None:
    """Make what ``cdk bootstrap`` makes, and upload the code; what it needs is installed beside the emulator."""
    emulator.client("ssm").put_parameter(Name=BOOTSTRAP, Value="30", Type="String")
    storage = emulator.client("s3")
    storage.create_bucket(Bucket=ASSETS, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in {each["Properties"]["Code"]["S3Key"] for each in _of(system, "AWS::Lambda::Function")}:
        storage.put_object(Bucket=ASSETS, Key=key, Body=_code())


def _code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(FUNCTIONS.rglob("*.py")):
            archive.write(path, path.relative_to(FUNCTIONS.parent))
    return packed.getvalue()


def _create(emulator: Emulator, name: str, template: dict[str, Any]) -> dict[str, str]:
    formation = emulator.client("cloudformation")
    emulator.client("s3").put_object(Bucket=ASSETS, Key=name, Body=json.dumps(template).encode())
    url = f"https://s3.{REGION}.amazonaws.com/{ASSETS}/{name}"
    formation.create_stack(StackName=name, TemplateURL=url, Capabilities=["CAPABILITY_NAMED_IAM"])
    try:
        formation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
    except WaiterError as error:
        events = formation.describe_stack_events(StackName=name)["StackEvents"]
        raise AssertionError([event for event in events if "FAILED" in event["ResourceStatus"]]) from error
    (made,) = formation.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in made.get("Outputs", ())}


def _of(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [resource for resource in template["Resources"].values() if resource["Type"] == kind]
