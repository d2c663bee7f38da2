"""What partners send to make and change webhooks (contract §8, endpoints)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from functions.shared.event import MAX_ENTRIES, TypeEntry
from functions.shared.shapes import AtMost, Form, Shape
from functions.webhooks.reach import ReachSettings
from functions.webhooks.urls import MAX_URL, parse_url


def _has_the_form(url: str) -> str:
    parse_url(url, allow_private=ReachSettings.load().allow_private_webhooks)
    return url


def _each_once(entries: list[str]) -> list[str]:
    if len(set(entries)) < len(entries):
        raise ValueError("each type can be given only once")
    return entries


class BasicAuth(Shape):
    """A user name and a password for HTTP Basic."""

    model_config = ConfigDict(json_schema_extra={"writeOnly": True})

    username: Annotated[str, Form(r"^[ -9;-~]{1,255}$", 'must be 1 to 255 printable ASCII characters without ":"')]
    password: Annotated[
        str,
        Form(r"^[ -~]{1,255}$", "must be 1 to 255 printable ASCII characters"),
        Field(json_schema_extra={"format": "password"}),
    ]

    def joined(self) -> str:
        """Return both as HTTP Basic sends them."""
        return f"{self.username}:{self.password}"


class WebhookContent(Shape):
    """The members of a webhook that its partner decides."""

    url: Annotated[str, AfterValidator(_has_the_form), Field(json_schema_extra={"format": "uri", "maxLength": MAX_URL})]
    enabled_events: Annotated[
        list[TypeEntry],
        Field(min_length=1, json_schema_extra={"uniqueItems": True}),
        AtMost(MAX_ENTRIES),
        AfterValidator(_each_once),
    ]
    description: Annotated[str, Field(max_length=300)] | None = None
    basic_auth: BasicAuth | None = None


class NewWebhook(WebhookContent):
    """A new webhook; it is enabled."""


class WebhookEdit(WebhookContent):
    """What a PATCH can change."""

    status: Literal["enabled", "disabled"]
