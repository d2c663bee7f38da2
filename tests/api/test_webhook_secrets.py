"""No secret of a webhook is in what is kept, logged or printed, after any route (contract §8, secrets)."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.shared.marshal import unmarshal
from functions.shared.records import whole
from infra.local import environment
from infra.operator.__main__ import main
from tests.support.endpoints import NEW
from tests.support.newcomer import Newcomer

PASSWORD = "correct-horse-battery"
BASIC = {"username": "post-office", "password": PASSWORD}
SHOWN_ONLY_HERE = {"POST /webhooks", "POST rotate-signing-secret"}


def items_of(partner: Newcomer) -> Iterator[dict[str, Any]]:
    """Every item that the table has of the partner, with what its document says."""
    for items in partner.system.aws.store().get_table(environment.TABLE).items.values():
        for item in items.values():
            attributes = item.to_json()["Attributes"]
            if partner.partner in str(attributes["pk"]):
                yield whole(unmarshal(attributes))


def requests(partner: Newcomer) -> Iterator[tuple[str, Any]]:
    """Every route of webhooks in turn, twice under a key where it takes one, and its answer."""
    for key in ({}, {"Idempotency-Key": "one"}, {"Idempotency-Key": "one"}):
        made = partner.post("/webhooks", NEW | {"basic_auth": BASIC}, key)
        yield "POST /webhooks", made
    path = f"/webhooks/{made.json()['id']}"
    for key in ({}, {"Idempotency-Key": "two"}, {"Idempotency-Key": "two"}):
        yield "POST rotate-signing-secret", partner.post(f"{path}/rotate-signing-secret", {}, key)
    for target in ("/webhooks", path, f"{path}/deliveries"):
        yield f"GET {target}", partner.get(target)
    yield "PATCH", partner.patch(path, {"basic_auth": BASIC}, {"Idempotency-Key": "three"})
    yield "PATCH refused", partner.patch(path, {"basic_auth": BASIC | {"username": "a:b"}})
    test = partner.post(f"{path}/test", {}, {"Idempotency-Key": "four"})
    yield "POST test", test
    delivery = f"{path}/deliveries/{test.json()['id']}"
    yield "GET delivery", partner.get(delivery)
    yield "POST retry", partner.post(f"{delivery}/retry", {})
    yield "POST replay", partner.post(f"{path}/replay", {"since": "2026-01-01T00:00:00Z"})
    yield "PATCH disabled", partner.patch(path, {"status": "disabled"})
    yield "GET events", partner.get("/events")
    yield "DELETE", partner.delete(path)


def test_after_each_route_no_item_line_or_answer_has_one(
    newcomer: Newcomer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    secrets: list[str] = [PASSWORD]
    printed = logged = ""
    for name, answer in requests(newcomer):
        if name in SHOWN_ONLY_HERE:
            secrets.append(answer.json()["signing_secret"])
        elif answer.body:
            assert not [secret for secret in secrets if secret in answer.body.decode()], name
        items = list(items_of(newcomer))
        for item in items:
            if item.get("kind") == "webhook":
                assert main(shown(newcomer.partner, item["sk"])) == 0
        output = capfd.readouterr()
        printed += output.out + output.err
        logged = str([vars(record) for record in caplog.records])
        kept = f"{items} {printed} {logged}"
        assert not [secret for secret in secrets if secret in kept], name
    assert len(set(secrets)) == 5
    assert "Answered." in logged
    assert '"(hidden)"' in printed


def shown(partner: str, record_id: str) -> list[str]:
    """The command that prints a record."""
    return ["show", "--table", environment.TABLE, "--partner", partner, record_id, "--personal"]


def test_others_do_not_find_a_webhook(newcomer: Newcomer, acme: Any) -> None:
    made = newcomer.post("/webhooks", NEW).json()
    path = f"/webhooks/{made['id']}"
    assert acme.get(path).status == acme.delete(path).status == acme.patch(path, {}).status == 404
    assert acme.get(f"{path}/deliveries").status == acme.post(f"{path}/rotate-signing-secret", {}).status == 404
    assert acme.post(f"{path}/replay", {"since": "2026-01-01T00:00:00Z"}).status == 404
    assert made["id"] not in acme.get("/webhooks").body.decode()
    assert newcomer.get(path).status == 200


def test_reading_and_writing_have_their_scopes(newcomer: Newcomer) -> None:
    made = newcomer.post("/webhooks", NEW).json()
    reading, writing = newcomer.limited_to("webhooks/read"), newcomer.limited_to("webhooks/write")
    assert (reading.get("/webhooks").status, writing.get("/webhooks").status) == (200, 403)
    assert (reading.post("/webhooks", NEW).status, writing.post("/webhooks", NEW).status) == (403, 201)
    path = f"/webhooks/{made['id']}"
    assert (reading.delete(path).status, writing.delete(path).status) == (403, 204)
