"""``/sim-profiles/{id}/secret-codes``: for their partner alone, and nowhere else to be read (contract §7)."""

from collections.abc import Callable
from math import ceil
from typing import Any

import pytest

from functions.shared import sealing, table
from functions.shared.marshal import marshal
from functions.shared.observability import logger
from functions.sim_profiles.secret_codes import SealedCodes, SecretCodes
from functions.sim_profiles.sim_profile import SimProfile
from infra.local import environment
from infra.local.system import System
from infra.operator import sims
from infra.operator.sims import load
from tests.support.client import Client
from tests.support.newcomer import Newcomer
from tests.support.shop import Shop
from tests.support.sims import esim, physical_sim

BASE = "http://127.0.0.1:8080"
CODES = SecretCodes(pin="0427", puk="90817263")
OTHERS = SecretCodes(pin="55555", puk="11111111")


@pytest.fixture
def partner(system: System) -> Newcomer:
    """A partner without anything."""
    return Newcomer(system)


def loaded(partner: str, *codes: SecretCodes | None) -> list[SimProfile]:
    """New eSIMs with these codes."""
    return load(partner, [esim().model_copy(update={"secret_codes": each}) for each in codes])


def path(profile: SimProfile) -> str:
    return f"/sim-profiles/{profile.id}/secret-codes"


def kept(profile: SimProfile) -> SealedCodes:
    found = table.read(SealedCodes, profile.partner, profile.id)
    assert found is not None
    return found


def test_the_codes_come_with_their_link_and_are_not_to_be_stored(partner: Newcomer) -> None:
    sims = [sim.model_copy(update={"secret_codes": CODES}) for sim in (esim(), physical_sim())]
    for profile in load(partner.partner, sims):
        link = {"href": BASE + path(profile)}
        assert partner.get(f"/sim-profiles/{profile.id}").json()["_links"]["secret-codes"] == link
        answer = partner.get(path(profile))
        assert answer.json() == {"pin": "0427", "puk": "90817263", "_links": {"self": link}}
        assert (answer.status, answer.header("Cache-Control")) == (200, "no-store")


def test_every_sim_of_the_sandbox_has_codes(acme: Client) -> None:
    shop = Shop(acme)
    subscription = shop.complete(shop.activation())["_embedded"]["subscription"]
    card = acme.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0090"}).json()
    for sim in (subscription["_embedded"]["sim_profile"], card):
        answer = acme.get(sim["_links"]["secret-codes"]["href"].removeprefix(BASE)).json()
        assert SecretCodes(pin=answer["pin"], puk=answer["puk"])


def test_others_do_not_find_them(partner: Newcomer, acme: Client) -> None:
    (profile,) = loaded(partner.partner, CODES)
    assert acme.get(path(profile)).status == 404
    assert partner.get("/sim-profiles/none/secret-codes").json()["detail"] == "There is no SIM profile with this id."


def test_a_sim_may_have_been_loaded_without_codes(partner: Newcomer) -> None:
    without, _ = loaded(partner.partner, None, CODES)
    answer = partner.get(path(without))
    assert (answer.status, answer.json()["detail"]) == (404, "This SIM profile has no secret codes.")


def test_they_need_a_scope_of_their_own(partner: Newcomer) -> None:
    (profile,) = loaded(partner.partner, CODES)
    assert partner.limited_to("sim-profiles/secrets").get(path(profile)).status == 200
    refused = partner.limited_to("sim-profiles/read", "sim-profiles/write").get(path(profile))
    assert refused.status == 403
    assert "sim-profiles/secrets" in refused.json()["detail"]


def test_nothing_that_is_kept_or_logged_shows_them(
    partner: Newcomer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    (profile,) = loaded(partner.partner, CODES)
    assert partner.get(path(profile)).status == 200
    output = capfd.readouterr()
    log = output.out + output.err + caplog.text
    assert "Answered." in log
    (read,) = [vars(record) for record in caplog.records if record.message == "Secret codes were read."]
    read |= logger.thread_safe_get_current_keys()
    assert (read["client_id"], read["sim_profile_id"]) == (partner.client_id, profile.id)
    items = [table.get_item(key) for key in (profile.key(), kept(profile).key())]
    assert all(items)
    for code in (f"'{CODES.pin}'", CODES.puk):
        assert code not in log + str(items)


def test_a_load_asks_for_a_key_with_each_transaction(partner: Newcomer) -> None:
    asked: list[Any] = []

    def note(model: Any, **_: Any) -> None:
        asked.append(model.name)

    events = sealing._kms().meta.events
    events.register("before-call.kms", note)
    try:
        profiles = loaded(partner.partner, *[CODES] * 120)
        loaded(partner.partner, None)
    finally:
        events.unregister("before-call.kms", note)
    assert asked == ["GenerateDataKey"] * ceil(120 / sims.AT_ONCE)
    assert partner.get(path(profiles[-1])).json()["puk"] == CODES.puk


def test_equal_codes_are_sealed_differently(partner: Newcomer) -> None:
    first, second = (kept(profile) for profile in loaded(partner.partner, CODES, CODES))
    assert first.sealed != second.sealed
    (third,) = (kept(profile) for profile in loaded(partner.partner, CODES))
    assert third.data_key != first.data_key


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    "forge",
    [
        lambda mine, _: {"sealed": flipped(mine.sealed)},
        lambda mine, _: {"data_key": flipped(mine.data_key)},
        lambda mine, _: {"sealed": mine.sealed[:12]},
        lambda _, others: {"sealed": others.sealed},
        lambda _, others: {"data_key": others.data_key},
        lambda _, others: others.model_dump(include={"id", "partner", "sealed", "data_key"}),
    ],
)
@pytest.mark.parametrize("of_the_same_partner", [True, False])
def test_what_was_changed_or_is_another_sims_is_not_opened(
    system: System,
    partner: Newcomer,
    forge: Callable[[SealedCodes, SealedCodes], dict[str, Any]],
    of_the_same_partner: bool,
) -> None:
    (profile,) = loaded(partner.partner, CODES)
    (other,) = loaded(partner.partner if of_the_same_partner else f"{partner.partner}-2", OTHERS)
    mine = kept(profile)
    forged = mine.model_copy(update=forge(mine, kept(other))).item() | mine.key()._asdict()
    system.aws.dynamodb.put_item(TableName=environment.TABLE, Item=marshal(forged))
    answer = partner.get(path(profile))
    assert (answer.status, answer.json().keys()) == (500, {"title", "status", "detail", "correlation_id"})
    assert answer.json()["detail"] == "Something failed on our side; try again."
