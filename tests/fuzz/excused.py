"""Which refusals of valid data the state of things excuses."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

EXCUSED = {
    operation: set(faults)
    for operation, faults in tomllib.loads(Path(__file__).with_name("excused.toml").read_text()).items()
}
"""Operation → the faults, each a code or a code with the place where it is."""


def is_excused(operation: str, fault: Mapping[str, str]) -> bool:
    """Whether an operation may refuse valid data with this fault."""
    place = re.sub(r"\[\d+\]", "[]", fault.get("pointer", ""))
    return bool(EXCUSED.get(operation, set()) & {fault["code"], f"{fault['code']} {place}"})
