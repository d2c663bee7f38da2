"""What the tables of docs/contract.md list, and those of the other pages, is what the code has."""

import itertools
import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from functions.catalog.offering import MAX_AMOUNT
from functions.network import interface
from functions.network.reports import NetworkReport
from functions.orders.order import Order
from functions.products.product import SHOWN_IN, Product
from functions.routes import SCOPES
from functions.subscriptions.subscription import Subscription
from infra.local.options import SETTINGS
from infra.openapi.events import BESIDE
from infra.operator.catalog_csv import ALLOWANCES, COLUMNS
from infra.operator.catalog_entries import MAX_CATALOGS, MAX_ENTRIES, MAX_QUANTITY
from infra.operator.catalog_times import MAX_DURATION
from infra.stage import Stage
from tests.api.test_contract_tables import rows, schema_of, under
from tests.support.server import ROOT

NAMES = re.compile(r"`([\w.*-]+)`")


def names(text: str) -> list[str]:
    """Every plain name in a cell."""
    return NAMES.findall(text)


def section_of(page: str, heading: str) -> str:
    """What stands under a heading of another page."""
    text = (ROOT / page).read_text().partition(f"# {heading}\n")[2]
    return re.split(r"\n#+ ", text)[0]


def table_after(text: str, words: str) -> list[list[str]]:
    """The rows of the table that follows these words."""
    return rows(text.partition(words)[2].strip().partition("\n\n")[0])


def test_the_statuses_of_a_subscription() -> None:
    told: dict[str, set[str]] = {}
    for before, after in rows(under("Statuses", "§5")):
        for status in names(before):
            told.setdefault(status, set()).update(names(after))
    assert told == {status: set(after) for status, after in Subscription.TRANSITIONS.items() if after}


def test_the_statuses_of_an_order() -> None:
    told: dict[str, set[str]] = {}
    for line in re.findall(r"^- (.*→.*)$", under("Lifecycle", "§2"), re.MULTILINE):
        steps = [names(part) for part in re.sub(r"\([^)]*\)", "", line).split("→")]
        for (status, *_), after in itertools.pairwise(steps):
            told.setdefault(status, set()).update(after)
    assert told == {status: set(after) for status, after in Order.TRANSITIONS.items() if after}


def test_the_statuses_of_a_product_and_what_is_shown_in_them() -> None:
    told: dict[str, set[str]] = {}
    for status, members, _ in rows(under("Statuses", "§6")):
        previous = list(told.values())[-1:]
        shown = previous[0] if members == "the same" else set(re.findall(r"`(\w+)[?:`]", members))
        told[status.strip("`")] = shown | (
            SHOWN_IN["active"] | {"status_reason"} if "those it had" in members else set()
        )
    assert told.keys() == Product.TRANSITIONS.keys()
    assert {status: shown - {"billing_cycle_end_at"} for status, shown in told.items()} == {
        status: shown - {"billing_cycle_end_at"} - ({"expire_at"} if status in {"depleted", "terminated"} else set())
        for status, shown in SHOWN_IN.items()
    }


@pytest.mark.parametrize(
    ("section", "heading", "schema"), [("§7", "SIM profile", "SimProfile"), ("§3", "Offering", "ProductOffering")]
)
def test_the_values_of_members(section: str, heading: str, schema: str) -> None:
    properties = schema_of(schema)["properties"]
    told = {names(member)[0]: names(values) for member, values in rows(under(heading, section)) if names(member)}
    closed = {member: told[member] for member in told if "enum" in properties.get(member, {})}
    assert len(closed) > 1
    assert {member: set(values) for member, values in closed.items()} == {
        member: set(properties[member]["enum"]) for member in closed
    }


def test_the_states_of_an_esim() -> None:
    (row,) = (row for row in rows(under("SIM profile", "§7")) if row[0].startswith("of an eSIM"))
    listed = re.search(r"`profile_status` \((.*?)\)", row[1])
    assert listed is not None
    assert set(names(listed[1])) == set(schema_of("SimProfile")["properties"]["profile_status"]["enum"])


def test_the_scopes() -> None:
    told = [scope for _, cell in rows(under("Scopes", "§1")) for scope in re.findall(r"`([a-z-]+/[a-z]+)`", cell)]
    assert sorted(told) == sorted(SCOPES)


