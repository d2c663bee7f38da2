"""Catalogs are loaded once, and seen when they are whole."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.operator import catalog
from tests.operator.catalogs import ADDONS, TRANSACTIONS, catalogs, check, held
from tests.operator.cuts import CutOff, cut_off
from tests.support.newcomer import Newcomer


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("after", range(TRANSACTIONS))
def test_a_load_that_was_cut_off_is_finished_by_the_same(newcomer: Newcomer, after: int, committed: bool) -> None:
    content = catalogs()
    with pytest.raises(CutOff), cut_off(after, committed=committed):
        catalog.load(newcomer.partner, content)
    whole = committed and after == TRANSACTIONS - 1
    assert all(len(found) == ADDONS + 1 for found in held(newcomer.partner).values())
    assert bool(held(newcomer.partner)) == whole, "a catalog is seen when all is there"
    assert catalog.begin(newcomer.partner, content).finished == whole
    check(newcomer.partner, catalog.load(newcomer.partner, content))


def test_what_is_loaded_already_is_left_as_it_is(newcomer: Newcomer) -> None:
    ids = catalog.load(newcomer.partner, catalogs())
    assert catalog.load(newcomer.partner, catalogs()) == ids
    check(newcomer.partner, ids)


def test_two_at_once_load_one(newcomer: Newcomer) -> None:
    with ThreadPoolExecutor(4) as pool:
        loads = list(pool.map(lambda _: catalog.load(newcomer.partner, catalogs()), range(4)))
    assert all(ids == loads[0] for ids in loads)
    check(newcomer.partner, loads[0])


def test_a_name_is_taken_once(newcomer: Newcomer) -> None:
    ids = catalog.load(newcomer.partner, catalogs())
    with pytest.raises(catalog.NamesTaken, match="the catalog 'Main' already exists"):
        catalog.load(newcomer.partner, catalogs(refundable=True))
    check(newcomer.partner, ids)
    catalog.load(newcomer.partner, catalogs("Extras"))
    assert sorted(held(newcomer.partner)) == ["Extras", "Main"]


def test_a_name_is_kept_for_a_load_that_was_cut_off(newcomer: Newcomer) -> None:
    with pytest.raises(CutOff), cut_off(1):
        catalog.load(newcomer.partner, catalogs())
    with pytest.raises(catalog.NamesTaken, match="was interrupted; finish it with the same content"):
        catalog.load(newcomer.partner, catalogs(refundable=True))
    check(newcomer.partner, catalog.load(newcomer.partner, catalogs()))


def test_partners_have_the_same_names_and_other_ids(newcomer: Newcomer) -> None:
    other = Newcomer(newcomer.system).partner
    mine, theirs = catalog.load(newcomer.partner, catalogs()), catalog.load(other, catalogs())
    assert not set(mine.values()) & set(theirs.values())
