"""Deploys a stage's two stacks into the emulator, as the CDK's command line does into AWS."""

import io
import json
import py_compile
import sys
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any

from botocore.exceptions import WaiterError

from infra.asset_contents import FUNCTIONS
from infra.bundling import DOCUMENTS
from infra.openapi.published import publish, read
from tests.emulator.differences import Templates, adapt
from tests.emulator.emulator import ACCOUNT, REGION, Emulator

ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"


def deploy(emulator: Emulator, stage: str, stacks: dict[str, dict[str, Any]], scratch: Path) -> dict[str, str]:
    """Deploy the stage from the templates of its stacks, by their names; return the outputs of both."""
    data, system = deepcopy(list(stacks.values()))
    publish(scratch / DOCUMENTS, read())
    adapt(Templates(data, system, stage, emulator.url, str(scratch / DOCUMENTS)))
    _bootstrap(emulator, system, scratch)
    outputs: dict[str, str] = {}
    for name, template in zip(stacks, (data, system), strict=True):
        outputs |= _create(emulator, name, template)
    return outputs


def _bootstrap(emulator: Emulator, system: dict[str, Any], scratch: Path) -> None:
    """Make what ``cdk bootstrap`` makes, and upload the code; what it needs is installed beside the emulator."""
    emulator.client("ssm").put_parameter(Name=BOOTSTRAP, Value="30", Type="String")
    storage = emulator.client("s3")
    storage.create_bucket(Bucket=ASSETS, CreateBucketConfiguration={"LocationConstraint": REGION})
    functions = [each for each in system["Resources"].values() if each["Type"] == "AWS::Lambda::Function"]
    code = _code(scratch)
    for key in {each["Properties"]["Code"]["S3Key"] for each in functions}:
        storage.put_object(Bucket=ASSETS, Key=key, Body=code)


def _code(scratch: Path) -> bytes:
    """Return the code with its bytecode, so that not each of the functions compiles it again."""
    packed = io.BytesIO()
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(FUNCTIONS.rglob("*.py")):
            name = path.relative_to(FUNCTIONS.parent)
            compiled = scratch / "bytecode" / name
            py_compile.compile(str(path), str(compiled), str(name), doraise=True, invalidation_mode=unchecked)
            archive.write(path, name)
            archive.write(compiled, name.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc")
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
