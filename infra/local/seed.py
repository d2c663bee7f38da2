"""The initial data of the sandbox (contract §9): for each partner a catalog, SIMs, an account and a subscriber.

It is the same at every start: it has one moment, and its ids are derived from the kind, the name and the partner.
"""

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random

from ulid import ULID

from functions.accounts.account import Account, account_number
from functions.shared.transaction import Transaction
from functions.sim_profiles.secret_codes import SecretCodes
from functions.sim_profiles.sim_profile import SimProfile, luhn_digit
from functions.subscribers.search import email_key
from functions.subscribers.subscriber import Subscriber
from infra.local import bulk, environment
from infra.local.catalogs import catalogs
from infra.local.folder import SETTING, Folder, Nowhere
from infra.operator import __main__ as operator
from infra.operator import catalog, sims
from infra.operator.sim_entries import EsimEntry, PhysicalSimEntry, SimEntry

PARTNERS = ("acme", "globex")
SEEDED_AT = datetime(2026, 1, 1, tzinfo=UTC)
SEEDED_WITH = "seeded with"
ESIMS = 1000
PHYSICAL_SIMS = 100
SMDP_ADDRESS = "smdp.sandbox.example"
ADDRESS = {"line1": "Torstraße 1", "city": "Berlin", "postal_code": "10119", "country": "DE"}

EMAIL = "erika.mustermann@example.com"


class NotSeeded(Exception):
    """A file cannot be loaded; the reason has been printed."""


class Seed:
    """Writes the initial data: ``esims`` for each partner; for the first partner the content of files, if given."""

    def __init__(self, esims: int = ESIMS, catalog: Path | None = None, sims: Path | None = None) -> None:
        self._esims = esims
        self._files = {"catalog": catalog, "sims": sims}
        self._first = True

    def __call__(self) -> None:
        """Write the data of both partners; the table must be empty of it.

        Raise :class:`NotSeeded`, but only the first time: a file with new faults must not end a running system.
        """
        # The first comes last: what its files must not have, such as another one's ICCID, is there by then.
        for number, partner in reversed([*enumerate(PARTNERS)]):
            self._write(partner, number, self._files if number == 0 else {})
        self._first = False

    def keep(self, folder: Nowhere) -> None:
        """Keep what a reset needs."""
        self._files = {name: file and folder.adopt(file, name) for name, file in self._files.items()}
        folder.note((SETTING, SEEDED_WITH, [self._esims, [file and file.name for file in self._files.values()]]))

    def partner(self, partner: str, number: int) -> None:
        """Write the data of one more partner. Its number distinguishes its SIMs from those of others."""
        self._write(partner, number, {})

    def _write(self, partner: str, number: int, files: Mapping[str, Path | None]) -> None:
        if not self._loaded("catalog", partner, files):
            catalog.load(partner, catalogs(SEEDED_AT), SEEDED_AT)
        if not self._loaded("sims", partner, files):
            _write_sims(partner, number, self._esims)
        _write_customer(partner)

    def _loaded(self, command: str, partner: str, files: Mapping[str, Path | None]) -> bool:
        """Load the command's file as an operator would, if there is one."""
        file = files.get(command)
        if file is None:
            return False
        with redirect_stdout(sys.stderr):
            code = operator.main([command, "--table", environment.TABLE, "--partner", partner, str(file)])
        if code and self._first:
            raise NotSeeded
        return True


def kept_seed(folder: Nowhere) -> Seed | None:
    """Return what :meth:`Seed.keep` has kept, if it has."""
    if not isinstance(folder, Folder) or not folder.begun:
        return None
    esims, files = folder.all(SETTING)[SEEDED_WITH]
    return Seed(esims, *(folder.path / file if file else None for file in files))


seed = Seed()
"""What contract §9 says."""


def seeded_id(prefix: str, partner: str, number: int) -> str:
    """Return the same id for the same thing of a partner at every start."""
    chance = sha256(f"{partner}#{prefix}#{number}".encode()).digest()[:10]
    return f"{prefix}_{ULID(ULID.from_datetime(SEEDED_AT).bytes[:6] + chance)}"


def _write_sims(partner: str, number: int, esims: int) -> None:
    random = Random(partner)  # noqa: S311 - the codes of no real SIM
    entries: list[SimEntry] = [*_esims(number, random)[:esims], *_physical_sims(number, random)]
    profiles = [
        sims.profile_of(partner, entry, seeded_id(SimProfile.PREFIX, partner, position), SEEDED_AT)
        for position, entry in enumerate(entries)
    ]
    bulk.put_all(sims.stocking(partner, entries, profiles))


def _esims(partner_number: int, random: Random) -> list[EsimEntry]:
    return [
        EsimEntry(
            iccid=_iccid(partner_number, position),
            matching_id=random.randbytes(8).hex().upper(),
            smdp_address=SMDP_ADDRESS,
            secret_codes=_secret_codes(random),
        )
        for position in range(ESIMS)
    ]


def _physical_sims(partner_number: int, random: Random) -> list[PhysicalSimEntry]:
    return [
        PhysicalSimEntry(
            iccid=_iccid(partner_number, ESIMS + position),
            activation_code=f"SANDBOX-{position:04d}",
            secret_codes=_secret_codes(random),
        )
        for position in range(1, PHYSICAL_SIMS + 1)
    ]


def _secret_codes(random: Random) -> SecretCodes:
    return SecretCodes(pin=f"{random.randrange(10**4):04d}", puk=f"{random.randrange(10**8):08d}")


def _iccid(partner_number: int, position: int) -> str:
    """Return 89 (telecommunications), 49 (Germany), an issuer for each partner, the SIM's number, the check digit."""
    digits = f"8949{partner_number + 2000:04d}{position:010d}"
    return digits + luhn_digit(digits)


def _write_customer(partner: str) -> None:
    """Write a personal account with one subscriber."""
    account_id = seeded_id(Account.PREFIX, partner, 0)
    common = {"partner": partner, "created_at": SEEDED_AT, "updated_at": SEEDED_AT}
    owner = {"first_name": "Erika", "last_name": "Mustermann", "address": ADDRESS}
    account = {"id": account_id, "type": "personal", "number": account_number(account_id), "owner": owner}
    subscriber = {
        "id": seeded_id(Subscriber.PREFIX, partner, 0),
        "account_id": account_id,
        "email": EMAIL,
        "email_key": email_key(partner, EMAIL),
        "birth_date": "1990-08-12",
        "locale": "de-DE",
    }
    change = Transaction()
    change.create(Account.model_validate(common | account))
    change.create(Subscriber.model_validate(common | owner | subscriber))
    change.commit()
