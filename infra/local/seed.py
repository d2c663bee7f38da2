"""What the sandbox begins with (contract §9): for each partner a catalog, SIMs, an account and a subscriber."""

import secrets
from datetime import datetime

from functions.accounts.account import Account, account_number
from functions.shared import clock
from functions.shared.ids import new_id
from functions.shared.transaction import Transaction
from functions.sim_profiles.secret_codes import SecretCodes
from functions.sim_profiles.sim_profile import luhn_digit
from functions.subscribers.subscriber import Subscriber
from infra.local.catalogs import catalogs
from infra.operator import catalog, sims
from infra.operator.sim_entries import EsimEntry, PhysicalSimEntry

PARTNERS = ("acme", "globex")
ESIMS = 1000
PHYSICAL_SIMS = 100
SMDP_ADDRESS = "smdp.sandbox.example"
ADDRESS = {"line1": "Torstraße 1", "city": "Berlin", "postal_code": "10119", "country": "DE"}


def seed() -> None:
    """Write the data of both partners; the table must be empty of it."""
    for number, partner in enumerate(PARTNERS):
        now = clock.now()
        catalog.load(partner, catalogs(now))
        sims.load(partner, [*_esims(number), *_physical_sims(number)])
        _write_customer(partner, now)


def _esims(partner_number: int) -> list[EsimEntry]:
    return [
        EsimEntry(
            iccid=_iccid(partner_number, position),
            matching_id=secrets.token_hex(8).upper(),
            smdp_address=SMDP_ADDRESS,
            secret_codes=_secret_codes(),
        )
        for position in range(ESIMS)
    ]


def _physical_sims(partner_number: int) -> list[PhysicalSimEntry]:
    return [
        PhysicalSimEntry(
            iccid=_iccid(partner_number, ESIMS + position),
            activation_code=f"SANDBOX-{position:04d}",
            secret_codes=_secret_codes(),
        )
        for position in range(1, PHYSICAL_SIMS + 1)
    ]


def _secret_codes() -> SecretCodes:
    return SecretCodes(pin=f"{secrets.randbelow(10**4):04d}", puk=f"{secrets.randbelow(10**8):08d}")


def _iccid(partner_number: int, position: int) -> str:
    """89 (telecommunications), 49 (Germany), an issuer for each partner, the SIM's number, the check digit."""
    digits = f"8949{partner_number + 20:02d}{position:012d}"
    return digits + luhn_digit(digits)


def _write_customer(partner: str, now: datetime) -> None:
    """A personal account with one subscriber."""
    account_id = new_id(Account.PREFIX)
    common = {"partner": partner, "created_at": now, "updated_at": now}
    owner = {"first_name": "Erika", "last_name": "Mustermann", "address": ADDRESS}
    account = {"id": account_id, "type": "personal", "number": account_number(account_id), "owner": owner}
    subscriber = {
        "id": new_id(Subscriber.PREFIX),
        "account_id": account_id,
        "email": "erika.mustermann@example.com",
        "birth_date": "1990-08-12",
        "locale": "de-DE",
    }
    change = Transaction()
    change.create(Account.model_validate(common | account))
    change.create(Subscriber.model_validate(common | owner | subscriber))
    change.commit()
