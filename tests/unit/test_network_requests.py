"""What the mobile network is asked (docs/operator.md), and that the network that comes with the product understands."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from functions.catalog.offering import OfferingTerms
from functions.network import interface, requests, simulated
from functions.network.reports import NetworkReport
from functions.orders.order import Line, Order
from functions.sim_profiles.sim_profile import SimProfile
from infra import state_machines
from tests.support.builders import MONTH, NOW, PARTNER, allowance, coverage, offering, subscription

OPERATOR = Path(state_machines.__file__).parents[1] / "docs" / "operator.md"
Item = dict[str, Any]
SIM = subscription().sim_profile
OLD_ALLOWANCE: Item = {
    "type": "data",
    "is_unlimited": True,
    "policies": [],
    "coverage_area": {"id": "cov_1", "name": "Germany", "type": "local", "countries": ["DE"]},
}


def order(**fields: Any) -> Order:
    plain: Item = {"id": "ord_1", "partner": PARTNER, "created_at": NOW, "type": "topup_subscription"}
    plain |= {"subscription_id": "subs_1", "subscriber_id": "subr_1", "account_id": "acc_1"}
    return Order.model_validate(plain | fields)


def line(product_id: str, **fields: Any) -> Line:
    return Line(product_id=product_id, offering=offering("prdoff_1", **fields).terms())


def provision_parameters() -> Item:
    """What the state machine puts on the bus."""
    provision = state_machines.lifecycle()["States"]["Provision"]
    return dict(provision["Parameters"]["Entries"][0]["Detail"])


def test_what_is_sold_is_requested_by_kind_and_quantity_and_area_id() -> None:
    limited, free = allowance("data"), allowance("voice", is_unlimited=True, unit=None, unit_count=None)
    limited.policies = [{"type": "throttle"}]
    sold = line(
        "prd_1", name="Deutschland", metadata={"apn": "m2m"}, phone_number_country="DE", allowances=[limited, free]
    )
    asked = requests.provisioning(order(lines=[sold]), "active", SIM)
    assert asked["products"] == [
        {
            "id": "prd_1",
            "product_offering": {
                "id": "prdoff_1",
                "name": "Deutschland",
                "type": "addon",
                "phone_number_country": "DE",
                "metadata": {"apn": "m2m"},
                "allowances": [
                    {
                        "type": "data",
                        "is_unlimited": False,
                        "unit": "gigabytes",
                        "unit_count": 1,
                        "coverage_area": {"id": "cov_1"},
                    },
                    {"type": "voice", "is_unlimited": True, "coverage_area": {"id": "cov_1"}},
                ],
            },
        }
    ]


def test_what_is_absent_is_left_out() -> None:
    (product,) = requests.sold([line("prd_1")])
    assert product["product_offering"].keys() == {"id", "name", "type", "allowances"}


def test_products_that_end_are_named_by_their_id() -> None:
    selling = order(lines=[line("prd_2")], product_ids=["prd_1"])
    asked = requests.provisioning(selling, "active", SIM)["products"]
    assert [product["id"] for product in asked] == ["prd_2", "prd_1"]
    assert asked[1] == {"id": "prd_1"}


def test_nothing_of_a_person_is_in_it() -> None:
    """Only members that are named here; a person's are in other records."""
    sim = SimProfile(id="simp_2", partner=PARTNER, created_at=NOW, iccid="8988211000000000010", sim_type="esim")
    sim.matching_id, sim.smdp_address, sim.eid, sim.activation_code = "M", "smdp.example", "0" * 32, "CARD-1"
    asked = requests.provisioning(order(), "active", sim)
    assert tuple(asked) == requests.PROVISIONING
    assert asked["subscription"] == {"id": "subs_1", "status": "active"}
    assert asked["sim_profile"].keys() == {"id", "iccid", "sim_type", "matching_id", "smdp_address", "eid"}
    around = {"version", "partner", "order_id", "reply_token"}
    assert {name.removesuffix(".$") for name in provision_parameters()} == asked.keys() | around


def test_both_requests_say_their_version() -> None:
    failed = order(type="activate_subscription", sim_profile_id="simp_1")
    assert requests.deprovisioning(failed, NOW).data == {
        "version": 2,
        "operation": "activate_subscription",
        "partner": PARTNER,
        "order_id": "ord_1",
        "subscription": {"id": "subs_1"},
        "sim_profile": {"id": "simp_1"},
    }
    assert requests.provisioning(order(), "active", SIM)["version"] == requests.VERSION == 2


