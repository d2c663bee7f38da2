"""The key for what is stored of secrets."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_kms as kms
from constructs import Construct

from functions.shared.sealing import Kind
from infra.access import Access, Permission
from infra.sharing import share
from infra.stage import Stage


class Sealing(Construct):
    """A key for nothing else: who seals a kind of secret and who opens it are different functions.

    Remembered answers are the exception: the door that shows a secret shows it again under the same key.
    """

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "SecretCodes")  # the first kind; under another name the stage would get another key
        key = kms.Key(
            self,
            "Key",
            description="Wraps the data keys that seal PINs and PUKs, and the secrets of webhooks.",
            enable_key_rotation=True,
            removal_policy=stage.removal_policy,
        )
        self._arn = share(self, "SealingKeyArn", key.key_arn)
        self.opening_codes = self._access(("kms:Decrypt",), Kind.CODES)
        """For the door at which their partner reads PIN and PUK; the command that loads SIMs seals them."""
        self.opening_webhooks = self._access(("kms:Decrypt",), Kind.WEBHOOK)
        """For the function that signs and sends."""
        self.sealing_webhooks = self._access(("kms:GenerateDataKey",), Kind.WEBHOOK)
        """For the door at which signing secrets are made and passwords are set."""
        self.remembering = self._access(("kms:Decrypt", "kms:GenerateDataKey"), Kind.ANSWER)
        """For the same door."""

    def _access(self, actions: tuple[str, ...], kind: Kind) -> Access:
        return Access({"SEALING_KEY_ARN": self._arn}, (Permission(actions, (self._arn,), conditions=_only(kind)),))


def _only(kind: Kind) -> Mapping[str, Any]:
    """Return the condition that a data key is of this kind."""
    name = "kms:EncryptionContext:kind"
    context = kind.context("any")
    return {"StringEquals": {name: context["kind"]}} if "kind" in context else {"Null": {name: "true"}}
