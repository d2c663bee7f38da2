"""The tables and lists of docs/contract.md say what the code's own tables and the described schemas say."""

import json
import re
from typing import Any

import pytest

from functions.identity.clients import STANDARD
from functions.orders.failures import RETRIABLE
from functions.routes import ORDER_TYPES
from functions.shared.advice import FAILURES
from functions.shared.records import Record
from functions.subscriptions.subscription import TAKES_CANCELLATIONS, TAKES_ORDERS, Subscription
from infra.local.throttle import BURST, RATE
from tests.support.description import document
from tests.support.server import ROOT

CONTRACT = (ROOT / "docs" / "contract.md").read_text()
BUILT = re.sub(r"^### Coming$.*?(?=^## |\Z)", "", CONTRACT, flags=re.MULTILINE | re.DOTALL)
ACCEPTED_BESIDE = {"type", "reference", "purchase_location"}
"""Members that every order type takes, which its row need not name (contract §2, Known fields)."""


def under(heading: str, section: str = "") -> str:
    """Return what stands under a heading, after the beginning of a section."""
    text = BUILT.partition(f"\n## {section}")[2]
    return re.split(r"\n##", text.partition(f"### {heading}\n")[2])[0]


def names(text: str) -> set[str]:
    """Return the first part of every name in a cell: ``products`` of ``products.plan``."""
    return {re.split(r"[.\[:]", name)[0] for name in re.findall(r"`([^`]+)`", text)}


def rows(text: str) -> list[list[str]]:
    """Return the cells of a table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def schema_of(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = document()["components"]["schemas"][name]
    return schema


@pytest.mark.parametrize("order_type", ORDER_TYPES)
def test_what_an_order_type_takes(order_type: str) -> None:
    (row,) = (row for row in rows(under("Order types", "§2")) if row[0] == f"`{order_type}`")
    schema = schema_of("".join(word.capitalize() for word in order_type.split("_")))
    required, optional = names(row[1]), names(row[2].partition(" | ")[0])
    assert required == set(schema["required"])
    assert optional - required == schema["properties"].keys() - required - ACCEPTED_BESIDE


def test_why_an_order_fails() -> None:
    documented = {code: row[1].startswith("yes") for row in rows(under("Failure", "§2")) for code in names(row[0])}
    assert documented == {code: code in RETRIABLE for code in FAILURES}


def test_which_orders_a_subscription_allows() -> None:
    documented = {status: row[1] for row in rows(under("Subscription status", "§2")) for status in names(row[0])}
    assert documented.keys() == Subscription.TRANSITIONS.keys()
    assert {status for status, allowed in documented.items() if allowed == "all"} == set(TAKES_ORDERS)
    assert {status for status, allowed in documented.items() if allowed != "none"} == set(TAKES_CANCELLATIONS)


def test_the_prefixes_of_ids() -> None:
    cells = [cell for row in rows(under("Ids", "§1")) for cell in zip(row[::2], row[1::2], strict=True)]
    documented = {prefix.strip("`_") for prefix, resource in cells if "coming" not in resource}
    assert documented == {kind.PREFIX for kind in listed(Record)}


def listed(kind: type[Record]) -> set[type[Record]]:
    """Return the kinds of records that partners see."""
    kinds = {each for below in kind.__subclasses__() for each in {below, *listed(below)}}
    seen = {each for each in kinds if hasattr(each, "PREFIX") and each.__module__.startswith("functions.")}
    return {each for each in seen if hasattr(each, "PLURAL") or each.KIND in {"event", "reservation", "sim_profile"}}


@pytest.mark.parametrize(
    ("section", "heading", "name"),
    [
        ("§2", "The order", "Order"),
        ("§3", "Offering", "ProductOffering"),
        ("§3", "Catalog resource", "ProductCatalog"),
        ("§3", "Coverage area", "CoverageArea"),
        ("§5", "Subscription", "Subscription"),
    ],
)
def test_the_members_of_a_resource(section: str, heading: str, name: str) -> None:
    text = re.sub(r"\([^()]*\)", "", under(heading, section))
    (documented, *_) = re.findall(r"`([^`]{40,})`", text)
    properties = schema_of(name)["properties"]
    members = documented.removeprefix("{").partition("_links")[0]
    top_level = re.sub(r"\{[^{}]*\}", "", re.sub(r"\{[^{}]*\}", "", members))
    assert set(re.findall(r"\w+", top_level)) == properties.keys() - {"_links"}
    links = re.findall(r"[\w-]+\??", documented.partition("_links")[2])
    always = set(properties["_links"]["required"])
    assert set(links) == {each if each in always else f"{each}?" for each in properties["_links"]["properties"]}


def test_the_rate_limits_are_those_of_the_stages() -> None:
    stages = json.loads((ROOT / "cdk.json").read_text())["context"]["stages"].values()
    assert {tuple(stage["tiers"][STANDARD].values()) for stage in stages} == {(RATE, BURST)}
    documented = f"By default {RATE} requests a second with a burst of {BURST}, per partner"
    assert documented in under("Rate limits", "§1")
    assert documented in document()["components"]["responses"]["429"]["description"]
