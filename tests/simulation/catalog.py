"""What every world begins with: some partners, what they sell, and their SIMs."""

from typing import Any

from functions.accounts.account import Account
from functions.shared.transaction import Transaction
from functions.subscribers.subscriber import Subscriber
from infra.operator import sims
from infra.operator.sim_entries import PhysicalSimEntry
from tests.support.builders import MONTH, allowance, offering, subscriber
from tests.support.customers import PERSONAL
from tests.support.sims import esim, physical_sim

PARTNERS = ("acme", "globex", "umbra")
ESIMS, CARDS = 12, 4
"""Of each partner; few enough that a partner can run out of them."""
DAYS_30 = {"type": "duration", "unit": "day", "unit_count": 30, "is_recurrent": False}
WEEKLY = {"type": "duration", "unit": "week", "unit_count": 1, "is_recurrent": True}
PLANS: dict[str, Any] = {"monthly": MONTH, "monthly too": MONTH, "30 days": DAYS_30}
ADDONS: dict[str, tuple[Any, str]] = {
    "extra": (DAYS_30, "data"),
    "monthly extra": (MONTH, "data"),
    "weekly extra": (WEEKLY, "data"),
    "messages": (DAYS_30, "sms"),
    "calls": (DAYS_30, "voice"),
    "until the cycle ends": ({"type": "end_of_plan_cycle"}, "data"),
}


def cards(partner: str) -> list[str]:
    """Return the activation codes of a partner's physical SIMs."""
    return [card.activation_code for card in _cards(partner)]


def stock_up() -> None:
    """Write all of it into the table that the functions have."""
    for partner in PARTNERS:
        change = Transaction()
        for name, validity in PLANS.items():
            numbered = "DE" if name == "monthly" else None
            change.create(offering(name, "plan", validity=validity, partner=partner, phone_number_country=numbered))
        for name, (validity, kind) in ADDONS.items():
            sold = {"validity": validity, "fits": list(PLANS), "allowances": [allowance(kind)], "partner": partner}
            change.create(offering(name, **sold))
        person = subscriber(partner=partner, id=f"subr_{partner}", account_id=f"acc_{partner}")
        change.create(Subscriber.model_validate(person))
        about = {"id": f"acc_{partner}", "partner": partner, "created_at": change.at, "number": "1"}
        change.create(Account.model_validate(PERSONAL | about))
        change.commit()
        sims.load(partner, [esim(_number(partner, each)) for each in range(ESIMS)])
        sims.load(partner, _cards(partner))


def _cards(partner: str) -> list[PhysicalSimEntry]:
    return [physical_sim(_number(partner, ESIMS + card)) for card in range(CARDS)]


def _number(partner: str, number: int) -> int:
    return 1000 * (1 + PARTNERS.index(partner)) + number
