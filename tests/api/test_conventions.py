"""What holds for every path: who may ask, what is there, how large, in which form (contract §1)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.gateway_body import AUTHORIZER
from infra.local.messages import MAX_BODY_BYTES, HttpResponse
from infra.local.system import System
from tests.support.client import Client

TITLES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Resource not found",
    405: "Method not allowed",
    413: "Request body too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Internal error",
}


def problem(answer: HttpResponse, status: int) -> dict[str, Any]:
    """The problem in the answer; in the form that every problem has."""
    body: dict[str, Any] = answer.json()
    assert answer.status == status, body
    assert answer.header("Content-Type") == "application/problem+json"
    assert answer.header("Api-Version") == "2026-02-05"
    assert (body["title"], body["status"]) == (TITLES[status], status)
    assert body["correlation_id"] == answer.header("Correlation-Id")
    return body


def test_health_needs_no_token(anonymous: Client) -> None:
    answer = anonymous.get("/health")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    assert answer.header("Content-Type") == "application/hal+json"


@pytest.mark.parametrize("target", ["/orders", "/orders/ord_1", "/nothing/here", "/health/deep", "/docs/deep"])
def test_everything_else_does(anonymous: Client, target: str) -> None:
    answer = anonymous.get(target)
    problem(answer, 401)
    assert answer.header("WWW-Authenticate") == "Bearer"


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Bearer x.y.z", "Basic YWNtZTphY21lLXNlY3JldA==", "x"])
def test_what_is_not_a_token_is_refused(anonymous: Client, authorization: str) -> None:
    problem(anonymous.get("/orders", {"Authorization": authorization}), 401)


def test_a_token_is_checked_before_the_path_and_the_body(anonymous: Client) -> None:
    problem(anonymous.post("/nothing", b"{", {"Content-Type": "text/plain"}), 401)


def test_the_scheme_may_be_written_in_any_case(anonymous: Client, acme: Client) -> None:
    assert anonymous.get("/orders", {"authorization": f"bearer {acme.token}"}).status == 200


def test_a_scope_that_the_token_lacks_is_named(acme: Client) -> None:
    body = problem(acme.limited_to("orders/write").get("/orders"), 403)
    assert "orders/read" in body["detail"]
    assert acme.limited_to("orders/read").get("/orders").status == 200


@pytest.mark.parametrize(
    "target", ["/nothing", "/docs/x", "/orders/ord_1/nothing", "/orders//history", "/sim-profiles"]
)
def test_a_path_that_does_not_exist_is_not_found(acme: Client, target: str) -> None:
    problem(acme.get(target), 404)


@pytest.mark.parametrize(
    "target",
    ["//orders", "/orders//", "//", "/./orders", "/x/../orders", "/orders%2F", "/%2Forders", "/orders%2Ford_1"],
)
def test_a_path_is_not_tidied_up(acme: Client, target: str) -> None:
    problem(acme.get(target), 404)


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("DELETE", "/orders", "GET, POST"),
        ("GET", "/orders/activate-subscription", "POST"),
        ("POST", "/orders/ord_1", "GET"),
        ("HEAD", "/orders", "GET, POST"),
        ("OPTIONS", "/products/prd_1", "GET, PATCH"),
        ("DELETE", "/sandbox/clock", "GET, POST"),
        ("POST", "/health", "GET, HEAD"),
        ("POST", "/", "GET"),
    ],
)
def test_a_wrong_method_is_refused_with_the_right_ones(acme: Client, method: str, target: str, allowed: str) -> None:
    answer = acme.send(method, target)
    problem(answer, 405)
    assert answer.header("Allow") == allowed


def test_a_slash_at_the_end_changes_nothing(acme: Client) -> None:
    assert acme.get("/orders/").status == 200


@pytest.mark.parametrize("order_id", ["ord_1", "a%20b", "%2Forders", "%7Border_id%7D", "%F0%9F%98%80", "x" * 100])
def test_any_text_is_an_id_in_a_path(acme: Client, order_id: str) -> None:
    problem(acme.get(f"/orders/{order_id}"), 404)


def test_a_large_body_is_refused(acme: Client) -> None:
    problem(acme.post("/orders", b'"' + b"x" * 256 * 1024 + b'"'), 413)


def test_a_huge_body_is_refused_by_the_gateway(acme: Client) -> None:
    problem(acme.post("/orders", b"x" * (MAX_BODY_BYTES + 1)), 413)


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/json5", ""])
def test_another_content_type_is_refused(acme: Client, media_type: str) -> None:
    problem(acme.post("/orders", b"{}", {"Content-Type": media_type}), 415)


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_however_it_is_written(acme: Client, media_type: str) -> None:
    assert acme.post("/orders", b"{}", {"Content-Type": media_type, "Accept": "text/html"}).status == 400


@pytest.mark.parametrize("given", ["mine", "x" * 100, "with spaces ~!"])
def test_a_correlation_id_comes_back(acme: Client, given: str) -> None:
    assert acme.get("/orders", {"Correlation-Id": given}).header("Correlation-Id") == given
    assert problem(acme.get("/orders/ord_1", {"correlation-id": given}), 404)["correlation_id"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 101, "tab\there", "ü"])
def test_otherwise_one_is_made(acme: Client, given: str | None) -> None:
    headers = {} if given is None else {"Correlation-Id": given}
    made = acme.get("/orders", headers).header("Correlation-Id")
    assert made
    assert made != given


def test_the_gateways_answers_carry_its_own_request_id(anonymous: Client) -> None:
    first, second = (problem(anonymous.get("/orders", {"Correlation-Id": "mine"}), 401) for _ in range(2))
    assert "mine" not in {first["correlation_id"], second["correlation_id"]}
    assert first["correlation_id"] != second["correlation_id"]


def test_the_version_may_be_named_but_no_other(acme: Client) -> None:
    assert acme.get("/orders", {"Api-Version": "2026-02-05"}).status == 200
    answer = acme.get("/orders", {"Api-Version": "2025-01-01"})
    assert (answer.status, answer.json()["errors"][0]["code"]) == (400, "unsupported_api_version")
    assert answer.header("Api-Version") == "2026-02-05"


def test_a_partner_that_floods_must_wait_and_slows_no_other(acme: Client, globex: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: acme.get("/nothing"), range(600)))
    refused = [answer for answer in answers if answer.status == 429]
    assert len(answers) - len(refused) >= 200
    assert globex.get("/orders").status == 200
    body = problem(refused[0], 429)
    assert [error["code"] for error in body["errors"]] == ["rate_limit_exceeded"]
    limits = {name: refused[0].header(name) for name in ("Retry-After", "x-rate-limit-limit", "x-rate-limit-remaining")}
    assert limits == {"Retry-After": "1", "x-rate-limit-limit": "100", "x-rate-limit-remaining": "0"}
    assert len(refused[0].header("x-rate-limit-reset") or "") == 13


@pytest.mark.parametrize("authorization", ["Bearer x", "Bearer a.b", "Basic YTpi", "a.b.c", "Bearer a.b.c d", "bearer"])
def test_what_cannot_be_a_token_does_not_reach_the_authorizer(system: System, authorization: str) -> None:
    def called(_event: Any, _context: Any) -> Any:
        raise AssertionError

    with system.functions.replaced(AUTHORIZER, lambda _handler: called):
        answer = system.request("GET", "/orders", headers={"Authorization": authorization})
    assert answer.header("WWW-Authenticate") == "Bearer"
    problem(answer, 401)


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_what_can_be_a_token_does(system: System, acme: Client, scheme: str) -> None:
    assert system.request("GET", "/orders", headers={"Authorization": f"{scheme}{acme.token}"}).status == 200


def test_a_browsers_preflight_request_is_refused(system: System) -> None:
    """The API is for partners' servers: pages of other sites cannot use it, whichever headers they send."""
    asks = {"Origin": "https://shop.example.com", "Access-Control-Request-Method": "POST"}
    answer = system.request("OPTIONS", "/orders", headers=asks)
    problem(answer, 401)
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_an_authorizer_that_fails_is_our_fault(system: System, acme: Client) -> None:
    def failing(_event: Any, _context: Any) -> Any:
        raise ConnectionError("injected")

    with system.functions.replaced(AUTHORIZER, lambda _handler: failing):
        body = problem(acme.get("/orders"), 500)
    assert "injected" not in str(body)
    assert acme.get("/orders").status == 200


def test_a_door_that_fails_is_our_fault_too(system: System, acme: Client) -> None:
    def failing(_event: Any, _context: Any) -> Any:
        raise RuntimeError("injected")

    with system.functions.replaced("functions.orders.read", lambda _handler: failing):
        answer = acme.get("/orders")
    assert "injected" not in str(problem(answer, 500))
