"""Nothing of a partner is there twice: neither after a lost answer, nor if two operators add it at once."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from functions.identity import clients
from infra.operator.partners import api_keys, cognito, records
from tests.operator.partner_stage import Capture, PartnerStage, added, kept, new_name, run


@pytest.mark.parametrize(
    ("service", "operation"), [(cognito._cognito, "CreateUserPoolClient"), (api_keys._gateway, "CreateApiKey")]
)
def test_what_has_no_token_is_sent_once(stage: PartnerStage, service: Callable[[], Any], operation: str) -> None:
    """botocore would send it again, and there would be two."""
    assert stage
    sent = []

    def lose(request: Any, **_: Any) -> None:
        sent.append(request)
        raise ConnectionClosedError(endpoint_url="https://aws.example")

    client = service()
    event = f"before-send.{client.meta.service_model.service_id.hyphenize()}.{operation}"
    client.meta.events.register_first(event, lose)
    try:
        assert run("add", new_name()) == 2
    finally:
        client.meta.events.unregister(event, lose)
    assert len(sent) == 1


def test_of_two_that_take_a_client_at_once_one_is_refused(
    stage: PartnerStage, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Whose it is decides the write, even if it was nobody's when it was looked up."""
    name, other = added(), new_name()
    (client,) = kept(name).clients
    with monkeypatch.context() as patch:
        patch.setattr(clients, "find", lambda _client_id: None)
        assert run("add", other, "--client-id", client.id) == 1
    assert "has this client" in capsys.readouterr().err
    assert (records.read(other), stage.keys_of(other)) == (None, [])
    found = clients.find(client.id)
    assert found is not None
    assert found.partner == name


def test_of_two_that_add_a_partner_at_once_one_leaves_nothing(
    stage: PartnerStage, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    name = added()
    before = kept(name)
    with monkeypatch.context() as patch:
        patch.setattr(records, "read", lambda _name: None)
        patch.setattr(cognito.Pool, "_find", lambda _pool, _name: None)
        patch.setattr(api_keys.ApiKeys, "_find", lambda _keys, _name: None)
        assert run("add", name) == 1
    assert capsys.readouterr().err.startswith("somebody else is changing this partner")
    assert (kept(name), len(stage.clients_of(name)), len(stage.keys_of(name))) == (before, 1, 1)
