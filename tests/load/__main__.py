"""``make load``: many partners order, and one of them floods."""

import sys

from infra.local import environment
from tests.support.server import free_port

if __name__ == "__main__":
    url = f"http://127.0.0.1:{free_port()}"
    environment.prepare(url)
    from tests.load.run import main

    try:
        sys.exit(main(sys.argv[1:], url))
    except KeyboardInterrupt:
        sys.exit(130)
