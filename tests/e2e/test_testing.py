"""The example of a partner's own tests (docs/testing.md) runs as it stands there, with what its CI sets."""

import subprocess
import sys
from pathlib import Path

from infra.local.folder import Folder
from infra.local.keeping import ITEM
from tests.support.server import ROOT, clean_environment


def test_a_partners_own_tests(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / ".ci" / "example.py")], cwd=tmp_path, check=True)  # noqa: S603 - ours
    data = tmp_path / "sandbox"
    environment = clean_environment() | {
        "MOBILE_ORDERS": str(ROOT),
        "MOBILE_ORDERS_PYTHON": sys.executable,
        "DATA": str(data),
    }
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), "-p", "no:cacheprovider", "-n", "0"]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
    kept = Folder(data)
    assert [item for item in kept.all(ITEM).values() if item.get("kind") == {"S": "order"}], "it is a bug report"
    kept.stop()
