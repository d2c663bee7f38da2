"""What the sandbox's partners sell (contract §9): tables of coverage areas, plans and add-ons."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from functions.shared import clock
from infra.operator.catalog_entries import Catalogs

Row = tuple[str, str, int, list[tuple[Any, ...]]]
"""An offering: its name, how long it lasts, its price in cents, its allowances (type, coverage area, count, unit)."""

MAIN = "Main"
EXTRAS = "Extras"

EUROPE = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
NORTH_AMERICA = "CA MX US"
ASIA_PACIFIC = "AU CN HK ID IN JP KR MO MY NZ PH SG TH TW VN"
ELSEWHERE = "AE AR BR CL CO EG IL KE MA PE TR UA XK ZA"

COVERAGE_AREAS = (
    ("Australia", "local", "AU"),
    ("Brazil", "local", "BR"),
    ("Canada", "local", "CA"),
    ("France", "local", "FR"),
    ("Germany", "local", "DE"),
    ("Italy", "local", "IT"),
    ("Japan", "local", "JP"),
    ("Kosovo", "local", "XK"),
    ("Mexico", "local", "MX"),
    ("Poland", "local", "PL"),
    ("South Africa", "local", "ZA"),
    ("Spain", "local", "ES"),
    ("Switzerland", "local", "CH"),
    ("Thailand", "local", "TH"),
    ("Türkiye", "local", "TR"),
    ("United Kingdom", "local", "GB"),
    ("United States", "local", "US"),
    ("Europe", "regional", EUROPE),
    ("North America", "regional", NORTH_AMERICA),
    ("Asia Pacific", "regional", ASIA_PACIFIC),
    ("World", "global", f"{EUROPE} {NORTH_AMERICA} {ASIA_PACIFIC} {ELSEWHERE}"),
)

EUROPE_PLAN: Row = (
    "Europe 20 GB, monthly",
    "monthly",
    1999,
    [
        ("data", "Europe", 20, "gigabytes"),
        ("voice", "Germany", None, None),
        ("sms", "Germany", 100, "count"),
    ],
)
WORLD_PLAN: Row = ("World 5 GB, monthly", "monthly", 2499, [("data", "World", 5, "gigabytes")])
TRAVEL_PLAN: Row = ("Europe 10 GB, 30 days", "30 day", 1499, [("data", "Europe", 10, "gigabytes")])

DATA_ADDONS: list[Row] = [
    ("Germany 1 GB, 7 days", "7 day", 300, [("data", "Germany", 1, "gigabytes")]),
    ("Germany 5 GB, 30 days", "30 day", 900, [("data", "Germany", 5, "gigabytes")]),
    ("United Kingdom 1 GB, 7 days", "7 day", 350, [("data", "United Kingdom", 1, "gigabytes")]),
    ("France 2 GB, 14 days", "14 day", 500, [("data", "France", 2, "gigabytes")]),
    ("Spain 3 GB, 2 weeks", "2 week", 600, [("data", "Spain", 3, "gigabytes")]),
    ("Italy 3 GB, monthly", "monthly", 700, [("data", "Italy", 3, "gigabytes")]),
    ("Poland 10 GB, 1 month", "1 month", 800, [("data", "Poland", 10, "gigabytes")]),
    ("Switzerland 500 MB, 1 day", "1 day", 250, [("data", "Switzerland", 500, "megabytes")]),
    ("Türkiye 1 GB, 7 days", "7 day", 450, [("data", "Türkiye", 1, "gigabytes")]),
    ("Kosovo 500 MB, 7 days", "7 day", 400, [("data", "Kosovo", 500, "megabytes")]),
    ("United States 3 GB, 15 days", "15 day", 1100, [("data", "United States", 3, "gigabytes")]),
    ("Canada 2 GB, 15 days", "15 day", 1000, [("data", "Canada", 2, "gigabytes")]),
    ("Mexico 1 GB, 7 days", "7 day", 600, [("data", "Mexico", 1, "gigabytes")]),
    ("Brazil 1 GB, 7 days", "7 day", 650, [("data", "Brazil", 1, "gigabytes")]),
    ("Japan unlimited, 3 days", "3 day", 1900, [("data", "Japan", None, None)]),
    ("Thailand 15 GB, 10 days", "10 day", 950, [("data", "Thailand", 15, "gigabytes")]),
    ("Australia 250 MB, 1 year", "1 year", 1200, [("data", "Australia", 250, "megabytes")]),
    ("North America 5 GB, season", "season", 1800, [("data", "North America", 5, "gigabytes")]),
    ("Europe 2 GB, until the plan's cycle ends", "plan cycle", 600, [("data", "Europe", 2, "gigabytes")]),
    ("World 1 GB, 30 days", "30 day", 1500, [("data", "World", 1, "gigabytes")]),
]
OTHER_ADDONS: list[Row] = [
    ("Germany 60 minutes, 30 days", "30 day", 400, [("voice", "Germany", 3600, "seconds")]),
    ("France 60 minutes, 30 days", "30 day", 400, [("voice", "France", 3600, "seconds")]),
    ("Europe 120 minutes, 30 days", "30 day", 700, [("voice", "Europe", 7200, "seconds")]),
    ("World 30 minutes, 30 days", "30 day", 1200, [("voice", "World", 1800, "seconds")]),
    ("Europe 100 messages, 30 days", "30 day", 300, [("sms", "Europe", 100, "count")]),
    (
        "Asia Pacific 3 GB and 60 minutes, 30 days",
        "30 day",
        1600,
        [("data", "Asia Pacific", 3, "gigabytes"), ("voice", "Asia Pacific", 3600, "seconds")],
    ),
]
INACTIVE_ADDON: Row = (
    "South Africa 1 GB, 7 days (no longer sold)",
    "7 day",
    500,
    [("data", "South Africa", 1, "gigabytes")],
)
EXTRA_ADDON: Row = ("Spain 20 GB, 30 days (extra)", "30 day", 1500, [("data", "Spain", 20, "gigabytes")])
NETWORK_ADDONS = {
    "network_rejects": "Europe 10 messages (sandbox: network_rejects)",
    "network_takes_5s": "Europe 10 messages (sandbox: network_takes_5s)",
}
"""How the simulated network treats an order with such an add-on (``metadata.sandbox``), and the add-on's name."""


