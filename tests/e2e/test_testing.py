"""The example of a partner's own tests (docs/testing.md) runs as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.server import ROOT, clean_environment

BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_a_partners_own_tests(tmp_path: Path) -> None:
    fixtures, tests = BLOCK.findall((ROOT / "docs" / "testing.md").read_text())
    (tmp_path / "conftest.py").write_text(fixtures)
    (tmp_path / "test_renewal.py").write_text(tests)
    environment = clean_environment() | {"MOBILE_ORDERS": str(ROOT), "MOBILE_ORDERS_PYTHON": sys.executable}
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), "-p", "no:cacheprovider", "-n", "0"]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
