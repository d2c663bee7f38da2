"""The bytecode in the code asset: without it, each cold start would compile all that it imports."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

TASK = "/var/task"
"""Where Lambda unpacks the code; tracebacks name its files there."""
ASK = "import sys; print('python%d.%d' % sys.version_info[:2], sys.executable)"


@cache
def compiler(runtime: str) -> str | None:
    """Return a Python of this machine that is of the runtime's version (``python3.13``), or ``None``, and say so."""
    for candidate in filter(None, (sys.executable, shutil.which(runtime))):
        asked = subprocess.run([candidate, "-c", ASK], check=False, capture_output=True, text=True)  # noqa: S603 - ours
        version, _, executable = asked.stdout.strip().partition(" ")
        if version == runtime:
            return executable
    print(f"There is no {runtime} here, so the code gets no bytecode and starts more slowly.", file=sys.stderr)
    return None


def compile_all(python: str, directory: Path, root: Path) -> None:
    """Compile what is in the directory, always to the same bytes; ``root`` is what Lambda unpacks to its task's folder.

    The bytecode is never compared with its source, which nobody changes there.
    """
    options = ["-q", "-j", "1", "--invalidation-mode", "unchecked-hash", "-s", str(root), "-p", TASK]
    command = [python, "-P", "-m", "compileall", *options, str(directory)]
    subprocess.run(command, check=True, env={"PYTHONHASHSEED": "0"})  # noqa: S603 - ours