def test_what_events_have_beside_the_resource() -> None:
    told = {names(event)[0]: re.findall(r"`(\w+) ", member) for event, member in _beside()}
    assert told == {event: list(members) for event, members in BESIDE.items()}


def _beside() -> list[list[str]]:
    return table_after(under("Types", "§8"), "Some have more beside the resource:")


def test_what_a_subscriber_has() -> None:
    told = re.findall(r"`(\w+)(?:\[\])?([*?]?)`", " ".join(row[0] for row in rows(under("Subscriber", "§4"))))
    schema = schema_of("NewSubscriber")
    assert {name for name, _ in told} == schema["properties"].keys()
    assert {name for name, mark in told if mark == "*"} == set(schema["required"])


@pytest.mark.parametrize(("kind", "schema"), [("personal", "NewPersonal"), ("business", "NewBusiness")])
def test_what_an_account_has(kind: str, schema: str) -> None:
    (row,) = (row for row in rows(under("Account", "§4")) if row[0] == f"`{kind}`")
    told = re.findall(r"`(\w+)([*?]?)`", re.sub(r"\{.*?\}", "", row[1]))
    assert {name for name, _ in told} == schema_of(schema)["properties"].keys()
    assert {name for name, mark in told if mark == "*"} == set(schema_of(schema)["required"])


def test_what_the_network_reports() -> None:
    told: dict[str, set[str]] = {}
    for body in re.findall(r"\{(.*?)\}", " ".join(row[0] for row in rows(under("Network events", "§9")))):
        (kind,) = re.findall(r'"type": "(\w+)"', body)
        told[kind] = set(re.findall(r'"(\w+)"(?!:)', body.replace(f'"{kind}"', "")))
    shapes = TypeAdapter(NetworkReport).json_schema()["$defs"].values()
    taken = {kind: set(shape["required"]) - {"type"} for shape in shapes for kind in _kinds(shape)}
    assert told == taken
    assert {interface.reporting(kind) for kind in told} == set(interface.REPORTS)


def _kinds(shape: dict[str, Any]) -> list[str]:
    kind = shape.get("properties", {}).get("type", {})
    return [kind["const"]] if "const" in kind else list(kind.get("enum", ()))


def test_the_events_between_us_and_the_network() -> None:
    table = section_of("docs/architecture.md", "The mobile network")
    told = {name for row in rows(table) for name in names(row[0])}
    assert told >= {*interface.REQUESTS, *interface.ANSWERS}
    assert told <= {*interface.REQUESTS, *interface.ANSWERS, *interface.REPORTS}


def test_the_bounds_of_what_is_sold() -> None:
    bounds = dict(rows(under("Bounds", "§3")))
    assert bounds["a duration"] == f"{MAX_DURATION['year']} years"
    assert bounds["a price"] == f"{MAX_AMOUNT:,}"
    assert bounds["an allowance"].startswith("2^53")
    assert MAX_QUANTITY == 2**53 - 1
    told = dict(rows(section_of("docs/operator.md", "Files")))["maximums"]
    assert all(
        number in told for number in (f"{MAX_AMOUNT:,}", f"{MAX_CATALOGS} catalogs", f"{MAX_ENTRIES:,} offerings")
    )


def test_the_columns_of_a_catalog() -> None:
    told = {name for row in rows(section_of("docs/operator.md", "Catalogs")) for name in names(" ".join(row))}
    by_example = {f"data.{column}" for column in ("unit_count", "unit", "coverage_area")}
    like_data = {f"{kind}.{column.partition('.')[2]}" for kind in ALLOWANCES for column in by_example}
    assert by_example <= told
    assert set(COLUMNS) - like_data <= told


def test_the_settings_of_a_stage() -> None:
    table = section_of("README.md", "Deploying to AWS")
    told = {names(row[0])[0] for row in rows(table)}
    assert told == Stage.model_fields.keys() - {"name", "log_retention"}


def test_the_settings_of_the_sandbox() -> None:
    text = (ROOT / "README.md").read_text()
    assert {setting for setting in SETTINGS if f"`{setting}=" not in text} <= {"SEED"}
