"""The workflows of GitHub call what there is, in the right order."""

import json
import re
from typing import Any

import yaml

from infra.asset_contents import ROOT
from infra.names import CDK_JSON

WORKFLOWS = ROOT / ".github" / "workflows"


def _jobs(name: str) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load((WORKFLOWS / name).read_text())["jobs"]
    return jobs


def test_every_stage_is_deployed_after_the_one_before_it() -> None:
    stages = list(json.loads(CDK_JSON.read_text())["context"]["stages"])
    jobs = _jobs("deploy.yml")
    assert [job["with"]["stage"] for job in jobs.values()] == list(jobs) == stages == ["dev", "staging", "prod"]
    assert [job.get("needs") for job in jobs.values()] == [None, *stages[:-1]]
    assert "workflow_run.conclusion == 'success'" in jobs["dev"]["if"]


def test_a_stage_is_deployed_without_a_key_of_aws_and_then_tried() -> None:
    workflow = yaml.safe_load((WORKFLOWS / "deploy-stage.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    assert job["environment"] == "${{ inputs.stage }}"
    made = re.findall(r"make ([a-z-]+)", "\n".join(step.get("run", "") for step in job["steps"]))
    assert made == ["deploy", "smoke"]
    assert "AWS_SECRET_ACCESS_KEY" not in str(job)


def test_the_code_gets_bytecode_of_lambdas_version() -> None:
    (job,) = _jobs("deploy-stage.yml").values()
    (python,) = (step for step in job["steps"] if "setup-python" in step.get("uses", ""))
    assert python["with"]["python-version"] == "3.13"


def test_workflows_call_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in WORKFLOWS.glob("*.yml"):
        called = re.findall(r"make ([a-z][a-z-]+)", " ".join(_runs(yaml.safe_load(path.read_text()))))
        assert set(called) <= targets, path.name


def _runs(workflow: dict[str, Any]) -> list[str]:
    return [step.get("run", "") for job in workflow["jobs"].values() for step in job.get("steps", ())]
