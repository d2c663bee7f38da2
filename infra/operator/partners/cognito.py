"""Clients of a stage's user pool. A name finds what an interrupted command has made."""

from functools import cache
from typing import Any, NamedTuple

import boto3

from infra.operator.partners.sent_once import SENT_ONCE


class Made(NamedTuple):
    """A client of the pool."""

    id: str
    secret: str
    new: bool
    """Whether this process has made it."""


class Pool:
    """The user pool, in which each client may ask for tokens by client credentials, and for nothing else."""

    def __init__(self, pool_id: str) -> None:
        self.id = pool_id

    def ensure(self, name: str, scopes: tuple[str, ...]) -> Made:
        """Return the client of this name with these scopes, which is made if it is not there."""
        found = self._find(name)
        if found is None:
            made = _cognito().create_user_pool_client(GenerateSecret=True, **self._settings(name, scopes))
            return Made(made["UserPoolClient"]["ClientId"], made["UserPoolClient"]["ClientSecret"], new=True)
        self.allow(found, name, scopes)
        described = _cognito().describe_user_pool_client(UserPoolId=self.id, ClientId=found)
        return Made(found, described["UserPoolClient"]["ClientSecret"], new=False)

    def allow(self, client_id: str, name: str, scopes: tuple[str, ...]) -> None:
        """Give the client these scopes and no others."""
        if self.scopes(client_id) != {*scopes}:
            _cognito().update_user_pool_client(ClientId=client_id, **self._settings(name, scopes))

    def scopes(self, client_id: str) -> set[str] | None:
        """Return what the client may ask for, or ``None`` if the pool does not have it."""
        cognito = _cognito()
        try:
            described = cognito.describe_user_pool_client(UserPoolId=self.id, ClientId=client_id)
        except cognito.exceptions.ResourceNotFoundException:
            return None
        return {*described["UserPoolClient"].get("AllowedOAuthScopes", ())}

    def delete(self, client_id: str) -> None:
        """Delete the client, unless that has been done."""
        cognito = _cognito()
        try:
            cognito.delete_user_pool_client(UserPoolId=self.id, ClientId=client_id)
        except cognito.exceptions.ResourceNotFoundException:
            return

    def _find(self, name: str) -> str | None:
        pages = _cognito().get_paginator("list_user_pool_clients").paginate(UserPoolId=self.id)
        named = (each["ClientId"] for page in pages for each in page["UserPoolClients"] if each["ClientName"] == name)
        return next(named, None)

    def _settings(self, name: str, scopes: tuple[str, ...]) -> dict[str, Any]:
        return {
            "UserPoolId": self.id,
            "ClientName": name,
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthFlows": ["client_credentials"],
            "AllowedOAuthScopes": [*scopes],
            "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        }


@cache
def _cognito() -> Any:
    return boto3.client("cognito-idp", config=SENT_ONCE)
