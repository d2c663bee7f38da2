"""``/sim-profiles``, reservations and the stock that they come from (contract §7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from functions.shared import clock, table
from functions.shared.dynamodb import Conflict
from functions.shared.records import Key, Partition
from functions.shared.transaction import Transaction
from functions.sim_profiles import reservations, stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from infra.local.system import System
from infra.operator.sims import SimsRefused, load
from tests.support.client import Client
from tests.support.newcomer import Newcomer
from tests.support.sims import esim, physical_sim

RESERVE = "/sim-profiles/reserve"


@pytest.fixture
def psim(system: System) -> SimProfile:
    """A physical SIM of acme in stock."""
    assert system
    (profile,) = load("acme", [physical_sim()])
    return profile


def reserve(client: Client, profile: SimProfile) -> dict[str, str]:
    answer = client.post(RESERVE, {"activation_code": profile.activation_code})
    assert answer.status == 201, answer.json()
    body: dict[str, str] = answer.json()
    return body


def links(profile: SimProfile) -> dict[str, dict[str, str]]:
    """Where a SIM profile of any type and status leads."""
    base = f"http://127.0.0.1:8080/sim-profiles/{profile.id}"
    return {"self": {"href": base}, "secret-codes": {"href": f"{base}/secret-codes"}}


def reservation_of(profile: SimProfile) -> Reservation:
    """The reservation that holds the SIM now."""
    kept = table.read(SimProfile, profile.partner, profile.id)
    reservation = table.read(Reservation, profile.partner, (kept.reservation_id if kept else None) or "none")
    assert reservation is not None
    return reservation


def hold(reservation: Reservation) -> None:
    """An order takes the reservation."""
    change = Transaction()
    stock.hold(change, reservation, "ord_1")
    change.commit()


def codes(client: Client, activation_code: object) -> list[tuple[str, str]]:
    answer = client.post(RESERVE, {"activation_code": activation_code})
    assert answer.status == 400
    return [(error["code"], error["pointer"]) for error in answer.json()["errors"]]


def test_a_reserved_sim_is_shown_with_its_reservation(acme: Client, psim: SimProfile) -> None:
    day = timedelta(hours=24)
    before = clock.iso(clock.now() + day)
    answer = acme.post(RESERVE, {"activation_code": psim.activation_code})
    assert answer.status == 201
    shown = answer.json()
    assert answer.headers["Location"] == shown["_links"]["self"]["href"]
    assert shown == {
        "id": psim.id,
        "iccid": psim.iccid,
        "sim_type": "psim",
        "status": "reserved",
        "reservation_id": shown["reservation_id"],
        "reservation_expires_at": shown["reservation_expires_at"],
        "_links": links(psim),
    }
    assert shown["reservation_id"].startswith("resv_")
    assert before <= shown["reservation_expires_at"] <= clock.iso(clock.now() + day)
    assert acme.get(f"/sim-profiles/{psim.id}").json() == shown


def test_the_same_code_again_prolongs_the_same_reservation(acme: Client, psim: SimProfile) -> None:
    first, second = reserve(acme, psim), reserve(acme, psim)
    assert second["reservation_id"] == first["reservation_id"]
    assert second["reservation_expires_at"] > first["reservation_expires_at"]
    reservation = reservation_of(psim)
    assert reservation.due_at == reservation.expires_at
    assert clock.iso(reservation.expires_at) == second["reservation_expires_at"]


def test_many_at_once_get_one_reservation(acme: Client, psim: SimProfile) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: reserve(acme, psim), range(8)))
    assert {answer["reservation_id"] for answer in answers} == {reservation_of(psim).id}


def test_a_code_that_is_unknown_or_taken_is_refused(acme: Client, globex: Client, psim: SimProfile) -> None:
    refusal = [("activation_code_not_usable", "$.activation_code")]
    assert codes(acme, "nothing") == refusal
    assert codes(globex, psim.activation_code) == refusal, "it is another partner's"
    reserve(acme, psim)
    hold(reservation_of(psim))
    assert codes(acme, psim.activation_code) == refusal


@pytest.mark.parametrize("status", ["active", "retired"])
def test_a_used_sim_cannot_be_reserved(acme: Client, psim: SimProfile, status: str) -> None:
    psim = table.read(SimProfile, "acme", psim.id) or psim
    change = Transaction()
    psim.status = status  # type: ignore[assignment] # a parameter of the test
    change.update(psim)
    change.commit()
    assert codes(acme, psim.activation_code) == [("activation_code_not_usable", "$.activation_code")]


@pytest.mark.parametrize("bad", ["", "x" * 101, 7, None, ["SANDBOX-0001"]])
def test_a_misshapen_code_is_refused(acme: Client, bad: object) -> None:
    assert codes(acme, bad) == [("constraint_validation_error", "$.activation_code")]


def test_an_unknown_member_is_refused(acme: Client, psim: SimProfile) -> None:
    answer = acme.post(RESERVE, {"activation_code": psim.activation_code, "hours": 48})
    assert answer.status == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["$.hours"]


def test_a_key_makes_one_reservation(acme: Client, psim: SimProfile) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = acme.post(RESERVE, {"activation_code": psim.activation_code}, headers)
    again = acme.post(RESERVE, {"activation_code": psim.activation_code}, headers)
    assert (first.headers["Idempotent-Replayed"], again.headers["Idempotent-Replayed"]) == ("false", "true")
    assert (again.status, again.json()) == (first.status, first.json())
    assert again.headers["Location"] == first.headers["Location"]
    assert acme.post(RESERVE, {"activation_code": "other"}, headers).status == 422


def test_a_reservation_that_has_run_out_gives_its_sim_back(acme: Client, psim: SimProfile) -> None:
    reserve(acme, psim)
    reservation = reservation_of(psim)
    reservations.when_due(reservation, reservation.expires_at)
    assert table.read(Reservation, "acme", reservation.id) is None
    shown = acme.get(f"/sim-profiles/{psim.id}").json()
    assert shown["status"] == "in_stock"
    assert not {"reservation_id", "reservation_expires_at"} & set(shown)
    assert reserve(acme, psim)["reservation_id"] != reservation.id


def test_a_reservation_that_an_order_holds_does_not_run_out(acme: Client, psim: SimProfile) -> None:
    reserve(acme, psim)
    hold(reservation_of(psim))
    reservation = reservation_of(psim)
    assert reservation.due_at is None
    reservations.when_due(reservation, reservation.expires_at + timedelta(days=1))
    assert reservation_of(psim) == reservation


def test_nothing_happens_before_its_time(acme: Client, psim: SimProfile) -> None:
    reserve(acme, psim)
    reservation = reservation_of(psim)
    reservations.when_due(reservation, reservation.expires_at - timedelta(milliseconds=1))
    assert reservation_of(psim) == reservation


def test_the_clock_that_comes_late_takes_nothing_away(acme: Client, psim: SimProfile) -> None:
    reserve(acme, psim)
    stale = reservation_of(psim)
    reserve(acme, psim)
    with pytest.raises(Conflict):
        reservations.when_due(stale, stale.expires_at)
    hold(reservation_of(psim))
    with pytest.raises(Conflict):
        reservations.when_due(stale, stale.expires_at)
    assert reservation_of(psim).order_id == "ord_1"


def test_an_esim_shows_how_it_is_installed(system: System) -> None:
    partner = Newcomer(system)
    entry = esim()
    (profile,) = load(partner.partner, [entry])
    assert partner.get(f"/sim-profiles/{profile.id}").json() == {
        "id": profile.id,
        "iccid": entry.iccid,
        "sim_type": "esim",
        "status": "in_stock",
        "matching_id": entry.matching_id,
        "smdp_address": "smdp.sandbox.example",
        "_links": links(profile),
    }
    assert stock.pick_esim(partner.partner) == table.read(SimProfile, partner.partner, profile.id)


def test_what_is_not_mine_is_not_found(acme: Client, globex: Client, psim: SimProfile) -> None:
    assert acme.get(f"/sim-profiles/{psim.id}").status == 200
    assert globex.get(f"/sim-profiles/{psim.id}").status == 404
    assert acme.get("/sim-profiles/simp_01ARZ3NDEKTSV4RRFFQ69G5FAV").status == 404


def test_each_operation_needs_its_scope(acme: Client, psim: SimProfile) -> None:
    reader = acme.limited_to("sim-profiles/read")
    assert reader.get(f"/sim-profiles/{psim.id}").status == 200
    assert reader.post(RESERVE, {"activation_code": psim.activation_code}).status == 403
    assert acme.limited_to("sim-profiles/write").get(f"/sim-profiles/{psim.id}").status == 403


def test_nothing_is_loaded_if_one_sim_is_not_new(system: System) -> None:
    partner, other = Newcomer(system).partner, Newcomer(system).partner
    known, fresh = physical_sim(), esim()
    load(partner, [known])
    same_iccid = esim().model_copy(update={"iccid": known.iccid})
    with pytest.raises(SimsRefused, match=f"^ICCID {known.iccid} belongs to another partner$"):
        load(other, [fresh, same_iccid])
    assert stock.pick_esim(other) is None
    with pytest.raises(SimsRefused, match=f"^ICCID {fresh.iccid} is given twice; "):
        load(other, [fresh, fresh])
    same_code = physical_sim().model_copy(update={"activation_code": known.activation_code})
    with pytest.raises(SimsRefused, match=f" {known.activation_code} belongs to the SIM {known.iccid}$"):
        load(partner, [same_code])
    assert len(load(other, [same_code, fresh])) == 2, "a code is the partner's, and what was refused is free"


def test_more_sims_than_one_transaction_takes(system: System) -> None:
    partner = Newcomer(system).partner
    loaded = load(partner, [esim() for _ in range(120)])
    entries, more = table.keys_in(Partition(None, f"{partner}#esim_stock"), newest_first=False, limit=200)
    assert (len(entries), more) == (120, False)
    assert len({profile.id for profile in loaded}) == 120


def test_the_sandbox_has_a_thousand_esims_and_a_hundred_codes(acme: Client, globex: Client) -> None:
    for client in (acme, globex):
        assert codes(client, "SANDBOX-0000")
        assert codes(client, "SANDBOX-0101")
        code = table.get_item(Key(f"{client.client_id}#activation_code#SANDBOX-0100", "activation_code"))
        assert code is not None
    entries, _ = table.keys_in(Partition(None, "globex#esim_stock"), newest_first=False, limit=1000)
    assert len(entries) > 900
