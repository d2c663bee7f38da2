"""Subscriptions are found by the SIMs and numbers that they have or have had, subscribers by their address."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from functions.shared.search_keys import search_key
from functions.shared.transaction import Transaction
from functions.subscriptions.search import entry_key, holders
from infra.local.messages import HttpRequest
from tests.support import bodies
from tests.support.builders import MONTH, PARTNER, SUBSCRIBER, offering, subscription
from tests.support.customers import PERSON
from tests.support.timeline import Timeline

NUMBER = "+4915112345678"
INDEX_KEYS = ("pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk")


def found(line: Timeline, query: str, path: str = "/subscriptions") -> list[str]:
    """The ids on the one page that the query has."""
    body = line.world.get(f"{path}?{query}")
    assert not {"next", "prev"} & body["_links"].keys()
    (shown,) = body["_embedded"].values()
    return [item["id"] for item in shown]


def iccid(line: Timeline, subscription_id: str) -> str:
    return line.subscription(subscription_id).sim_profile.iccid


def subscribe_with_number(line: Timeline, number: str = NUMBER) -> str:
    """The id of a subscription to which the network gives a number."""
    if not any(item.get("name") == "with number" for item in line.world.of_kind("offering")):
        change = Transaction()
        change.create(offering("with number", "plan", validity=MONTH, phone_number_country="DE"))
        change.commit()
        line.world.look()
    line.network = "busy"
    order_id = line.place(line.activation(plan="with number"))
    line.world.executions.send_task_success(taskToken=order_id, output=json.dumps({"msisdn": number}))
    line.network = "accepts"
    line.rest()
    subscription = line.subscription(line.order(order_id).subscription_id)
    assert [given.msisdn for given in subscription.phone_numbers] == [number]
    return subscription.id


def test_a_subscription_is_found_by_every_sim_it_has_had(line: Timeline) -> None:
    first, other = line.subscribe(), line.subscribe()
    sims = [iccid(line, first)]
    for _ in range(2):
        line.place(bodies.swap(first))
        sims.append(iccid(line, first))
    assert len(set(sims)) == 3
    assert [found(line, f"iccid={each}") for each in sims] == [[first]] * 3
    assert found(line, f"iccid={iccid(line, other)}") == [other]
    line.place(bodies.cancellation(first))
    assert [found(line, f"iccid={each}") for each in sims] == [[first]] * 3
    assert found(line, f"iccid={sims[0]}&status=canceled") == [first]
    assert found(line, f"iccid={sims[0]}&status=active") == []
    assert found(line, f"iccid={sims[0]}&subscriber-id=subr_2") == []


def test_the_sim_of_a_failed_order_finds_nothing_until_another_order_links_it(line: Timeline) -> None:
    subscription = line.subscribe()
    line.network = "rejects"
    taken: set[str] = set()
    for body in (line.activation(), bodies.swap(subscription)):
        order = line.order(line.place(body))
        assert order.status == "failed"
        taken.add(line.sim(order.sim_profile_id or "").iccid)
    assert [found(line, f"iccid={each}") for each in taken] == [[]] * len(taken)
    line.network = "accepts"
    later = [line.subscribe() for _ in range(5)]
    assert taken <= {iccid(line, each) for each in later}
    assert [found(line, f"iccid={iccid(line, each)}") for each in later] == [[each] for each in later]


def test_a_number_that_was_given_again_finds_all_who_had_it(line: Timeline) -> None:
    old = subscribe_with_number(line)
    line.place(bodies.cancellation(old))
    line.move_to(line.world.now.replace(year=line.world.now.year + 1))
    new = subscribe_with_number(line)
    other = subscribe_with_number(line, "+4915112345679")
    for written in (quote(NUMBER), NUMBER, NUMBER.removeprefix("+")):
        assert found(line, f"msisdn={written}") == [new, old]
    assert found(line, "msisdn=4915112345679") == [other]
    assert found(line, f"msisdn={quote(NUMBER)}&status=active") == [new]
    assert found(line, f"msisdn={quote(NUMBER)}&iccid={iccid(line, old)}") == [old]
    assert found(line, f"msisdn={quote(NUMBER)}&iccid={iccid(line, other)}") == []
    assert found(line, "msisdn=4915112345677") == []


def test_a_sim_and_a_number_together_and_however_it_is_written(line: Timeline) -> None:
    """A list is the same, page by page, whether its number has a plus or not."""
    sim = "8949200000000000017"
    change = Transaction()
    one, other = (subscription(id=each) for each in ("subs_1", "subs_2"))
    for made in (one, other):
        change.create(made)
        change.claim(entry_key(holders(PARTNER, "msisdn", NUMBER), made), {})
    change.claim(entry_key(holders(PARTNER, "iccid", sim), one), {})
    change.commit()
    for written in (quote(NUMBER), NUMBER, NUMBER.removeprefix("+")):
        assert found(line, f"msisdn={written}") == ["subs_2", "subs_1"]
        own = line.world.get(f"/subscriptions?msisdn={written}")["_links"]["self"]["href"]
        assert own.endswith("/subscriptions?msisdn=4915112345678&limit=10")
        assert found(line, f"msisdn={written}&iccid={sim}") == found(line, f"iccid={sim}") == ["subs_1"]
    assert found(line, f"msisdn=4915112345679&iccid={sim}") == []
    assert found(line, f"msisdn={quote(NUMBER)}&iccid=8949200000000000025") == []


def test_pages_of_a_number_walk_both_ways(line: Timeline) -> None:
    holders = [subscribe_with_number(line) for _ in range(3)]
    page = line.world.get(f"/subscriptions?msisdn={quote(NUMBER)}&limit=2")
    following = page["_links"]["next"]["href"].partition("8080")[2]
    last = line.world.get(following)
    shown = [item["id"] for body in (page, last) for item in body["_embedded"]["subscriptions"]]
    assert sorted(shown) == sorted(holders)
    assert "next" not in last["_links"]
    before = line.world.get(last["_links"]["prev"]["href"].partition("8080")[2])
    assert before["_embedded"] == page["_embedded"]


@pytest.mark.parametrize(
    "query",
    [
        *(f"iccid={value}" for value in ("", "894920000000000001", "89492000000000000171", "894920000000000001x")),
        *(f"msisdn={value}" for value in ("", "%2B", "123456", "01511234567", "4915112345678901", "%2B%2B4915112345")),
        "iccid=8949200000000000017&iccid=8949200000000000025",
    ],
)
def test_what_is_no_iccid_or_number(line: Timeline, query: str) -> None:
    answer = line.world.send(HttpRequest("GET", f"/subscriptions?{query}"), "wrong")
    problem = json.loads(answer["body"])
    assert answer["statusCode"] == 400
    assert {fault["code"] for fault in problem["errors"]} == {"constraint_validation_error"}
    assert query.partition("=")[0] in problem["errors"][0]["detail"]


def test_an_address_is_found_only_while_it_is_the_subscribers(line: Timeline) -> None:
    created = post(line, "/subscribers", PERSON | {"account_id": account(line), "email": "Ada@Example.com"})
    path = f"/subscribers/{created['id']}"
    assert found(line, "email=ADA@example.com", "/subscribers") == [created["id"]]
    for change in ({"email": "new@example.com"}, {"first_name": "Augusta"}):
        assert line.world.send_keyed("PATCH", path, change, str(change))["statusCode"] == 200
        assert found(line, "email=ada@example.com", "/subscribers") == []
        assert found(line, "email=new@example.com", "/subscribers") == [created["id"]]


def test_a_subscriber_of_an_older_version_is_found_once_it_is_written_again(line: Timeline) -> None:
    assert found(line, "email=ada@example.com", "/subscribers") == []
    edited = line.world.send_keyed("PATCH", f"/subscribers/{SUBSCRIBER}", {}, "again")
    assert edited["statusCode"] == 200
    assert found(line, "email=ada@example.com", "/subscribers") == [SUBSCRIBER]


def test_no_key_of_the_table_holds_personal_data(line: Timeline) -> None:
    subscription = subscribe_with_number(line)
    old = iccid(line, subscription)
    line.place(bodies.swap(subscription))
    post(line, "/subscribers", PERSON | {"account_id": account(line)})
    line.world.look()
    keys = [str(item[name]) for item in line.world.items.values() for name in INDEX_KEYS if name in item]
    loads = [key for key in keys if key.startswith("iccid#")]  # the guards against loading a SIM twice, for any partner
    for personal in (PERSON["email"], NUMBER[1:], old, iccid(line, subscription)):
        assert not [key for key in keys if personal in key and key not in loads]
    hashed = search_key(PARTNER, "iccid", old)
    assert [key for key in keys if hashed in key] == [f"{PARTNER}#{hashed}#subscriptions"]


def account(line: Timeline) -> str:
    owner = {"first_name": "Ada", "last_name": "Lovelace", "address": {"country": "DE"}}
    return str(post(line, "/accounts", {"type": "personal", "owner": owner})["id"])


def post(line: Timeline, path: str, body: dict[str, Any]) -> dict[str, Any]:
    status, answer = line.world.post(path, body)
    assert status == 201, answer
    return answer
