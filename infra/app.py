"""The CDK app, one stage at a time.

The CDK's command line names the stage with ``-c stage=prod``; ``python -m infra.app prod <directory>`` synthesizes it
without the command line.
"""

import json
import sys
from typing import Any

from aws_cdk import App

from infra.data import Data
from infra.names import CDK_JSON
from infra.stack import OrderSystem
from infra.stage import Stage, WrongStage, stage_of


def build(stage: str | None = None, outdir: str | None = None, **settings: Any) -> App:
    """Return the app with the stacks of the stage, or of the context's ``stage``; with further ``settings`` of it.

    Raise :class:`~infra.stage.WrongStage`.
    """
    app = App(context=json.loads(CDK_JSON.read_text())["context"], outdir=outdir)
    name = stage or app.node.get_context("stage")
    stages = app.node.get_context("stages")
    add_stacks(app, stage_of(stages, name, settings))
    return app


def add_stacks(app: App, stage: Stage) -> None:
    """Add what the stage keeps, and what it does with it."""
    OrderSystem(app, stage, Data(app, stage))


if __name__ == "__main__":
    try:
        build(*sys.argv[1:]).synth()
    except WrongStage as error:
        sys.exit(str(error))
