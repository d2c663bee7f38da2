"""The whole system on one machine."""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType


def _leave_out_batch() -> None:
    """Import only the one file of AWS Batch that moto's Step Functions use, without all of Batch and EC2.

    These take two thirds of the time in which everything here is imported.
    """
    moto = find_spec("moto")
    if moto and moto.origin:
        batch = ModuleType("moto.batch")
        batch.__path__ = [str(Path(moto.origin).with_name("batch"))]
        sys.modules.setdefault(batch.__name__, batch)


_leave_out_batch()
