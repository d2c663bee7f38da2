"""What partners do besides their orders: with people, SIMs and webhooks, and what they look at."""

from datetime import timedelta
from typing import Any

from functions.shared.clock import iso
from tests.simulation.catalog import PARTNERS, cards
from tests.simulation.failure import demand
from tests.simulation.partners import Partner
from tests.support.customers import PERSON, PERSONAL

DAY = timedelta(days=1)
LISTS = (("order", "orders"), ("subscription", "subscriptions"), ("product", "products"))
"""Kinds of records, and where they are."""
KEY_SURE = timedelta(hours=20)
"""For so long at least, a key is remembered of what has just been asked."""


def reserve(partner: Partner) -> None:
    """A physical SIM."""
    partner.ask("POST", "/sim-profiles/reserve", {"activation_code": partner.chance.choice(cards(partner.name))})


def keep_house(partner: Partner) -> None:
    """Changes of people and offerings."""
    number = partner.chance.randrange(1000)
    match partner.chance.choice(["account", "subscriber", "edit", "offering"]):
        case "account":
            partner.ask("POST", "/accounts", PERSONAL)
        case "subscriber":
            partner.ask("POST", "/subscribers", PERSON | {"account_id": f"acc_{partner.name}"})
        case "edit":
            partner.ask("PATCH", f"/subscribers/{partner.owner}", {"first_name": f"Ada {number}"})
        case _:
            partner.ask("PATCH", "/product-offerings/extra", {"metadata": {"number": str(number)}})


def ask_again(partner: Partner) -> None:
    """Something once more under its key, as long as that is remembered."""
    now = partner.world.scheduler.now
    recent = [each for each in partner.world.gateway.asked if each.key and each.partner == partner.name]
    recent = [each for each in recent if each.accepted and now - each.at < KEY_SURE]
    if recent:
        partner.world.gateway.ask_again(partner.chance.choice(recent))


def trespass(partner: Partner) -> None:
    """Something of another partner's, which is not there."""
    name = partner.chance.choice([each for each in PARTNERS if each != partner.name])
    other = Partner(name, partner.chance, partner.world)
    kind, path = partner.chance.choice(LISTS)
    partner.look(
        f"/{path}/{other.pick(kind)}",
        lambda status, _: demand(status == 404, "each partner sees only what is its own", path),
    )


def look_around(partner: Partner) -> None:
    """A list, which holds only what is its own."""
    kind, path = partner.chance.choice(LISTS)

    def judge(_: int, answer: Any) -> None:
        mine = {each["id"] for each in partner.world.records.of(partner.name, kind)}
        shown = {each["id"] for each in answer["_embedded"][path]}
        demand(shown <= mine, "each partner sees only what is its own", shown - mine)

    partner.look(f"/{path}", judge)


def make_webhook(partner: Partner) -> None:
    """A webhook; a few endpoints never answer."""
    events = partner.chance.choice([["*"], ["order.*"], ["subscription.*", "product.*"], ["webhook.disabled"]])
    url = partner.world.endpoints.new_url(dead=partner.often(0.1))
    partner.ask("POST", "/webhooks", {"url": url, "enabled_events": events})


def change_webhook(partner: Partner) -> None:
    """What can be changed of one."""
    path = f"/webhooks/{partner.pick('webhook', 'enabled')}"
    match partner.chance.choice(["disable", "enable", "events", "rotate", "delete"]):
        case "disable":
            partner.ask("PATCH", path, {"status": "disabled"})
        case "enable":
            partner.ask("PATCH", f"/webhooks/{partner.pick('webhook', 'disabled')}", {"status": "enabled"})
        case "events":
            partner.ask("PATCH", path, {"enabled_events": ["order.completed", "product.*"]})
        case "rotate":
            partner.ask("POST", f"{path}/rotate-signing-secret")
        case _:
            partner.ask("DELETE", path)


def send_again(partner: Partner) -> None:
    """Deliveries once more, or an example."""
    path = f"/webhooks/{partner.pick('webhook', 'enabled')}"
    match partner.chance.choice(["test", "replay", "retry"]):
        case "test":
            partner.ask("POST", f"{path}/test")
        case "replay":
            partner.ask("POST", f"{path}/replay", {"since": iso(partner.world.scheduler.now - 2 * DAY)})
        case _:
            found = partner.world.records.of(partner.name, "delivery")
            chosen = partner.chance.choice(found) if found else {"webhook_id": "wbh_none", "id": "dlv_none"}
            partner.ask("POST", f"/webhooks/{chosen['webhook_id']}/deliveries/{chosen['id']}/retry")
