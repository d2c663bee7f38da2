"""``python -m infra.scaling``: write the tables of docs/scaling.md from AWS's quotas and from what tests count."""

import json
from collections.abc import Mapping
from typing import Any

from infra.asset_contents import ROOT
from infra.hot_keys import Heat, Key, counted_paths, heats
from infra.limits import ACTIVATION, Limit, of_all, of_one
from infra.names import CDK_JSON
from infra.pages import filled, table
from infra.service_quotas import LIST
from infra.stage import stage_of

PAGE = ROOT / "docs" / "scaling.md"


def page(text: str, paths: Mapping[str, Any]) -> str:
    """Return the page with its tables written anew."""
    stage = stage_of(json.loads(CDK_JSON.read_text())["context"]["stages"], "prod", {"alarms": False})
    return filled(
        text,
        {
            "together": _limit_table(of_all(stage, paths[ACTIVATION])),
            "partner": _limit_table(of_one(stage, paths)),
            "keys": _key_table(heats(paths[ACTIVATION])),
            "paths": _path_table(paths),
            "quotas": _quota_table(),
        },
    )


def _limit_table(limits: list[Limit]) -> str:
    rows = [[each.what, _short(each.each), _short(each.limit), _orders(each), each.of, each.then] for each in limits]
    head = ["an activation takes", "each", "there are", "activations a second", "which is", "at the limit"]
    return table(head, rows, numbers=3)


def _key_table(found: list[Heat]) -> str:
    rows = [
        [f"`{heat.name}`", *map(_short, (heat.written, heat.read, heat.orders)), _sharing(heat.key), heat.key.then]
        for heat in found
    ]
    head = ["key", "write units", "read units", "activations a second", "shared by", "at the limit"]
    return table(head, rows, numbers=3)


def _orders(limit: Limit) -> str:
    return f"{'≥ ' if limit.least else ''}{_short(limit.orders)}"


def _sharing(key: Key) -> str:
    return key.shared_by if key.spread == 1 else f"{key.shared_by}, over {key.spread}"


def _path_table(paths: Mapping[str, Any]) -> str:
    rows = [
        [
            name.replace("_", " "),
            _short(sum(each["written"].values())),
            _short(sum(each["read"].values())),
            str(len(each["transactions"])),
            str(max(each["transactions"])),
            _hottest(each),
        ]
        for name, each in paths.items()
    ]
    head = ["path", "write units", "read units", "transactions", "items in the largest", "hottest key: a second"]
    return table(head, rows, numbers=4)


def _hottest(path: Mapping[str, Any]) -> str:
    found = heats(path)
    return f"`{found[0].name}`: {_short(found[0].orders)}" if found else "none that is shared"


def _quota_table() -> str:
    rows = [
        [
            each["what"],
            _short(each["value"]),
            "yes" if each["raised"] else "no",
            f"[{each['page']}]({each['url']})",
            each.get("unconfirmed", ""),
        ]
        for each in LIST["quotas"].values()
    ]
    head = [f"{LIST['region']}, {LIST['date']}", "quota", "can be raised", "AWS's page", "not confirmed"]
    return table(head, rows, numbers=1)


def _short(amount: float) -> str:
    return f"{amount:,.0f}" if amount == int(amount) or amount >= 100 else f"{amount:,.1f}"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text(), counted_paths()))


if __name__ == "__main__":
    main()
