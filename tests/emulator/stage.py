"""A stage in the emulator, with a partner that the operator's commands have let in and loaded."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import App

from infra.asset_contents import ROOT
from tests.emulator.deployment import deploy
from tests.emulator.emulator import Emulator

PARTNER = "acme"
CATALOG = """\
type,name,catalogs,coverage_type,countries,validity.type,validity.unit,validity.unit_count,validity.is_recurrent,price.one_time,price.recurring,price.currency,data.unit_count,data.unit,data.coverage_area
coverage_area,Germany,,local,DE,,,,,,,,,,
plan,"Germany 20 GB, monthly",Main,,,duration,month,1,TRUE,,1999,EUR,20,gigabytes,Germany
plan,"Germany 50 GB, monthly",Main,,,duration,month,1,TRUE,,2999,EUR,50,gigabytes,Germany
addon,"Germany 1 GB, 7 days",Main,,,duration,day,7,,300,,EUR,1,gigabytes,Germany
"""
SIMS = """\
sim_type,iccid,matching_id,smdp_address
esim,8949300000000000007,7F3A-0001,smdp.example.com
esim,8949300000000000015,7F3A-0002,smdp.example.com
esim,8949300000000000023,7F3A-0003,smdp.example.com
esim,8949300000000000031,7F3A-0004,smdp.example.com
"""


@dataclass(frozen=True)
class Client:
    """A partner's client of the user pool."""

    id: str
    secret: str


class Stage:
    """A deployed stage, and its address as the emulator has it."""

    def __init__(self, running: Emulator, name: str, outputs: dict[str, str]) -> None:
        self.emulator = running
        self.name = name
        self.outputs = outputs
        (api,) = running.client("apigateway").get_rest_apis()["items"]
        self.api_id: str = api["id"]
        self.url = f"{running.url}/restapis/{self.api_id}/{name}/_user_request_"

    def let_in(self) -> Client:
        """Let the partner in, with a client that may do everything."""
        self._operate("partner add")
        cognito, pool = self.emulator.client("cognito-idp"), self.outputs["UserPoolId"]
        (made,) = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=60)["UserPoolClients"]
        described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=made["ClientId"])
        return Client(made["ClientId"], described["UserPoolClient"]["ClientSecret"])

    def load(self, scratch: Path) -> None:
        """Give the partner something to sell."""
        for command, name, content in (("catalog", "catalog.csv", CATALOG), ("sims", "sims.csv", SIMS)):
            (scratch / name).write_text(content)
            self._operate(command, str(scratch / name))

    def _operate(self, command: str, *arguments: str) -> None:
        names = [
            sys.executable,
            "-m",
            "infra.operator",
            *command.split(),
            "--stage",
            self.name,
            "--partner",
            PARTNER,
            *arguments,
        ]
        settings = {**os.environ, **self.emulator.environment}
        done = subprocess.run(names, env=settings, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - ours
        assert done.returncode == 0, done.stderr

    def runs_of(self, function: str) -> int:
        """Return how often a function has run."""
        log = self._log(f"/aws/lambda/mobile-orders-{self.name}-{function}")
        return sum("START RequestId" in message for message in log)

    def failures(self) -> list[str]:
        """Return what the functions have logged as a failure, or that something was denied to them."""
        groups = self.emulator.client("logs").describe_log_groups()["logGroups"]
        lines = [line for group in groups for line in self._log(group["logGroupName"])]
        return [line for line in lines if '"level":"ERROR"' in line or "AccessDenied" in line]

    def _log(self, group: str) -> list[str]:
        events = self.emulator.client("logs").filter_log_events(logGroupName=group)["events"]
        return [event["message"] for event in events]


def deployed(running: Emulator, name: str, app: App, scratch: Path) -> Stage:
    """Deploy the stage, and give the partner something to sell."""
    stacks = {stack.stack_name: stack.template for stack in app.synth().stacks}
    stage = Stage(running, name, deploy(running, name, stacks, scratch))
    stage.load(scratch)
    return stage
