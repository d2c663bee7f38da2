"""What the commands do to a partner. Each can be interrupted anywhere: the same command then finds what was done."""

from collections.abc import Sequence
from datetime import timedelta
from time import sleep

from functions.identity.clients import STANDARD
from functions.routes import SCOPES
from functions.shared import clock
from functions.shared.dynamodb import Conflict
from infra.gateway_body import TOKEN_CACHE_SECONDS
from infra.operator.catalog_withdrawal import ANSWERED_WITHIN
from infra.operator.outcomes import Refused
from infra.operator.partners import records
from infra.operator.partners.entry import Entry, undone_if_refused
from infra.operator.partners.open_things import open_things
from infra.operator.partners.records import Partner, PartnerClient
from infra.operator.printing import print_line

FORGOTTEN_AFTER = timedelta(seconds=TOKEN_CACHE_SECONDS)
"""For so long, the gateway may believe what the authorizer said before a change."""
QUIET_AFTER = FORGOTTEN_AFTER + ANSWERED_WITHIN
"""After this, no request of a disabled partner is under way."""


def existing(name: str) -> Partner:
    """Return the partner. Raise :class:`Refused` if there is none, or it was removed."""
    partner = records.read(name)
    if partner is None:
        raise Refused(f"there is no partner {name}")
    if partner.status == "removed":
        raise Refused(f"{name} was removed")
    return partner


def add(
    entry: Entry, name: str, tier: str | None = None, scopes: Sequence[str] = (), client_id: str | None = None
) -> Partner:
    """Add a partner, or one more client of the issuer's or other scopes to a partner that is there."""
    if records.read(name):
        return _complete(entry, existing(name), tier, tuple(scopes), client_id)
    now = clock.machine_time()
    with undone_if_refused() as undo:
        key = entry.make_key(name, 1, tier or STANDARD, undo)
        partner = Partner(
            name=name,
            tier=tier or STANDARD,
            changed_at=now,
            scopes=tuple(scopes) or SCOPES,
            api_key=key.value,
            api_key_id=key.id,
        )
        client = entry.make_client(partner, client_id, now, undo)
        return _save(partner.model_copy(update={"clients": (client,)}))


def _complete(
    entry: Entry, partner: Partner, tier: str | None, scopes: tuple[str, ...], client_id: str | None
) -> Partner:
    if tier not in {None, partner.tier}:
        raise Refused(f"{partner.name} has the tier {partner.tier}; use 'partner move' to change it")
    after = partner
    if scopes and scopes != partner.scopes:
        for client in partner.working(clock.machine_time()):
            if client.name and entry.pool:
                entry.pool.allow(client.id, client.name, scopes)
        after = after.model_copy(update={"scopes": scopes})
    with undone_if_refused() as undo:
        if client_id and client_id not in {client.id for client in partner.clients}:
            client = entry.make_client(after, client_id, clock.machine_time(), undo)
            after = after.model_copy(update={"clients": (*partner.clients, client)})
        return _save(after, partner) if after != partner else partner


def rotate(
    entry: Entry, name: str, overlap: timedelta, client_id: str | None = None, replaced: str | None = None
) -> Partner:
    """Give a partner another client; its former ones are accepted for the overlap.

    If it has another one already, nothing is done, as this is the same command again: one that is younger than the
    overlap or, if the client to be ``replaced`` is named, than that.
    """
    partner = existing(name)
    now = clock.machine_time()
    known_since = _client_of(partner, replaced).created_at if replaced else now - overlap
    lasting = [each for each in partner.working(now) if not each.ends_at and each.id != replaced]
    newest = max(lasting, key=lambda each: each.created_at, default=None)
    if newest and newest.created_at > known_since and client_id in {None, newest.id}:
        hint = "" if replaced else f"; to replace it as well, add --replaces {newest.id}"
        print_line(f"{name}: nothing is changed: it got the client {newest.id} at {clock.iso(newest.created_at)}{hint}")
        return partner
    after = partner.model_copy(update={"number": partner.number + 1})
    with undone_if_refused() as undo:
        client = entry.make_client(after, client_id, now, undo)
        former = tuple(each.ending(now + overlap) for each in partner.clients if each.id != client.id)
        return _save(after.model_copy(update={"clients": (*former, client)}), partner)


def move(entry: Entry, name: str, tier: str) -> Partner:
    """Move a partner to another tier, by another API key: the former one limits until nobody uses it any more."""
    partner = existing(name)
    if partner.tier != tier:
        number = partner.number + 1
        with undone_if_refused() as undo:
            key = entry.make_key(name, number, tier, undo)
            moved = {"number": number, "tier": tier, "api_key": key.value, "api_key_id": key.id}
            former = (*partner.former_key_ids, partner.api_key_id)
            partner = _save(partner.model_copy(update=moved | {"former_key_ids": former}), partner)
    if partner.former_key_ids:
        _wait(FORGOTTEN_AFTER, "for answers with the former limits")
        partner = _without_former_keys(entry, partner)
    return partner


def disable(name: str) -> Partner:
    """Let no token of a partner be accepted."""
    return _become(existing(name), "disabled")


def enable(name: str) -> Partner:
    """Let the tokens of a disabled partner be accepted again."""
    return _become(existing(name), "active")


def end_client(entry: Entry, name: str, client_id: str) -> Partner:
    """Let no token of one client be accepted, from now on and for ever."""
    partner = existing(name)
    client = _client_of(partner, client_id)
    now = clock.machine_time()
    if client.works(now):
        clients = tuple(each.ending(now) if each == client else each for each in partner.clients)
        partner = _save(partner.model_copy(update={"clients": clients}), partner)
    entry.delete_client(client)
    return partner


def remove(entry: Entry, name: str) -> Partner:
    """Take away what lets a disabled partner in, if nothing of it is open. Its data stays, and so does its name."""
    partner = records.read(name)
    if partner and partner.status == "removed":
        return partner
    partner = existing(name)
    if partner.status != "disabled":
        raise Refused(f"{name} is {partner.status}; disable it first")
    _wait(partner.changed_at + QUIET_AFTER - clock.machine_time(), "for requests that are under way")
    if any(things := open_things(name)):
        raise Refused(f"{name} is not removed, since these are open: {things}")
    for client in partner.clients:
        entry.delete_client(client)
    for key_id in filter(None, (*partner.former_key_ids, partner.api_key_id)):
        entry.keys.delete(key_id)
    now = clock.machine_time()
    removed = {"status": "removed", "changed_at": now, "clients": (), "former_key_ids": (), "api_key": ""}
    return _save(partner.model_copy(update=removed), partner)


def _save(after: Partner, before: Partner | None = None) -> Partner:
    try:
        return records.save(after, before)
    except Conflict:
        raise Refused("somebody else is changing this partner, or has this client; nothing was changed") from None


def _client_of(partner: Partner, client_id: str) -> PartnerClient:
    for client in partner.clients:
        if client.id == client_id:
            return client
    raise Refused(f"{partner.name} has no client {client_id}")


def _become(partner: Partner, status: str) -> Partner:
    if partner.status == status:
        return partner
    return _save(partner.model_copy(update={"status": status, "changed_at": clock.machine_time()}), partner)


def _without_former_keys(entry: Entry, partner: Partner) -> Partner:
    for key_id in partner.former_key_ids:
        entry.keys.delete(key_id)
    return _save(partner.model_copy(update={"former_key_ids": ()}), partner)


def _wait(time: timedelta, reason: str) -> None:
    if time > timedelta():
        print_line(f"waiting {time.total_seconds():.0f} s {reason}")
        sleep(time.total_seconds())
