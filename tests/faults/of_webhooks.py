"""Webhooks: what is sent, what comes again, and what ends it."""

from datetime import datetime
from typing import Any

from functions.shared.clock import iso
from functions.webhooks import fan_out
from functions.webhooks.delivery import Delivery
from infra.local.patches import replaced
from tests.faults.life import STANDBY, Life
from tests.faults.ways import Scenario, Way
from tests.support.endpoints import Endpoints

ALL = ("deactivate", "resume", "suspend")


class Partner:
    """A partner with a subscription, and a webhook that hears of it."""

    def __init__(self, life: Life, **webhook: Any) -> None:
        self.life = life
        self.subscription = life.line.subscribe()
        self.endpoints = Endpoints(life.line.world)
        self.id = str(self.endpoints.make(**{"enabled_events": ["subscription.*"]} | webhook)["id"])
        self.path = f"/webhooks/{self.id}"
        life.rest()
        self.began: datetime = life.now

    def acts(self, *actions: str) -> None:
        """Let something happen to the subscription, each an event."""
        for action in actions or ALL:
            status, answer = self.life.line.world.post(self.about(action), None)
            assert status < 300, answer

    def about(self, action: str) -> str:
        """Where the action is asked for."""
        return f"/subscriptions/{self.subscription}/{action}"

    def failing(self, *actions: str, hours: float) -> None:
        """Let these hours pass with an endpoint that is down since the actions."""
        self.life.down = True
        self.acts(*actions)
        self.life.rest()
        self.life.move(hours=hours)


def delivered(life: Life) -> Way:
    """An event goes to a webhook."""
    partner = Partner(life)
    return lambda life: life.ask(partner.about("suspend"))


def delivered_in_the_end(life: Life) -> Way:
    """An endpoint is down for ten minutes."""
    partner = Partner(life)

    def go(life: Life) -> None:
        life.down = True
        life.ask(partner.about("suspend"))
        life.move(minutes=10)
        life.down = False
        life.move(hours=1)

    return go


def never_delivered(life: Life) -> Way:
    """An endpoint is down for as long as it is tried; here are the last two attempts of ten."""
    Partner(life).failing("suspend", hours=50)
    return lambda life: life.move(hours=40)


def disabled(life: Life) -> Way:
    """An endpoint has been down for five days, with a delivery that still waits; another one hears of that."""
    partner = Partner(life)
    partner.endpoints.make(url=STANDBY, enabled_events=["webhook.*"])
    partner.failing("deactivate", hours=108)
    partner.failing("resume", hours=10)
    return lambda life: life.move(hours=24)


def recovered(life: Life) -> Way:
    """An endpoint that has failed so often that it rests is there again."""
    Partner(life).failing(hours=25)

    def go(life: Life) -> None:
        life.down = False
        life.move(hours=12)

    return go


def ended(method: str, body: dict[str, Any] | None = None) -> Scenario:
    """A webhook is deleted or disabled while a delivery waits."""

    def prepare(life: Life) -> Way:
        partner = Partner(life)
        partner.failing("suspend", hours=0.5)

        def go(life: Life) -> None:
            life.ask(partner.path, body, method)
            life.move(hours=1)

        return go

    return prepare


def enabled(life: Life) -> Way:
    """A disabled webhook is enabled, and hears of what happens from then on."""
    partner = Partner(life)
    partner.endpoints.edit(partner.id, status="disabled")
    partner.acts("deactivate")
    life.rest()

    def go(life: Life) -> None:
        life.ask(partner.path, {"status": "enabled"}, "PATCH")
        life.ask(partner.about("resume"))

    return go


def caught_up(life: Life) -> Way:
    """Events were passed on while a webhook was just being made."""
    partner = Partner(life)
    partner.endpoints.make(url=STANDBY, enabled_events=["subscription.*"])
    partner.acts()
    with replaced(fan_out, "all_webhooks", lambda _: lambda _partner: []):
        life.line.world.deliver(1, len(ALL))
    return lambda life: life.rest()


def handed_over(life: Life) -> Way:
    """The deliveries of an event take the stream's function too long, so the queue brings it."""
    partner = Partner(life)

    def go(life: Life) -> None:
        with replaced(fan_out, "FAIR_SECONDS", lambda _: -1.0):
            life.ask(partner.about("suspend"))

    return go


def replayed(life: Life) -> Way:
    """The partner asks for the events of a time once more."""
    partner = Partner(life)
    partner.acts()
    life.rest()

    def go(life: Life) -> None:
        life.ask(f"{partner.path}/replay", {"since": iso(partner.began)})
        life.move(minutes=10)

    return go


def replay_lost(life: Life) -> Way:
    """The message of a replay is lost in the queue."""
    partner = Partner(life)
    partner.acts()
    life.rest()
    partner.endpoints.ask("POST", f"{partner.path}/replay", {"since": iso(partner.began)})
    life.line.rest()
    life.inboxes.queue.clear()
    return lambda life: life.move(minutes=10)


def retried(life: Life) -> Way:
    """The partner asks for one more attempt of a failed delivery, and the next day for another one if that failed."""
    partner = Partner(life)
    partner.failing("suspend", hours=90)
    life.down = False

    def go(life: Life) -> None:
        for _ in range(2):
            (delivery,) = life.line.world.of_kind(Delivery.KIND)
            if delivery["status"] == "failed":
                life.ask(f"{partner.path}/deliveries/{delivery['id']}/retry")
            life.move(hours=27)

    return go
