"""``python -m infra.operator``: let partners in, load catalogs and SIMs, show records, repair (docs/operator.md).

Exit codes: 0 success; 1 refused (nothing was written; what could not be withdrawn is unchanged); 2 the command or AWS
failed; 130 interrupted.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.dynamodb import Throttled
from infra.operator import catalog, deployed
from infra.operator.arguments import Command, parser
from infra.operator.commands import (
    check_restore,
    erase,
    load_catalog,
    load_sims,
    partner,
    redrive,
    repair,
    show,
    stock,
    withdraw_catalog,
    withdraw_sims,
)
from infra.operator.faults import UnknownForm
from infra.operator.outcomes import Refused, fail, refuse
from infra.operator.printing import print_error

COMMANDS: Mapping[str, Command | Mapping[str, Command]] = {
    "catalog": load_catalog,
    "sims": load_sims,
    "partner": partner.ACTIONS,
    "withdraw-catalog": withdraw_catalog,
    "withdraw-sims": withdraw_sims,
    "show": show,
    "stock": stock,
    "redrive": redrive,
    "repair": repair,
    "check-restore": check_restore,
    "erase": erase,
}
FAILURES = (BotoCoreError, ClientError, OSError, UnknownForm, deployed.NotDeployed, catalog.Withdrawn)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    given = parser(COMMANDS, (__doc__ or "").partition("\n")[0]).parse_args(arguments)
    try:
        if given.table:
            os.environ["TABLE_NAME"] = given.table
        else:
            deployed.enter(given.stage)
        return int(given.run(given))
    except Refused as refused:
        return refuse(str(refused))
    except Throttled:
        return fail("the table is too busy; try again in a few minutes")
    except FAILURES as error:
        return fail(error)
    except KeyboardInterrupt:
        print_error("interrupted; what was done is kept, and the same command completes the rest")
        return 130


if __name__ == "__main__":
    sys.exit(main())