class TestTheSimulatedNetwork:
    """While a new version is deployed, requests of both versions reach it."""

    @pytest.fixture
    def said(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Item]]:
        """What it answers."""
        answers: list[tuple[str, Item]] = []
        monkeypatch.setattr(simulated, "_put", lambda kind, detail: answers.append((kind, detail)))
        return answers

    @pytest.mark.parametrize(
        ("version", "allowances"),
        [({}, [OLD_ALLOWANCE]), ({"version": 2}, [{"type": "data", "coverage_area": {"id": "cov_1"}}])],
    )
    @pytest.mark.parametrize(
        ("metadata", "answer"), [(None, "succeeded"), ({"sandbox": "network_rejects"}, "failed"), ({}, "succeeded")]
    )
    def test_it_answers(self, said: Any, version: Item, allowances: list[Item], metadata: Any, answer: str) -> None:
        sold: Item = {
            "id": "prdoff_1",
            "name": "x",
            "type": "plan",
            "allowances": allowances,
            "phone_number_country": "DE",
        }
        sold |= {"metadata": metadata} if metadata is not None else {}
        asked: Item = {"operation": "activate_subscription", "partner": PARTNER, "order_id": "ord_1"}
        asked |= {"reply_token": "t"}
        asked |= {"sim_profile": None, "products": [{"id": "prd_1", "product_offering": sold}, {"id": "prd_2"}]}
        asked |= {"subscription": {"id": "subs_1", "status": "created"}}
        simulated.handler({"detail-type": "network.provisioning.requested", "detail": asked | version}, None)
        ((kind, detail),) = said
        assert kind == f"network.provisioning.{answer}"
        assert (detail["order_id"], detail["reply_token"]) == ("ord_1", "t")
        assert ("msisdn" in detail) == (answer == "succeeded")

    def test_it_takes_five_seconds(self, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Before it answers, and only where an add-on asks for it."""
        waits: list[tuple[int, int]] = []
        monkeypatch.setattr(simulated, "time", SimpleNamespace(sleep=lambda pause: waits.append((pause, len(said)))))
        asked: Item = {"operation": "topup_subscription", "partner": PARTNER, "order_id": "ord_1", "reply_token": "t"}
        for wish in ("network_takes_5s", "else"):
            products = [{"id": "prd_1", "product_offering": {"metadata": {"sandbox": wish}}}]
            detail = asked | {"sim_profile": None, "products": products}
            simulated.handler({"detail-type": "network.provisioning.requested", "detail": detail}, None)
        assert [kind for kind, _ in said] == ["network.provisioning.succeeded"] * 2
        assert waits == [(5, 0)]

    @pytest.mark.parametrize("version", [{}, {"version": 2}])
    def test_it_undoes(self, said: Any, version: Item) -> None:
        asked = {"operation": "topup_subscription", "partner": PARTNER, "order_id": "ord_1"} | version
        simulated.handler({"detail-type": "network.deprovisioning.requested", "detail": asked}, None)
        assert said == [("network.deprovisioning.succeeded", {"partner": PARTNER, "order_id": "ord_1"})]


def test_the_operators_page_shows_a_request() -> None:
    """docs/operator.md: every member that can be there but the EID, and no other."""
    (shown,) = re.findall(r"carry out an order:\n\n```jsonc\n(.*?)```", OPERATOR.read_text(), re.DOTALL)
    page = json.loads(shown)
    assert page.keys() == {name.removesuffix(".$") for name in provision_parameters()}
    assert page["version"] == requests.VERSION
    sim = SimProfile.model_validate(page["sim_profile"] | {"partner": PARTNER, "created_at": NOW})
    given = page["products"][0]["product_offering"]
    areas = coverage().model_dump()
    allowances = [each | {"coverage_area": areas | each["coverage_area"]} for each in given["allowances"]]
    terms = OfferingTerms.model_validate(given | {"allowances": allowances, "validity": MONTH})
    selling = Line(product_id=page["products"][0]["id"], offering=terms)
    asking = order(type=page["operation"], lines=[selling], product_ids=[page["products"][1]["id"]])
    asked = requests.provisioning(asking, page["subscription"]["status"], sim)
    of_its_own = {"partner", "order_id", "subscription"}
    assert {name: asked[name] for name in asked.keys() - of_its_own}.items() <= page.items()


def test_each_report_has_a_shape_and_reaches_its_function() -> None:
    shapes = get_args(get_args(NetworkReport)[0])
    types = [kind for shape in shapes for kind in get_args(shape.model_fields["type"].annotation)]
    assert sorted(interface.reporting(kind) for kind in types) == sorted(interface.REPORTS)
    assert [interface.reported(interface.reporting(kind)) for kind in types] == types
