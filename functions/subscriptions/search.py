"""How a subscription is found by the SIMs and numbers that it has or has had (contract §5).

The change that links one to the subscription also writes an entry for it, which is never removed.
"""

from functions.shared.records import Key, Partition
from functions.shared.search_keys import SearchMember, search_key
from functions.subscriptions.subscription import Subscription


def holders(partner: str, member: SearchMember, value: str) -> Partition:
    """Return where the entries of all subscriptions lie that have or have had this SIM or number."""
    digits = value.removeprefix("+")
    return Partition(None, f"{partner}#{search_key(partner, member, digits)}#{Subscription.PLURAL}")


def entry_key(holders: Partition, subscription: Subscription) -> Key:
    """Return the key of a subscription's entry."""
    return Key(holders.pk, subscription.sort_key())
