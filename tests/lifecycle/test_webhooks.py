"""Webhooks as their partner makes, changes and deletes them (contract §8, endpoints)."""

import base64
from typing import Any

import pytest

from functions.shared import table
from functions.shared.event import TYPES
from functions.shared.transaction import Transaction
from functions.webhooks import urls, write
from functions.webhooks.disabling import disable
from functions.webhooks.secrets import basic_auth_of
from tests.lifecycle.webhooks import SHOWN, signing, stored
from tests.support.endpoints import NEW, URL, Endpoints


def test_a_new_webhook_is_shown_with_its_secret_once(endpoints: Endpoints) -> None:
    answer = endpoints.ask("POST", "/webhooks", NEW)
    assert (answer.status, answer.body.keys()) == (201, SHOWN | {"signing_secret"})
    assert answer.headers["Location"] == answer.body["_links"]["self"]["href"]
    assert len(base64.b64decode(answer.body["signing_secret"], validate=True)) == 32
    assert (answer.body["status"], answer.body["key_version"]) == ("enabled", "v1")
    path = f"/webhooks/{answer.body['id']}"
    assert endpoints.get(path) == {name: answer.body[name] for name in SHOWN}
    assert answer.body["_links"].keys() == {"self", "rotate-signing-secret"}
    kept = stored(answer.body["id"])
    assert signing(endpoints, kept.id) == [answer.body["signing_secret"]]


def test_all_are_listed_newest_first(endpoints: Endpoints) -> None:
    made = [endpoints.make(description=str(number)) for number in range(3)]
    listed = endpoints.get("/webhooks")
    assert [each["id"] for each in listed["_embedded"]["webhooks"]] == [each["id"] for each in reversed(made)]
    assert listed["_links"].keys() == {"self"}
    assert endpoints.ask("GET", "/webhooks?limit=1").faults() == [("constraint_validation_error", None)]


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"url": "ftp://127.0.0.1/"}, "$.url"),
        ({"url": "http://user@127.0.0.1/"}, "$.url"),
        ({"url": "http://127.0.0.1/#there"}, "$.url"),
        ({"url": f"http://127.0.0.1/{'x' * 2048}"}, "$.url"),
        ({"url": "http://169.254.169.254/"}, "$.url"),
        ({"url": None}, "$.url"),
        ({"enabled_events": []}, "$.enabled_events"),
        ({"enabled_events": ["order.*", "order.*"]}, "$.enabled_events"),
        ({"enabled_events": ["order.shipped"]}, "$.enabled_events[0]"),
        ({"enabled_events": ["order.completed", "order"]}, "$.enabled_events[1]"),
        ({"enabled_events": "order.*"}, "$.enabled_events"),
        ({"description": "x" * 301}, "$.description"),
        ({"basic_auth": {"username": "a:b", "password": "secret"}}, "$.basic_auth.username"),
        ({"basic_auth": {"username": "", "password": "secret"}}, "$.basic_auth.username"),
        ({"basic_auth": {"username": "a", "password": "x" * 256}}, "$.basic_auth.password"),
        ({"basic_auth": {"username": "a", "password": "ü"}}, "$.basic_auth.password"),
        ({"basic_auth": {"username": "a"}}, "$.basic_auth.password"),
        ({"signing_secret": "mine"}, "$.signing_secret"),
    ],
)
def test_what_it_must_not_be(endpoints: Endpoints, members: dict[str, Any], pointer: str) -> None:
    refused = endpoints.ask("POST", "/webhooks", NEW | members)
    assert refused.faults() == [("constraint_validation_error", pointer)]
    if None not in members.values():
        patched = endpoints.ask("PATCH", f"/webhooks/{endpoints.make()['id']}", members)
        assert patched.faults() == [("constraint_validation_error", pointer)]
    assert "secret" not in str(refused.body["errors"][0]["detail"])


def test_every_type_and_group_can_be_asked_for(endpoints: Endpoints) -> None:
    groups = {f"{event_type.rpartition('.')[0]}.*" for event_type in TYPES}
    asked = [*TYPES, *sorted(groups)][:40]
    assert endpoints.make(enabled_events=asked)["enabled_events"] == asked
    assert endpoints.make(enabled_events=["subscription.*", "*"])["enabled_events"] == ["subscription.*", "*"]


def test_there_are_at_most_forty_and_two_may_have_one_url(endpoints: Endpoints) -> None:
    made = [endpoints.make() for _ in range(40)]
    assert endpoints.ask("POST", "/webhooks", NEW).faults() == [("too_many_webhooks", None)]
    assert endpoints.ask("DELETE", f"/webhooks/{made[0]['id']}").status == 204
    endpoints.make()
    assert endpoints.ask("POST", "/webhooks", NEW).faults() == [("too_many_webhooks", None)]
    assert len(endpoints.get("/webhooks")["_embedded"]["webhooks"]) == 40


