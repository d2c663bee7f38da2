"""SIMs are loaded once, however often a load is cut off or done twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.shared.dynamodb import Throttled
from functions.shared.transaction import Transaction
from functions.sim_profiles.secret_codes import SecretCodes
from functions.sim_profiles.sim_profile import SimProfile
from functions.sim_profiles.stock import retire
from infra.operator import sims, writing
from infra.operator.sim_entries import EsimEntry, SimEntry
from tests.operator.cuts import CutOff, cut_off
from tests.operator.loaded_sims import in_stock, kept, there
from tests.support.commits import counted
from tests.support.newcomer import Newcomer
from tests.support.sims import esim, physical_sim

SIMS = 2 * sims.AT_ONCE + 10


@pytest.fixture
def entries() -> list[SimEntry]:
    """As many as three transactions take."""
    return [*(esim() for _ in range(SIMS - 5)), *(physical_sim() for _ in range(5))]


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("after", range(3))
def test_the_same_once_more_loads_the_rest(
    newcomer: Newcomer, entries: list[SimEntry], after: int, committed: bool
) -> None:
    with pytest.raises(CutOff), cut_off(after, committed=committed):
        sims.load(newcomer.partner, entries)
    before = there(entries)
    assert before == min(sims.AT_ONCE * (after + committed), SIMS)
    assert len(sims.load(newcomer.partner, entries)) == SIMS - before
    assert (there(entries), in_stock(newcomer.partner)) == (SIMS, SIMS - 5)
    assert sims.load(newcomer.partner, entries) == []


def test_many_threads_load_each_once(newcomer: Newcomer, entries: list[SimEntry]) -> None:
    assert sum(sims.add(newcomer.partner, entries)) == SIMS
    assert sum(sims.add(newcomer.partner, entries)) == 0
    assert (there(entries), in_stock(newcomer.partner)) == (SIMS, SIMS - 5)


def test_two_loads_at_once_load_each_once(newcomer: Newcomer, entries: list[SimEntry]) -> None:
    with ThreadPoolExecutor(2) as pool:
        loaded = list(pool.map(lambda _: sum(sims.add(newcomer.partner, entries)), range(2)))
    assert sum(loaded) == SIMS
    assert (there(entries), in_stock(newcomer.partner)) == (SIMS, SIMS - 5)


def test_an_interrupted_load_leaves_whole_sims_and_continues_later(newcomer: Newcomer, entries: list[SimEntry]) -> None:
    loading = sims.add(newcomer.partner, entries)
    next(loading)
    loading.close()
    before = there(entries)
    assert 0 < before <= SIMS
    assert sum(sims.add(newcomer.partner, entries)) == SIMS - before


def test_a_sim_that_was_used_since_is_passed_over(newcomer: Newcomer) -> None:
    entry = esim()
    (profile,) = sims.load(newcomer.partner, [entry])
    change = Transaction()
    retire(change, kept(newcomer.partner, entry))
    change.commit()
    assert sims.load(newcomer.partner, [entry]) == []
    assert kept(newcomer.partner, entry).status == "retired"
    assert kept(newcomer.partner, entry).id == profile.id


def test_each_sim_that_conflicts_with_another_is_reported(newcomer: Newcomer) -> None:
    other = Newcomer(newcomer.system).partner
    mine, second, card, theirs = esim(), esim(), physical_sim(), esim()
    sims.load(newcomer.partner, [mine, second, card])
    sims.load(other, [theirs])
    changed: list[EsimEntry] = [
        mine.model_copy(update={"matching_id": "OTHER", "smdp_address": "other.example"}),
        theirs,
    ]
    wrong: list[SimEntry] = [
        *changed,
        physical_sim().model_copy(update={"activation_code": card.activation_code}),
        physical_sim().model_copy(update={"iccid": second.iccid}),
    ]
    many = [esim() for _ in range(sims.AT_ONCE)]
    with pytest.raises(sims.SimsRefused) as refused:
        sims.load(newcomer.partner, [*many, *wrong])
    first = len(many)
    assert refused.value.reasons == {
        first: [f"ICCID {mine.iccid} is already loaded with a different matching_id and smdp_address"],
        first + 1: [f"ICCID {theirs.iccid} belongs to another partner"],
        first + 2: [f"activation code {card.activation_code} belongs to the SIM {card.iccid}"],
        first + 3: [f"ICCID {second.iccid} is already loaded with a different sim_type and activation_code"],
    }
    assert there([*many]) == 0


def test_a_code_belongs_to_one_esim_of_all_partners(newcomer: Newcomer) -> None:
    other = Newcomer(newcomer.system).partner
    mine = esim()
    sims.load(newcomer.partner, [mine])
    code = {"matching_id": mine.matching_id, "smdp_address": mine.smdp_address.upper()}
    for partner, holder in ((newcomer.partner, f"the SIM {mine.iccid}"), (other, "another partner")):
        with pytest.raises(sims.SimsRefused) as refused:
            sims.load(partner, [esim(), esim().model_copy(update=code)])
        assert refused.value.reasons == {
            1: [f"matching id {mine.matching_id} of {mine.smdp_address} belongs to {holder}"]
        }
    sims.load(other, [esim().model_copy(update=code | {"smdp_address": "other.example"})])


def test_a_host_in_other_letters_is_the_same_sim(newcomer: Newcomer) -> None:
    mine = esim()
    sims.load(newcomer.partner, [mine])
    assert sims.load(newcomer.partner, [mine.model_copy(update={"smdp_address": "SMDP.sandbox.Example"})]) == []
    assert kept(newcomer.partner, mine).smdp_address == mine.smdp_address


def test_of_two_loads_at_once_one_gets_the_codes(newcomer: Newcomer) -> None:
    other = Newcomer(newcomer.system).partner
    first = [esim() for _ in range(sims.AT_ONCE)]
    second = [esim().model_copy(update={"matching_id": entry.matching_id}) for entry in first]

    def attempt(load: tuple[str, list[EsimEntry]]) -> int:
        try:
            return sum(sims.add(*load))
        except sims.SimsRefused as refused:
            return -len(refused.reasons)

    with ThreadPoolExecutor(2) as pool:
        loaded = pool.map(attempt, [(newcomer.partner, first), (other, second)])
    assert sorted(loaded) == [-sims.AT_ONCE, sims.AT_ONCE]


def test_what_is_refused_in_between_has_its_position(newcomer: Newcomer) -> None:
    entries = [esim() for _ in range(sims.AT_ONCE + 3)]
    sims.load(Newcomer(newcomer.system).partner, [entries[-1]])
    with pytest.raises(sims.SimsRefused) as refused:
        sum(sims.add(newcomer.partner, entries))
    assert [*refused.value.reasons] == [len(entries) - 1]


@pytest.mark.parametrize("make", [esim, physical_sim])
def test_one_transaction_holds_the_largest_batch(
    newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch, make: Callable[[], SimEntry]
) -> None:
    """Of SIMs with all that is written beside one."""
    codes = {"secret_codes": SecretCodes(pin="0427", puk="90817263")}
    entries = [make().model_copy(update=codes) for _ in range(sims.AT_ONCE)]
    written = counted(monkeypatch)
    sims.load(newcomer.partner, entries)
    assert max(written) <= 100
    assert sum(written) >= 4 * len(entries)


@pytest.mark.parametrize(("refusals", "loaded"), [(2, True), (3, False)])
def test_a_busy_table_is_waited_for(
    newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch, refusals: int, loaded: bool
) -> None:
    entry, left, add = esim(), [Throttled] * refusals, sims._add

    def busy(partner: str, entries: list[SimEntry]) -> list[SimProfile]:
        if left:
            raise left.pop()
        return add(partner, entries)

    monkeypatch.setattr(writing, "PAUSES", (0, 0))
    monkeypatch.setattr(sims, "_add", busy)
    if loaded:
        assert len(sims.load(newcomer.partner, [entry])) == 1
    else:
        with pytest.raises(Throttled):
            sims.load(newcomer.partner, [entry])
    assert there([entry]) == loaded
