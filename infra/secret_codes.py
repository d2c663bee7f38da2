"""The key for the PINs and PUKs of SIMs."""

from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.access import Access, Permission
from infra.sharing import share
from infra.stage import Stage


class SecretCodes(Construct):
    """A key for nothing else: the command that loads SIMs seals with it, and one function opens."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "SecretCodes")
        key = kms.Key(
            self,
            "Key",
            description="Wraps the data keys that seal the PINs and PUKs of SIMs.",
            enable_key_rotation=True,
            removal_policy=stage.removal_policy,
        )
        arn = share(self, "SecretCodesKeyArn", key.key_arn)
        self.opening = Access({"SECRET_CODES_KEY_ARN": arn}, (Permission(("kms:Decrypt",), (arn,)),))
        """For the door at which their partner reads them."""
