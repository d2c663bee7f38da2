"""Keys of personal data: stable for ever, different for each partner, and nothing of the data is in them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.shared import aws, search_keys
from functions.shared.records import Partition
from functions.shared.search_keys import search_key
from functions.shared.secret import secret
from functions.subscriptions.search import holders

ICCID = "8949200000000000017"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setattr(search_keys, "_secret", lambda: b"secret")
    return search_key


def test_the_same_value_has_the_same_key_in_every_version(key: Callable[..., str]) -> None:
    """A change of this loses what is stored: it would never be found again."""
    assert key("acme", "iccid", ICCID) == "178fbec5a9940bf0fd5332f66e0381b2"


def test_keys_of_two_partners_members_values_or_secrets_differ(
    key: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [("acme", "iccid", ICCID), ("globex", "iccid", ICCID), ("acme", "msisdn", ICCID), ("acme", "iccid", "1")]
    keys = {key(*each) for each in asked}
    monkeypatch.setattr(search_keys, "_secret", lambda: b"another secret")
    keys |= {key(*each) for each in asked}
    assert len(keys) == 8
    assert {len(each) for each in keys} == {32}


@pytest.mark.parametrize("written", ["+4915112345678", "4915112345678"])
def test_the_subscriptions_that_had_a_number_lie_under_its_key(key: Callable[..., str], written: str) -> None:
    lies = f"acme#{key('acme', 'msisdn', '4915112345678')}#subscriptions"
    assert holders("acme", "msisdn", written) == Partition(None, lies)


def test_parts_do_not_run_into_one_another(key: Callable[..., str]) -> None:
    assert key("a", "iccid", 'b", "c') != key('a", "iccid', "iccid", "c")
    assert key("a#b", "email", "c") != key("a", "email", "b#c")


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Which secrets were fetched; the first try fails."""
    names: list[str] = []

    class Secrets:
        def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
            names.append(SecretId)
            if len(names) == 1:
                raise ConnectionError
            return {"SecretString": "secret"}

    monkeypatch.setattr(aws, "client", lambda _: Secrets())
    secret.cache_clear()
    yield names
    secret.cache_clear()


def test_a_process_fetches_the_secret_once(fetched: list[str]) -> None:
    with pytest.raises(ConnectionError):
        search_key("acme", "iccid", ICCID)
    found = {search_key("acme", "iccid", ICCID) for _ in range(3)}
    assert fetched == ["search-secret", "search-secret"]
    assert len(found) == 1