def test_of_two_at_once_one_is_the_forty_first(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one commits between this one's read and its write."""
    for _ in range(39):
        endpoints.make()
    others: list[int] = []

    def meanwhile(url: str, **options: Any) -> None:
        if not others:
            others.append(0)
            others[0] = endpoints.ask("POST", "/webhooks", NEW).status
        urls.check_url(url, **options)

    monkeypatch.setattr(write, "check_url", meanwhile)
    monkeypatch.setattr(table, "PATIENCE_SECONDS", 5.0)
    assert endpoints.ask("POST", "/webhooks", NEW).faults() == [("too_many_webhooks", None)]
    assert others == [201]
    assert len(endpoints.get("/webhooks")["_embedded"]["webhooks"]) == 40


def test_a_patch_changes_what_it_names(endpoints: Endpoints) -> None:
    made = endpoints.make(description="first", basic_auth={"username": "us", "password": "pass:word"})
    assert basic_auth_of(stored(made["id"])) == "us:pass:word"
    assert "basic_auth" not in made
    changed = endpoints.edit(made["id"], enabled_events=["*"], url=f"{URL}/more", description=None)
    assert (changed["url"], changed["enabled_events"]) == (f"{URL}/more", ["*"])
    assert "description" not in changed
    assert changed["updated_at"] > changed["created_at"]
    assert basic_auth_of(stored(made["id"])) == "us:pass:word"
    endpoints.edit(made["id"], basic_auth={"username": "other", "password": "one"})
    assert basic_auth_of(stored(made["id"])) == "other:one"
    endpoints.edit(made["id"], basic_auth=None)
    assert basic_auth_of(stored(made["id"])) is None


@pytest.mark.parametrize("member", ["url", "enabled_events", "status"])
def test_what_is_required_cannot_be_cleared(endpoints: Endpoints, member: str) -> None:
    made = endpoints.make()
    refused = endpoints.ask("PATCH", f"/webhooks/{made['id']}", {member: None})
    assert refused.faults() == [("constraint_validation_error", f"$.{member}")]


def test_only_a_new_url_is_looked_up(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    made = endpoints.make()
    asked: list[str] = []
    monkeypatch.setattr(write, "check_url", lambda url, **_: asked.append(url))
    endpoints.edit(made["id"], description="more", url=URL)
    assert asked == []
    endpoints.edit(made["id"], url=f"{URL}/2")
    assert asked == [f"{URL}/2"]


def test_disabling_is_told_and_enabling_begins_anew(endpoints: Endpoints) -> None:
    made = endpoints.make(enabled_events=["*"])
    began = stored(made["id"]).enabled_at
    disabled = endpoints.edit(made["id"], status="disabled", description="off")
    assert (disabled["status"], disabled["disabled_reason"], disabled["description"]) == ("disabled", "partner", "off")
    assert endpoints.edit(made["id"], status="disabled") == disabled
    (event,) = endpoints.get("/events?type=webhook.disabled")["_embedded"]["events"]
    assert event["data"] == {"webhook": disabled}
    enabled = endpoints.edit(made["id"], status="enabled")
    assert (enabled["status"], "disabled_reason" in enabled) == ("enabled", False)
    assert stored(made["id"]).enabled_at > began


def test_enabling_clears_what_failed(endpoints: Endpoints) -> None:
    made = endpoints.make()
    webhook = stored(made["id"])
    webhook.record_attempt(endpoints.world.now, succeeded=False)
    change = Transaction()
    disable(change, webhook, "failing")
    change.commit()
    shown = endpoints.get(f"/webhooks/{made['id']}")
    assert (shown["disabled_reason"], "failing_since" in shown) == ("failing", True)
    assert "failing_since" not in endpoints.edit(made["id"], status="enabled")
    assert stored(made["id"]).due_at is None


def test_a_deleted_webhook_is_gone_with_its_deliveries(endpoints: Endpoints) -> None:
    made = endpoints.make()
    path = f"/webhooks/{made['id']}"
    delivery = endpoints.deliver(made["id"])
    answer = endpoints.ask("DELETE", path)
    assert (answer.status, answer.body) == (204, None)
    for method, below in (
        *(("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/deliveries"), ("GET", f"/deliveries/{delivery}")),
        *(("POST", "/rotate-signing-secret"), ("POST", f"/deliveries/{delivery}/retry")),
    ):
        assert endpoints.ask(method, path + below, None if method == "GET" else {}).status == 404
    assert endpoints.get("/webhooks")["_embedded"]["webhooks"] == []
