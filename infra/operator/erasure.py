"""Erasing a person: everything that is kept about a subscriber is overwritten, and found by ids, never by the person.

Each write has the condition that the record is still as it was read, so nothing that is written meanwhile is lost; and
what is erased already is left alone, so the same command finishes an interrupted run.
"""

import json
from collections import Counter
from collections.abc import Sequence
from functools import partial

from functions.accounts.account import Account
from functions.orders.order import Order
from functions.shared import table
from functions.shared.event import Event
from functions.shared.personal_answers import answers_about
from functions.shared.records import Key, Record
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscribers.subscriber import Subscriber
from functions.subscriptions import search
from functions.subscriptions.phone_number import PhoneNumber
from functions.subscriptions.subscription import Subscription
from functions.webhooks.delivery import Delivery
from infra.operator.people import erased, without_person
from infra.operator.reading import delivery_ids, entries, listed, listed_ids, records
from infra.operator.writing import batches, patiently

AT_ONCE = 10
"""Records in one transaction; an event may be large."""


class Refused(Exception):
    """The subscriber cannot be erased now."""


class Erasure:
    """Erases one subscriber of a partner; a ``dry`` one only counts what it would overwrite."""

    def __init__(self, partner: str, subscriber_id: str, *, dry: bool = False) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        """Of what was overwritten, by its name for one and for more."""
        self.kept: list[str] = []
        """What stays, and why."""
        self._partner = partner
        self._id = subscriber_id
        self._dry = dry

    def run(self) -> None:
        """Erase everything. Raise :class:`Refused` if there is no such subscriber, or somebody still serves it."""
        subscriber = table.read(Subscriber, self._partner, self._id)
        if subscriber is None:
            raise Refused(f"{self._partner} has no subscriber with the id {self._id!r}")
        subscriptions = listed(self._partner, Subscription, subscriber_id=self._id)
        orders = listed(self._partner, Order, subscriber_id=self._id)
        if in_use := [f"{each.id} is {each.status}" for each in (*subscriptions, *orders) if not each.final]:
            raise Refused(f"{'; '.join(in_use)}: end this first")
        self._overwrite(Subscriber, [self._id])
        self._overwrite(Order, [order.id for order in orders])
        self._overwrite(SimProfile, self._sims_of(subscriptions, orders))
        for each in subscriptions:
            self._erase_subscription(each)
        about = {each.id for each in subscriptions} | {order.subscription_id for order in orders}
        for subscription_id in sorted(about):
            self._erase_events(subscription_id)
        self._erase_answers(self._id, *about, *(order.id for order in orders))
        self._erase_account(subscriber.account_id)

    def _erase_subscription(self, subscription: Subscription) -> None:
        self._overwrite(Subscription, [subscription.id])
        for number in listed(self._partner, PhoneNumber, subscription_id=subscription.id):
            entry = search.entry_key(search.holders(self._partner, "msisdn", number.msisdn), subscription)
            self._overwrite(PhoneNumber, [number.id], found_by=entry)

    def _erase_events(self, subscription_id: str) -> None:
        """Erase the events about a subscription, also one that an order has undone, and their deliveries."""
        events = listed_ids(Event.partition(self._partner, {"subscription_id": subscription_id}))
        self._overwrite(Event, events)
        deliveries = [*delivery_ids(self._partner, events)]
        self._overwrite(Delivery, deliveries)
        self._erase_answers(*(each.id for each in records(self._partner, Delivery, deliveries)))

    def _sims_of(self, subscriptions: Sequence[Subscription], orders: Sequence[Order]) -> list[str]:
        """Return the SIMs that the person has had; what failed orders gave back may be somebody else's."""
        own = {each.id for each in (*subscriptions, *orders)}
        ids = {order.sim_profile_id for order in orders} | {each.sim_profile.id for each in subscriptions}
        sims = records(self._partner, SimProfile, sorted(filter(None, ids)))
        return [sim.id for sim in sims if {sim.subscription_id, sim.order_id} & own]

    def _erase_account(self, account_id: str) -> None:
        """Erase the account if it is a person's, and no other subscriber uses it."""
        (account,) = records(self._partner, Account, [account_id])
        if account.type != "personal":
            return
        others = [each for each in listed(self._partner, Subscriber, account_id=account_id) if each.id != self._id]
        if using := [each.id for each in others if without_person(each) != each]:
            self.kept.append(f"{account_id} stays for {', '.join(using)}; if the person owns it, change its owner")
            return
        self._overwrite(Account, [account_id])
        self._erase_answers(account_id)

    def _overwrite(self, model: type[Record], ids: Sequence[str], found_by: Key | None = None) -> None:
        """Overwrite records; with one of them, remove the entry by which something is found by it."""
        for some in batches(ids, AT_ONCE):
            self.counts[model.KIND, model.PLURAL] += patiently(partial(self._overwrite_some, model, some, found_by))

    def _overwrite_some(self, model: type[Record], ids: Sequence[str], found_by: Key | None) -> int:
        changed = [new for record in records(self._partner, model, ids) if (new := without_person(record)) != record]
        change = Transaction()
        for record in changed:
            change.update(record)
        if changed and found_by and table.get_item(found_by):
            change.release(found_by)
        if not self._dry:
            change.commit()
        return len(changed)

    def _erase_answers(self, *about: str) -> None:
        found = [entry for each in about for entry in entries(answers_about(self._partner, each))]
        for entry in found:
            done = patiently(partial(self._erase_answer, Key(entry["pk"], entry["sk"])))
            self.counts["remembered answer", "remembered answers"] += done

    def _erase_answer(self, key: Key) -> int:
        """Overwrite a remembered answer, unless it is forgotten or another one meanwhile."""
        item = table.get_item(key)
        if item is None:
            return 0
        new = json.dumps(erased(json.loads(item["body"])))
        if new == item["body"]:
            return 0
        change = Transaction()
        kept = {name: value for name, value in item.items() if name not in Key._fields}
        change.claim_as(key, kept | {"body": new}, same=("fingerprint", "expires_at"))
        if not self._dry:
            change.commit()
        return 1
