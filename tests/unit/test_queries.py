"""Query parameters: once, short enough for links that can be followed, a moment's plus (contract §1, lists)."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any, get_args, get_type_hints
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import BaseModel, TypeAdapter

from functions.events.read import EventFilters
from functions.orders.order import Order
from functions.orders.read import OrderFilters
from functions.routes import ROUTES
from functions.shared.clock import iso
from functions.shared.countries import COUNTRIES
from functions.shared.event import TYPES
from functions.shared.lists import ListQuery
from functions.shared.shapes import check_query
from tests.support.builders import NOW, PARTNER

MAX_LINK_LENGTH = 8_000
"""Below what the gateway takes: 10,240 bytes of request line and headers."""
CURSOR = "c" * 200
AREA = "allowances[coverage-area][countries]"
NUMBERS = {"iccid": "8" * 19, "msisdn": f"+{'4' * 15}"}


def shapes() -> Iterator[type[ListQuery]]:
    """The query of every list."""
    for route in ROUTES:
        if route.method == "GET" and route.scope:
            module = import_module(f"functions.{route.module}")
            shape = get_type_hints(getattr(module, route.operation), include_extras=True).get("query")
            if shape:
                yield shape


SHAPES = sorted(set(shapes()), key=lambda shape: shape.__name__)


def faults(shape: type[BaseModel], **query: Any) -> list[str]:
    _, found = check_query(TypeAdapter(shape), query)
    return [fault.detail for fault in found]


def parameters(shape: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


def widest(shape: type[ListQuery], name: str) -> list[str]:
    """The longest value that the parameter takes."""
    if name in {"countries", AREA}:
        return [",".join(sorted(COUNTRIES))]
    if name.startswith("created-"):
        return [iso(NOW)]
    if shape is EventFilters and name == "type":
        return [*TYPES]
    if name in NUMBERS:
        return [NUMBERS[name]]
    for length in (300, 100, 64):
        value = ["\U0001f600" * length]
        if not faults(shape, **{name: value}):
            return value
    field = next(field for key, field in shape.model_fields.items() if name in {key, field.alias})
    choices = [str(value) for option in get_args(field.annotation) for value in get_args(option)]
    return [max(choices, key=len)]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_link_can_be_followed(shape: type[ListQuery]) -> None:
    names = [name for name in parameters(shape) if name not in {"limit", "cursor", "after"}]
    query, found = check_query(TypeAdapter(shape), {name: widest(shape, name) for name in names})
    assert found == []
    link = query.link_to("/a-list", CURSOR)["href"]
    assert len(link) < MAX_LINK_LENGTH
    again, found = check_query(TypeAdapter(shape), parse_qs(urlsplit(link).query))
    assert (found, again.filters()) == ([], query.filters())


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_longer_is_taken(shape: type[ListQuery]) -> None:
    for name in parameters(shape):
        if name != "cursor":
            (detail, *_) = faults(shape, **{name: ["x" * 9_000]})
            assert repr(name) in detail


@pytest.mark.parametrize("shape", SHAPES)
def test_what_takes_one_value_is_given_once(shape: type[ListQuery]) -> None:
    for name in parameters(shape):
        if name not in {"countries", AREA, "after"} and (shape, name) != (EventFilters, "type"):
            assert faults(shape, **{name: ["1", "2"]}) == [f"The query parameter {name!r} is given more than once."]
    assert faults(shape, nothing=["1", "2"]) == ["The query parameter 'nothing' is not known here."]


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if {"countries", AREA} & {*parameters(shape)}])
def test_each_country_counts_once(shape: type[ListQuery]) -> None:
    (name,) = {"countries", AREA} & {*parameters(shape)}
    for given in (["GB,FR"], ["FR", "GB"], ["GB,FR,GB", "FR"], ["FR,GB," * 1_500 + "FR"]):
        query, found = check_query(TypeAdapter(shape), {name: given})
        assert found == []
        assert query.link_to("/a-list")["href"].endswith("=FR,GB&limit=10")
    (detail,) = faults(shape, **{name: [",".join(f"{number:04}" for number in range(1_800))]})
    assert repr(name) in detail


@pytest.mark.parametrize("given", ["1.0", "+1", "-1", " 1", "1_0", "1e1", "\u0661", "\u00b2", "x", ""])
def test_a_limit_is_written_in_digits(given: str) -> None:
    """Python reads most of these as a number, too."""
    assert faults(OrderFilters, limit=[given]) == ["The query parameter 'limit' must be a whole number."]
    assert check_query(TypeAdapter(OrderFilters), {"limit": ["40"]})[0].limit == 40


MOMENTS = {
    "2026-03-10T13:00:00+01:00": "2026-03-10T12:00:00.000Z",
    "2026-03-10T13:00:00 01:00": "2026-03-10T12:00:00.000Z",
    "2026-03-10T12:00:00.5 00:00": "2026-03-10T12:00:00.500Z",
    "2026-03-10T11:00:00-01:00": "2026-03-10T12:00:00.000Z",
}


@pytest.mark.parametrize("given", MOMENTS)
def test_a_blank_before_the_offset_is_a_plus(given: str) -> None:
    query, found = check_query(TypeAdapter(OrderFilters), {"created-from": [given]})
    assert found == []
    assert query.filters() == {"created-from": MOMENTS[given]}


@pytest.mark.parametrize(
    "given",
    [
        "2026-03-10 12:00:00Z",
        "2026-03-10T12:00:00  01:00",
        "2026-03-10T12:00:00 ",
        "2026-03-10T12:00:00",
        "9999-12-31T23:59:59-05:00",
        "0001-01-01T00:00:00 01:00",
        "2026-03-10",
        "",
    ],
)
@pytest.mark.parametrize("name", ["created-from", "created-to"])
def test_what_is_not_a_moment_is_named(name: str, given: str) -> None:
    (detail,) = faults(OrderFilters, **{name: [given]})
    assert repr(name) in detail


def test_orders_from_a_moment_on_and_up_to_another() -> None:
    moments = [NOW + timedelta(milliseconds=number) for number in range(4)]
    orders = [
        Order(id="o", partner=PARTNER, created_at=at, type="t", subscription_id="s", subscriber_id="r", account_id="a")
        for at in moments
    ]
    query = {"created-from": [iso(moments[1])], "created-to": [iso(moments[3])]}
    filters, _ = check_query(TypeAdapter(OrderFilters), query)
    assert [order.created_at for order in orders if filters.matches(order)] == moments[1:3]
    low, high = filters.between()
    assert [order.created_at for order in orders if str(low) <= order.sort_key() < str(high)] == moments[1:3]
    assert check_query(TypeAdapter(OrderFilters), {})[0].between() == (None, None)
