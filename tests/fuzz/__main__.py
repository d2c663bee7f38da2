"""``python -m tests.fuzz``: Schemathesis, with all its checks, against a sandbox of its own."""

import sys

from infra.local import environment

if __name__ == "__main__":
    environment.prepare("http://127.0.0.1:8080")
    from tests.fuzz.run import fuzz
    from tests.support.server import running

    with running() as server:
        sys.exit(fuzz(server.url, sys.argv[1:]).returncode)
