"""``python -m infra.check dev cdk.out/dev``: synthesize a stage, and refuse what cdk-nag or cfn-lint finds in it.

``make deploy`` deploys the very templates that were checked.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from aws_cdk import App
from cdk_nag import AwsSolutionsChecks

from infra.app import build
from infra.asset_contents import ROOT
from infra.stage import WrongStage


def main(stage: str, directory: str) -> int:
    """Return the exit code: 1 if there is a finding or the stage is wrong, which is printed."""
    try:
        app = build(stage, directory)
    except WrongStage as error:
        print(error)
        return 1
    paths = [stack.template_full_path for stack in app.synth().stacks]
    findings = [f"{rule}: {path}" for rule, constructs in nag(app).items() for path in constructs]
    found = "\n".join([*findings, lint(paths)]).strip()
    if found:
        print(f"{found}\nNothing is deployed. Fix this, or accept it with its reason (infra/findings.py).")
    return int(bool(found))


def nag(app: App) -> dict[str, list[str]]:
    """Return what cdk-nag finds and nobody has accepted: rule → paths of constructs."""
    report = AwsSolutionsChecks(verbose=True).validate_scope(app)
    return {
        violation.rule_name: [str(resource.construct_path) for resource in violation.violating_resources]
        for violation in report.violations
    }


def lint(paths: Iterable[str | Path]) -> str:
    """Return what cfn-lint says of the templates; nothing if it finds nothing."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--", *map(str, paths)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)  # noqa: S603 - our linter
    return done.stdout + done.stderr if done.returncode else done.stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
