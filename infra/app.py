"""The CDK app, one stage at a time.

The CDK's command line names the stage with ``-c stage=prod``; ``python -m infra.app prod <directory>`` synthesizes it
without the command line.
"""

import json
import sys
from pathlib import Path

from aws_cdk import App

from infra.stack import OrderSystem
from infra.stage import stage_of

CDK_JSON = Path(__file__).parent.parent / "cdk.json"


def build(stage: str | None = None, outdir: str | None = None) -> tuple[App, OrderSystem]:
    """Return the app with the stack of the stage, or of the context's ``stage``."""
    app = App(context=json.loads(CDK_JSON.read_text())["context"], outdir=outdir)
    name = stage or app.node.get_context("stage")
    stack = OrderSystem(app, stage_of({"stages": app.node.get_context("stages")}, name))
    return app, stack


if __name__ == "__main__":
    app, _ = build(*sys.argv[1:])
    app.synth()
