"""The sandbox's own doors: its clock and the network's reports (contract §9). No test here moves the time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.messages import HttpResponse
from infra.local.system import System
from tests.support.client import Client
from tests.support.shop import Shop

CLOCK = "/sandbox/clock"
REPORTS = "/sandbox/network-events"
PARTNERS = "/sandbox/partners"
USAGE = {"type": "usage", "subscription_id": "subs_1", "allowance_type": "data", "amount": 1, "country": "DE"}


def faults(answer: HttpResponse) -> list[tuple[str, str | None]]:
    assert answer.status == 400
    return [(fault["code"], fault.get("pointer")) for fault in answer.json()["errors"]]


def without(body: dict[str, Any], member: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != member}


class TestWho:
    """Any partner's token, whatever its scopes; and nobody else."""

    @pytest.mark.parametrize("scopes", [(), ("products/read",)])
    def test_every_token(self, acme: Client, globex: Client, scopes: tuple[str, ...]) -> None:
        for client in (acme.limited_to(*scopes), globex.limited_to(*scopes)):
            assert client.get(CLOCK).status == 200
            assert client.post(CLOCK, {"advance": "PT0S"}).status == 200
            assert faults(client.post(REPORTS, USAGE)) == [("not_found", "$.subscription_id")]

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", CLOCK), *[("POST", path) for path in (CLOCK, REPORTS, PARTNERS, "/sandbox/reset")]]
    )
    def test_no_token(self, anonymous: Client, method: str, path: str) -> None:
        assert anonymous.send(method, path, {"advance": "PT0S"} if method == "POST" else None).status == 401

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("PUT", CLOCK, "GET, POST"),
            ("DELETE", CLOCK, "GET, POST"),
            ("GET", REPORTS, "POST"),
            ("PATCH", REPORTS, "POST"),
        ],
    )
    def test_another_method(self, acme: Client, method: str, path: str, allowed: str) -> None:
        answer = acme.send(method, path)
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)

    def test_another_path(self, acme: Client) -> None:
        assert acme.get("/sandbox/nothing").status == 404
        assert acme.post("/sandbox/time", {}).status == 404


class TestClock:
    """Its time, and how it cannot be moved."""

    def test_it_returns_the_time(self, acme: Client) -> None:
        answer = acme.get(CLOCK).json()
        assert answer.keys() == {"now"}
        assert answer["now"].endswith("Z")
        assert datetime.now(UTC) - datetime.fromisoformat(answer["now"]) < timedelta(seconds=5)

    @pytest.mark.parametrize("advance", ["PT0S", "P0D", "PT0.000S", "P0Y0M0DT0H0M0S", "P0W"])
    def test_nothing_is_a_duration_too(self, acme: Client, advance: str) -> None:
        before = acme.get(CLOCK).json()["now"]
        answer = acme.post(CLOCK, {"advance": advance})
        assert answer.status == 200
        assert before <= answer.json()["now"] <= acme.get(CLOCK).json()["now"]

    @pytest.mark.parametrize(
        "advance",
        [
            "",
            "P",
            "T1H",
            "31",
            "31D",
            "P31",
            "P1H",
            "p31d",
            "P31D ",
            "P-1D",
            "-P1D",
            "-PT0.001S",
            "P1M-1D",
            "P0.5M",
            "P1.5Y",
            "P5Y1D",
            "P61M",
            "P1827D",
            "P99999Y",
            "P99999999999D",
            "PT" + "9" * 400 + "S",
            "PT",
            "P1DT",
            "P" + "9" * 5000 + "M",
            "P\uff11D",
            "P1D/P1D",
            "2027-01-01T00:00:00Z",
            "tomorrow",
        ],
    )
    def test_what_is_not_a_duration(self, acme: Client, advance: str) -> None:
        answer = acme.post(CLOCK, {"advance": advance})
        assert faults(answer) == [("constraint_validation_error", "$.advance")]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (None, "$.advance"),
            ({}, "$.advance"),
            ({"advance": None}, "$.advance"),
            ({"advance": 31}, "$.advance"),
            ({"advance": ["PT0S"]}, "$.advance"),
            ({"advance": "PT0S", "to": "2027-01-01"}, "$.to"),
            (["PT0S"], "$"),
        ],
    )
    def test_a_body_that_is_none(self, acme: Client, body: Any, pointer: str) -> None:
        assert faults(acme.post(CLOCK, body)) == [("constraint_validation_error", pointer)]

    def test_a_query_parameter(self, acme: Client) -> None:
        assert faults(acme.get(f"{CLOCK}?zone=utc")) == [("constraint_validation_error", None)]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "$.name"),
        ({"scopes": ["orders"]}, "$.scopes[0]"),
        ({"scopes": "orders/read"}, "$.scopes"),
        ({"rate": 0}, "$.rate"),
        ({"burst": 1.5}, "$.burst"),
        ({"client_id": "mine"}, "$.client_id"),
    ],
)
def test_a_partner_that_cannot_be(acme: Client, body: Any, pointer: str) -> None:
    assert faults(acme.post(PARTNERS, body)) == [("constraint_validation_error", pointer)]