def catalogs(now: datetime) -> Catalogs:
    """Return the catalogs of one partner."""
    main = [
        _plan(EUROPE_PLAN, now) | {"phone_number_country": "DE"},
        *(_plan(row, now) for row in (WORLD_PLAN, TRAVEL_PLAN)),
        *(_addon(row, now) for row in (*DATA_ADDONS, *OTHER_ADDONS)),
        _addon(INACTIVE_ADDON, now) | {"status": "inactive"},
        *_network_addons(now),
    ]
    extras = [_addon(EXTRA_ADDON, now)]
    return Catalogs.of(
        {
            "coverage_areas": {name: _area(name, kind, countries) for name, kind, countries in COVERAGE_AREAS},
            "offerings": {offering["name"]: offering for offering in (*main, *extras)},
            "catalogs": {MAIN: _names(main), EXTRAS: _names(extras)},
        }
    )


def _area(name: str, kind: str, countries: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "countries": countries.split()}


def _plan(row: Row, now: datetime) -> dict[str, Any]:
    return _offering(row, now) | {"type": "plan"}


def _addon(row: Row, now: datetime) -> dict[str, Any]:
    return _offering(row, now) | {"type": "addon", "category": "allowance"}


def _network_addons(now: datetime) -> Iterable[dict[str, Any]]:
    for behaviour, name in NETWORK_ADDONS.items():
        row: Row = (name, "30 day", 100, [("sms", "Europe", 10, "count")])
        yield _addon(row, now) | {"metadata": {"sandbox": behaviour}}


def _offering(row: Row, now: datetime) -> dict[str, Any]:
    name, lasts, cents, allowances = row
    validity = _validity(lasts, now)
    return {
        "name": name,
        "validity": validity,
        "prices": [_price(validity, cents)],
        "allowances": [_allowance(*allowance) for allowance in allowances],
    }


def _validity(lasts: str, now: datetime) -> dict[str, Any]:
    if lasts == "season":
        return {
            "type": "interval",
            "start_at": clock.iso(now - timedelta(days=1)),
            "end_at": clock.iso(now + timedelta(days=36525)),
        }
    if lasts == "plan cycle":
        return {"type": "end_of_plan_cycle"}
    count, unit = ("1", "month") if lasts == "monthly" else lasts.split()
    return {"type": "duration", "unit": unit, "unit_count": int(count), "is_recurrent": lasts == "monthly"}


def _price(validity: dict[str, Any], cents: int) -> dict[str, Any]:
    price = {"type": "one_time", "unit_amount": cents, "currency": "EUR"}
    if validity.get("is_recurrent"):
        price |= {"type": "recurring", "recurrence": {name: validity[name] for name in ("unit", "unit_count")}}
    return price


def _allowance(kind: str, area: str, count: int | None, unit: str | None) -> dict[str, Any]:
    return {"type": kind, "coverage_area": area, "unit_count": count, "unit": unit}


def _names(offerings: Iterable[dict[str, Any]]) -> list[str]:
    return [offering["name"] for offering in offerings]
