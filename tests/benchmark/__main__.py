"""``make bench``: measure and count, and write the tables and the picture of docs/performance.md anew.

It judges nothing. The processor time of a busy machine is longer, but hardly the ratios of what takes turns.
"""

import argparse
import platform
from datetime import UTC, datetime

import boto3
import botocore
import pydantic

from infra.local import environment

environment.prepare("https://api.example.com")  # before a function is imported, which reads it

from infra.asset_contents import ROOT  # noqa: E402 - see above
from infra.pages import filled, table  # noqa: E402 - see above
from tests.benchmark import comparing, counting, picture  # noqa: E402 - see above
from tests.benchmark.cases import record  # noqa: E402 - see above
from tests.benchmark.measuring import measure  # noqa: E402 - see above
from tests.benchmark.requests import MEASURED  # noqa: E402 - see above

PICTURE = ROOT / "docs" / "performance.svg"


def main() -> None:
    """Write them, or only what is counted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--counted", action="store_true", help="write only what is counted, which takes seconds")
    given = parser.parse_args()
    requests = {name: record(name) for name in MEASURED}
    tables = counting.tables(requests)
    if not given.counted:
        starts = measure(comparing.cases(requests), given.rounds)
        tables |= {"compared": comparing.comparison_table(starts), "doors": comparing.door_table(requests, starts)}
        tables |= {"run": _run(given.rounds)}
        PICTURE.write_text(picture.picture(starts))
        print(tables["compared"])
    counting.PAGE.write_text(filled(counting.PAGE.read_text(), tables))


def _run(rounds: int) -> str:
    """Return where and with what it ran."""
    versions = {"Python": platform.python_version(), "boto3": boto3.__version__, "botocore": botocore.__version__}
    versions |= {"pydantic": pydantic.VERSION, "rounds": str(rounds), "date": datetime.now(UTC).date().isoformat()}
    return table(["the last run", ""], [[name, value] for name, value in versions.items()])


if __name__ == "__main__":
    main()
