"""The secrets that sign a webhook's deliveries (contract §8, endpoints and secrets)."""

from tests.lifecycle.webhooks import HOUR, SHOWN, rotated, signing, stored
from tests.support.endpoints import NEW, Endpoints


def test_a_replaced_secret_signs_for_24_hours_however_often_that_happens(endpoints: Endpoints) -> None:
    made = endpoints.make()
    first = made["signing_secret"]
    answers = []
    for hours in (10, 10, 3):
        endpoints.world.now += hours * HOUR
        answers.append(rotated(endpoints, made["id"]))
    assert [answer.status for answer in answers] == [200] * 3
    assert [answer.body["key_version"] for answer in answers] == ["v2", "v3", "v4"]
    assert answers[0].body.keys() == SHOWN | {"signing_secret", "updated_at"}
    second, third, fourth = (answer.body["signing_secret"] for answer in answers)
    assert signing(endpoints, made["id"]) == [fourth, third, second, first]
    endpoints.world.now += 12 * HOUR
    assert signing(endpoints, made["id"]) == [fourth, third, second]
    endpoints.world.now += 10 * HOUR
    assert signing(endpoints, made["id"]) == [fourth, third]
    endpoints.world.now += 100 * HOUR
    assert signing(endpoints, made["id"]) == [fourth]


def test_at_most_five_secrets_sign_at_a_time(endpoints: Endpoints) -> None:
    made = endpoints.make()
    for _ in range(4):
        assert rotated(endpoints, made["id"]).status == 200
    assert rotated(endpoints, made["id"]).faults() == [("invalid_state", None)]
    endpoints.world.now += 25 * HOUR
    assert rotated(endpoints, made["id"]).body["key_version"] == "v6"
    assert len(stored(made["id"]).secrets) == 2, "what signs no more is forgotten"


def test_under_a_key_the_same_secret_is_shown_again(endpoints: Endpoints) -> None:
    first = endpoints.ask("POST", "/webhooks", NEW, key="new")
    again = endpoints.ask("POST", "/webhooks", NEW, key="new")
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Location"] == first.headers["Location"]
    turned = rotated(endpoints, first.body["id"], key="turn")
    assert rotated(endpoints, first.body["id"], key="turn").body == turned.body
    assert signing(endpoints, first.body["id"]) == [turned.body["signing_secret"], first.body["signing_secret"]]


def test_kms_is_asked_once_for_each_kind(endpoints: Endpoints) -> None:
    calls = endpoints.world.keys.calls
    made = endpoints.make(basic_auth={"username": "us", "password": "er"})
    assert calls == ["generate webhook"]
    rotated(endpoints, made["id"], key="once")
    assert calls[1:] == ["generate webhook", "generate answer"]
    rotated(endpoints, made["id"], key="once")
    assert calls[3:] == ["decrypt answer"]
    endpoints.edit(made["id"], description="no secret")
    endpoints.get("/webhooks")
    assert calls[4:] == []
