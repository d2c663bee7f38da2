"""What of our code and of the locked dependencies is in the assets, by patterns of paths."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
FUNCTIONS = ROOT / "functions"
LOCK = FUNCTIONS / "requirements.lock"

WASTE = ("*__pycache__", "*.pyi", "*requirements.lock", "bin")
UNUSED = (
    *("aws_lambda_powertools/event_handler", "aws_lambda_powertools/utilities/[!_j]*"),  # Logger needs jmespath_utils
    *("pydantic/experimental", "pydantic/mypy.py", "pydantic/v1", "dateutil/rrule.py", "dateutil/zoneinfo/*.gz"),
    *("cffi", "pycparser"),
)
"""Parts of dependencies that no function imports."""
CRYPTOGRAPHY = ("cryptography*", "cffi*", "_cffi_backend*", "pycparser*", "jwt", "pyjwt*")
WITH_CRYPTOGRAPHY = {
    "functions.identity.authorizer",
    "functions.sim_profiles.read_secret_codes",
    "functions.webhooks.send",
    "functions.webhooks.write",
}
"""The functions that sign, verify, seal or open something."""
