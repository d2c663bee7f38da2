"""The secret of the keyed hash by which personal data is found."""

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.access import Access, Permission
from infra.findings import accept
from infra.stage import Stage


class Search(Construct):
    """A secret for nothing else; it stays as long as the table."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "Search")
        secret = secretsmanager.Secret(
            self,
            "Secret",
            description="Hashes the e-mail addresses, ICCIDs and numbers in the table's keys. Never replace it.",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=stage.removal_policy,
        )
        accept(secret, "SMG4", "Under another secret, nothing that was stored before would be found any more.")
        read = Permission(("secretsmanager:GetSecretValue",), (secret.secret_arn,))
        self.finding = Access({"SEARCH_SECRET_ARN": secret.secret_arn}, (read,))