def test_a_partner_with_a_limit_of_its_own_is_told_it(acme: Client) -> None:
    made = acme.post(PARTNERS, {"rate": 7, "burst": 1}).json()
    own = Client(acme.system, made["client_id"])
    assert own.get("/orders").status == 200
    refused = own.get("/orders")
    assert (refused.status, refused.header("x-rate-limit-limit")) == (429, "7")


class TestReports:
    """What the network can be made to say."""

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (None, "$.type"),
            (without(USAGE, "type"), "$.type"),
            (USAGE | {"type": "roaming"}, "$.type"),
            (without(USAGE, "subscription_id"), "$.subscription_id"),
            (USAGE | {"subscription_id": ""}, "$.subscription_id"),
            (USAGE | {"allowance_type": "fax"}, "$.allowance_type"),
            (without(USAGE, "amount"), "$.amount"),
            (USAGE | {"amount": 0}, "$.amount"),
            (USAGE | {"amount": -1}, "$.amount"),
            (USAGE | {"amount": 1.5}, "$.amount"),
            (USAGE | {"amount": 10**15 + 1}, "$.amount"),
            (USAGE | {"amount": "1"}, "$.amount"),
            (USAGE | {"country": "ZZ"}, "$.country"),
            (USAGE | {"country": "de"}, "$.country"),
            (USAGE | {"id": ""}, "$.id"),
            (USAGE | {"id": "x" * 101}, "$.id"),
            (USAGE | {"occurred_at": "2026-01-01T00:00:00Z"}, "$.occurred_at"),
            ({"type": "first_usage", "subscription_id": "subs_1"}, "$.country"),
            ({"type": "first_usage", "subscription_id": "subs_1", "country": "DE", "amount": 1}, "$.amount"),
            ({"type": "sim_installed", "subscription_id": "subs_1", "sim_profile_id": "simp_1"}, "$.subscription_id"),
            ({"type": "sim_deleted"}, "$.sim_profile_id"),
            ({"type": "country_changed", "subscription_id": "subs_1"}, "$.country"),
            ({"type": "terminated"}, "$.subscription_id"),
        ],
    )
    def test_a_report_that_is_none(self, acme: Client, body: Any, pointer: str) -> None:
        assert faults(acme.post(REPORTS, body)) == [("constraint_validation_error", pointer)]

    def test_another_partners_ids(self, system: System, acme: Client, globex: Client) -> None:
        shop = Shop(acme)
        subscription_id = shop.subscribe()
        path = f"/subscriptions/{subscription_id}"
        sim_id = acme.get(path).json()["_embedded"]["sim_profile"]["id"]
        before = acme.get(path).json()
        for body, pointer in (
            ({"type": "terminated", "subscription_id": subscription_id}, "$.subscription_id"),
            ({"type": "country_changed", "subscription_id": subscription_id, "country": "DE"}, "$.subscription_id"),
            ({"type": "sim_installed", "sim_profile_id": sim_id}, "$.sim_profile_id"),
        ):
            assert faults(globex.post(REPORTS, body)) == [("not_found", pointer)]
        system.quiesce()
        assert acme.get(path).json() == before

    def test_a_report_has_an_id(self, system: System, acme: Client) -> None:
        subscription_id = Shop(acme).subscribe()
        body = {"type": "country_changed", "subscription_id": subscription_id, "country": "DE"}
        made = acme.post(REPORTS, body | {"id": None})
        given = acme.post(REPORTS, body | {"id": "the network's own"})
        assert (made.status, given.status) == (202, 202)
        assert made.json()["id"]
        assert given.json() == {"id": "the network's own"}
        system.quiesce()
