"""The partners of a load: each has a plan, an add-on, a subscriber and a stock of eSIMs of its own."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from functions.shared.transaction import Transaction
from infra.operator import sims
from infra.operator.partners.records import let_in
from tests.support.builders import ADDON, PLANS, offering, subscriber
from tests.support.sims import esim

AT_ONCE = 8
YEARS = {"type": "duration", "unit": "year", "unit_count": 10, "is_recurrent": False}
"""Longer than a load lasts: what products do by themselves is no part of it."""


def names(number: int) -> list[str]:
    """Return the names of that many partners."""
    return [f"partner-{position:02d}" for position in range(1, number + 1)]


def api_key(partner: str) -> str:
    """Return the API key by which its requests are counted."""
    return f"{partner}-api-key"


def let_all_in(partners: Iterable[str]) -> None:
    """Let partners in."""
    for partner in partners:
        let_in(partner, partner, api_key(partner))
        change = Transaction()
        change.create(offering(PLANS[0], "plan", partner=partner, validity=YEARS))
        change.create(offering(ADDON, partner=partner, validity=YEARS, fits=list(PLANS)))
        change.create(subscriber(partner=partner))
        change.commit()


def stock(esims: Mapping[str, int]) -> None:
    """Give each of the partners this number of eSIMs."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda partner: sims.load(partner, [esim() for _ in range(esims[partner])]), esims))
