"""docs/scaling.md follows from AWS's quotas and from what is counted, and so does what it says of the first limits."""

import json
from datetime import date

import pytest

from functions.orders.progress import CHECK_AGAIN_AFTER
from infra.hot_keys import counted_paths, heats, hottest
from infra.limits import ACTIVATION, of_all, of_one
from infra.names import CDK_JSON
from infra.scaling import PAGE, page
from infra.service_quotas import LIST, quota
from infra.stage import Stage, stage_of


@pytest.fixture(scope="module")
def prod() -> Stage:
    """The stage that the page tells of."""
    return stage_of(json.loads(CDK_JSON.read_text())["context"]["stages"], "prod", {"alarms": False})


def test_the_page_is_computed() -> None:
    text = PAGE.read_text()
    assert page(text, counted_paths()) == text, "write it anew with python -m infra.scaling"


def test_what_the_page_says_of_the_first_limits(prod: Stage) -> None:
    """Of those that are exact: a new table, then Step Functions."""
    exact = [limit for limit in of_all(prod, counted_paths()[ACTIVATION]) if not limit.least]
    assert [(limit.what, round(limit.orders)) for limit in exact[:2]] == [
        ("write units of a new table, with all indexes", 62),
        ("executions started", 150),
    ]


def test_no_key_is_hot_before_a_partner_may_send_more_than_five_times_as_much(prod: Stage) -> None:
    first = hottest(counted_paths()[ACTIVATION], "a partner")
    (tier,) = (limit for limit in of_one(prod, counted_paths()) if limit.what == "requests")
    assert first.name == "table <partner>#orders"
    assert first.orders == 5 * tier.orders
    together = hottest(counted_paths()[ACTIVATION], "all partners")
    assert together.orders > of_all(prod, counted_paths()[ACTIVATION])[-1].orders / 10


def test_how_many_late_orders_the_clock_keeps_up_with() -> None:
    late = quota("describe_execution") * CHECK_AGAIN_AFTER.total_seconds()
    assert f"keeps up with {late:,.0f} late orders" in PAGE.read_text()


def test_a_key_that_many_orders_share_has_to_be_known() -> None:
    path = counted_paths()[ACTIVATION]
    counter = {"written": path["written"] | {"table <partner>#counter": 2}, "read": {}}
    with pytest.raises(LookupError, match="who shares"):
        heats(counter)


def test_what_is_read_counts_as_well_as_what_is_written() -> None:
    path = {"written": {"table <partner>#orders": 1}, "read": {"table <partner>#orders": 6}}
    (heat,) = heats(path)
    assert heat.orders == 500


def test_every_quota_names_its_page() -> None:
    assert all(each["url"].startswith("https://docs.aws.amazon.com/") for each in LIST["quotas"].values())
    assert all(each["page"] and each["value"] > 0 for each in LIST["quotas"].values())
    assert date.fromisoformat(LIST["date"])
