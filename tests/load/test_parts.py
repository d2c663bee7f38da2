"""The parts of ``make load`` that can be wrong without anybody noticing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from functions.orders.order import Order
from infra.local.messages import HttpRequest, HttpResponse, json_response
from infra.local.server import Server
from tests.load import connection, figures, traffic
from tests.load.connection import Connection
from tests.load.figures import Phase, percentiles
from tests.load.traffic import ACTIVATION, LOOK, Sent, Traffic
from tests.support.builders import NOW, PARTNER

Answer = Callable[[HttpRequest], HttpResponse]


class Api:
    """Answers with one status after the other, the last one for ever, and keeps what it was asked."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.keys: list[str | None] = []

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        self.keys.append(request.header("idempotency-key"))
        return json_response(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0], {"id": "ord_1"})


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], str]]:
    """Serve something; the URL where. Nobody waits before asking again."""
    monkeypatch.setattr(connection, "PAUSE_SECONDS", 0.0)
    server = Server(0)

    def start(answer: Answer) -> str:
        server.start(answer)
        return server.url

    yield start
    server.stop()


def test_a_request_is_sent_again_under_its_key_until_it_is_answered(serve: Callable[[Answer], str]) -> None:
    api = Api(500, 429, 503, 201)
    partner = Connection(serve(api.answer), "token", insist=True)
    assert partner.post("/orders", {}, "key").status == 201
    assert api.keys == ["key"] * 4
    partner.close()


def test_who_floods_takes_no_for_an_answer(serve: Callable[[Answer], str]) -> None:
    api = Api(500, 429, 201)
    partner = Connection(serve(api.answer), "token", insist=False)
    assert partner.post("/orders", {}, "key").status == 429
    partner.close()


def test_orders_come_at_the_given_rate_however_slow_the_answers_are(
    serve: Callable[[Answer], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits behind a slow answer is slow, too: a second of time passes with each."""
    clock = {"now": 0.0}

    def wait(seconds: float) -> bool:
        clock["now"] += seconds
        return False

    def answer(_request: HttpRequest) -> HttpResponse:
        wait(1)
        return json_response(201, {"id": "ord_1"})

    monkeypatch.setattr(traffic, "time", SimpleNamespace(time=lambda: clock["now"]))
    monkeypatch.setattr(traffic, "INTERRUPTED", SimpleNamespace(wait=wait))
    load = Traffic(serve(answer), {PARTNER: "token"}, 5, [], 0, PARTNER, 2.0 * traffic.FLOODING)
    sent = traffic._flood(load, PARTNER, 2.0, 5.0)
    moments = [each.at for each in sent]
    assert [round(later - earlier, 6) for earlier, later in pairwise(moments)] == [0.5] * 9
    assert [round(each.seconds, 6) for each in sent] == [1 + number / 2 for number in range(10)]


def test_percentiles() -> None:
    assert percentiles(range(101)) == [50, 90, 99, 100]
    assert percentiles([7]) == [7, 7, 7, 7]
    assert percentiles([]) == []


def sent(partner: str, what: str = ACTIVATION, status: int = 201, **fields: Any) -> Sent:
    """A request of the moment, answered within half a second."""
    return Sent(partner, what, NOW.timestamp(), 0.5, status, **fields)


def test_a_row_shows_who_ordered_what_and_how_long_it_took() -> None:
    done: Any = {"id": "ord_1", "partner": PARTNER, "type": "activate_subscription", "created_at": NOW}
    order = Order.model_construct(**done, completed_at=NOW + timedelta(seconds=3))
    flood = [sent("loud", order_id="ord_2"), sent("loud", status=429), sent("loud", status=429)]
    phase = Phase("one floods", [sent(PARTNER, order_id="ord_1"), sent(PARTNER, LOOK, 200), *flood])
    others, loud = figures.rows([phase], {"ord_1": order, "ord_2": order}, "loud")
    assert others == ["one floods: the others", "1", "0", *["500 ms"] * 4, *["3.0 s"] * 4]
    assert loud[:3] == ["one floods: who floods", "1", "2"]


def test_the_page_has_a_place_for_the_figures() -> None:
    assert figures.SECTION.search(figures.PAGE.read_text())
