"""Examples of every type of event, for the test of a webhook, from the examples in the API's description."""

from typing import Any

from infra.openapi import events

STATUS = {"product.renewed": "active", "order.delayed": "fulfilling"}
"""The resource's status, where it is not what the type ends with."""
AT_THE_END = {"completed_at"}
"""What an order has in the status of its example alone."""


def example_data(document: dict[str, Any]) -> dict[str, Any]:
    """Return the type of each event → what its ``data`` looks like."""
    described = {name: _content(webhook["post"]) for name, webhook in document["webhooks"].items()}
    shown = {name: _example(content) for name, content in described.items() if "examples" in content}
    return {name: shown[name] if name in shown else _like(name, shown, document) for name in described}


def _content(operation: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = operation["requestBody"]["content"]["application/hal+json"]
    return content


def _example(content: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = content["examples"]["example"]["value"]["data"]
    return data


def _like(event_type: str, shown: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return what the example of another type of the same resource looks like in this type's status."""
    resource = event_type.partition(".")[0]
    example: dict[str, Any] = next(
        data for name, data in shown.items() if name.startswith(f"{resource}.") and len(data) == 1
    )
    status = STATUS.get(event_type, event_type.rpartition(".")[2])
    if status not in document["components"]["schemas"][events.resource_of(event_type)]["properties"]["status"]["enum"]:
        return example
    kept = {name: value for name, value in example[resource].items() if name not in AT_THE_END}
    return {resource: {**kept, "status": status}}
