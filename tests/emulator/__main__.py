"""``make emulate``: deploy a stage into an emulator of AWS, run the smoke test there, and leave it to be looked at."""

import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Event

from infra.app import build
from infra.smoke import __main__ as smoke
from tests.emulator.differences import DIFFERENCES
from tests.emulator.emulator import emulator
from tests.emulator.stage import Stage, deployed

LEFT = """
The stage {name} runs until Ctrl-C.
  API={url}
  CLIENT_ID={id} CLIENT_SECRET={secret}
For the AWS command line and the operator's commands (make show STAGE={name} …):
  export {environment}
What is not as on AWS:
{differences}"""


def main(name: str) -> int:
    """Run the stage until it is interrupted; return the exit code of the smoke test."""
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        app = build(name, str(scratch / "cdk.out"))
        with emulator(scratch / "emulator.log") as running:
            code = _show(deployed(running, name, app, scratch))
            with suppress(KeyboardInterrupt):
                Event().wait()
    return code


def _show(stage: Stage) -> int:
    """Run the smoke test, and print how the stage is reached."""
    client = stage.let_in()
    code = smoke.main([stage.url], {"CLIENT_ID": client.id, "CLIENT_SECRET": client.secret})
    environment = " ".join(f"{setting}={value}" for setting, value in stage.emulator.environment.items())
    differences = "\n".join(f"  {each}" for each in DIFFERENCES)
    reached = {"name": stage.name, "url": stage.url, "id": client.id, "secret": client.secret}
    print(LEFT.format(environment=environment, differences=differences, **reached), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
