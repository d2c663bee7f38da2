"""What the sandbox can be set to, and what else starts it."""

import json
import re

import pytest

from infra.local.options import WrongOption, read_options
from tests.support.server import ROOT


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PORT": "abc"}, "PORT must be a number from 0 to 65535, not 'abc'"),
        ({"PORT": "65536"}, "PORT must be a number from 0 to 65535, not '65536'"),
        ({"HOST": "example.com"}, "HOST must be an IP address of this machine or localhost, not 'example.com'"),
        (
            {"PUBLIC_URL": "sandbox:8080"},
            "PUBLIC_URL must be like https://sandbox.example.com:8443/api, not 'sandbox:8080'",
        ),
        ({"ESIMS": "1001"}, "ESIMS must be a number from 0 to 1000, not '1001'"),
        ({"NETWORK": "down"}, "NETWORK must be one of normal, slow, refusing, not 'down'"),
        ({"CATALOG": "nowhere.csv"}, "CATALOG must be a file; there is none at 'nowhere.csv'"),
        ({"LOG": "debug"}, "LOG must be one of info, json, off, not 'debug'"),
    ],
)
def test_what_it_is_set_to_must_make_sense(environment: dict[str, str], says: str) -> None:
    with pytest.raises(WrongOption, match=f"^{re.escape(says)}$"):
        read_options([], environment)


def test_the_public_url_is_its_name() -> None:
    options = read_options(["--public-url", "https://Sandbox.example:8443/"], {"HOST": "0.0.0.0"})  # noqa: S104 - no server
    assert (options.public_url, options.names) == ("https://Sandbox.example:8443", frozenset({"sandbox.example"}))


def test_what_others_run_it_by_calls_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z.-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    devcontainer = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert set(devcontainer["postCreateCommand"].removeprefix("make ").split()) <= targets
    assert set(re.findall(r"^RUN make ([a-z.-]+)$", dockerfile, re.MULTILINE)) <= targets
    assert 'CMD ["make", "run"]' in dockerfile
