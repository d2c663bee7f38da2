"""SIMs that nobody has had can be taken back and loaded anew."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.shared import table
from functions.shared.transaction import Transaction
from functions.sim_profiles.secret_codes import SealedCodes, SecretCodes
from functions.sim_profiles.sim_profile import SimProfile, activation_code_key, esim_code_key, iccid_key
from functions.sim_profiles.stock import pick_esim, put_back, stock_key, take_esim
from infra.operator import sims
from infra.operator.sim_entries import SimEntry
from infra.operator.sim_withdrawal import withdraw
from tests.operator.cuts import CutOff, cut_off
from tests.operator.loaded_sims import in_stock, kept, there
from tests.support.newcomer import Newcomer
from tests.support.sims import esim, physical_sim


def iccids(*entries: SimEntry) -> list[str]:
    return [entry.iccid for entry in entries]


def take(profile: SimProfile) -> None:
    """An order takes the eSIM."""
    change = Transaction()
    take_esim(change, profile, "ord_1", None)
    change.commit()


def test_a_sim_goes_with_all_that_was_written_beside_it(newcomer: Newcomer) -> None:
    codes = {"secret_codes": SecretCodes(pin="0427", puk="90817263")}
    first, card = esim().model_copy(update=codes), physical_sim().model_copy(update=codes)
    profiles = sims.load(newcomer.partner, [first, card])
    keys = [
        *(key for profile in profiles for key in (profile.key(), iccid_key(profile.iccid))),
        *(SealedCodes.key_of(newcomer.partner, profile.id) for profile in profiles),
        esim_code_key(first.smdp_address, first.matching_id),
        stock_key(newcomer.partner, profiles[0].id),
        activation_code_key(newcomer.partner, card.activation_code),
    ]
    found = table.read_all(newcomer.partner, {}, keys)
    assert all(found.item(key) for key in keys)
    assert withdraw(newcomer.partner, iccids(first, card)) == (2, {})
    found = table.read_all(newcomer.partner, {}, keys)
    assert [key for key in keys if found.item(key)] == []
    corrected = first.model_copy(update={"matching_id": "CORRECTED"})
    assert len(sims.load(newcomer.partner, [corrected, card])) == 2
    assert kept(newcomer.partner, corrected).matching_id == "CORRECTED"


def test_the_code_is_free_for_another_partner(newcomer: Newcomer) -> None:
    entry = esim()
    sims.load(newcomer.partner, [entry])
    withdraw(newcomer.partner, [entry.iccid])
    assert len(sims.load(Newcomer(newcomer.system).partner, [entry])) == 1


def test_what_somebody_has_stays_as_it_is(newcomer: Newcomer) -> None:
    other = Newcomer(newcomer.system).partner
    taken, theirs, free, card, unknown = esim(), esim(), esim(), physical_sim(), esim()
    sims.load(newcomer.partner, [taken, free, card])
    sims.load(other, [theirs])
    take(kept(newcomer.partner, taken))
    assert newcomer.post("/sim-profiles/reserve", {"activation_code": card.activation_code}).status == 201
    before = kept(newcomer.partner, taken), kept(newcomer.partner, card), kept(other, theirs)
    done = withdraw(newcomer.partner, iccids(taken, theirs, free, card, unknown, free))
    reserved = "it is reserved; only a SIM in stock can be withdrawn"
    reasons = {taken.iccid: reserved, theirs.iccid: "it belongs to another partner", card.iccid: reserved}
    assert done == (1, reasons)
    assert (kept(newcomer.partner, taken), kept(newcomer.partner, card), kept(other, theirs)) == before


def test_a_sim_that_came_back_from_a_failed_order_can_go(newcomer: Newcomer) -> None:
    entry = esim()
    sims.load(newcomer.partner, [entry])
    take(kept(newcomer.partner, entry))
    change = Transaction()
    put_back(change, kept(newcomer.partner, entry), None)
    change.commit()
    assert withdraw(newcomer.partner, [entry.iccid]) == (1, {})
    assert in_stock(newcomer.partner) == 0


def test_a_sim_from_before_codes_were_guarded(newcomer: Newcomer) -> None:
    entry = esim()
    sims.load(newcomer.partner, [entry])
    change = Transaction()
    change.release(esim_code_key(entry.smdp_address, entry.matching_id))
    change.commit()
    assert withdraw(newcomer.partner, [entry.iccid]) == (1, {})


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("after", [0, 1])
def test_the_same_once_more_withdraws_the_rest(newcomer: Newcomer, after: int, committed: bool) -> None:
    entries: list[SimEntry] = [esim() for _ in range(sims.AT_ONCE + 3)]
    sims.load(newcomer.partner, entries)
    with pytest.raises(CutOff), cut_off(after, committed=committed):
        withdraw(newcomer.partner, iccids(*entries))
    left = there(entries)
    assert withdraw(newcomer.partner, iccids(*entries)) == (left, {})
    assert (there(entries), in_stock(newcomer.partner)) == (0, 0)


def test_an_order_or_the_withdrawal_gets_the_sim(newcomer: Newcomer) -> None:
    entries: list[SimEntry] = [esim() for _ in range(10)]
    sims.load(newcomer.partner, entries)

    def attempt() -> SimProfile | None:
        profile = pick_esim(newcomer.partner)
        if profile:
            take(profile)
        return profile

    with ThreadPoolExecutor(5) as pool:
        ordering = [pool.submit(table.retry_on_conflict, attempt) for _ in range(4)]
        done = pool.submit(withdraw, newcomer.partner, iccids(*entries)).result()
        ordered = [profile.iccid for going in ordering if (profile := going.result())]
    assert sorted(done.kept) == sorted(ordered)
    assert done.withdrawn == len(entries) - len(ordered)
    assert (there(entries), in_stock(newcomer.partner)) == (len(ordered), 0)
