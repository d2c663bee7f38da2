"""The identity provider: Cognito with client credentials, or another issuer."""

from itertools import groupby

from aws_cdk import Aws, CfnOutput, Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from functions.routes import SCOPES
from infra.access import Access
from infra.findings import accept
from infra.sharing import share
from infra.stage import Issuer, Stage

MACHINES = "Partners' systems sign in by client credentials; the pool has no people in it and takes none."


PASSWORDS = cognito.PasswordPolicy(
    min_length=12, require_digits=True, require_lowercase=True, require_symbols=True, require_uppercase=True
)


class Identity(Construct):
    """The issuer that the authorizer trusts. The operator creates the partners' clients, not the stack."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "Identity")
        trusted = stage.identity or _cognito(self, stage)
        self.trusted = Access(
            {
                "ISSUER": trusted.issuer,
                "JWKS_URL": trusted.jwks_url,
                "AUDIENCE": trusted.audience,
                "CLIENT_CLAIM": trusted.client_claim,
                "SCOPE_CLAIM": trusted.scope_claim,
            }
        )
        """For functions that verify tokens."""
        self.issuing = Access({"TOKEN_URL": trusted.token_url})
        """For functions that say where tokens are issued."""


def _cognito(scope: Construct, stage: Stage) -> Issuer:
    """Return the stage's own issuer, whose tokens for client credentials name no audience."""
    pool = _user_pool(scope, stage)
    issuer = share(scope, "Issuer", pool.user_pool_provider_url)
    token_url = share(scope, "TokenUrl", _token_url(pool, stage))
    # Their form is not checked: they are not known before the deployment.
    return Issuer.model_construct(issuer=issuer, jwks_url=f"{issuer}/.well-known/jwks.json", token_url=token_url)


def _user_pool(scope: Construct, stage: Stage) -> cognito.UserPool:
    pool = cognito.UserPool(
        scope,
        "UserPool",
        user_pool_name=stage.named("partners"),
        self_sign_up_enabled=False,
        account_recovery=cognito.AccountRecovery.NONE,
        feature_plan=cognito.FeaturePlan.ESSENTIALS,
        password_policy=PASSWORDS,
        deletion_protection=stage.keep_data,
        removal_policy=stage.removal_policy,
    )
    accept(pool, "COG2", MACHINES)
    accept(pool, "COG8", MACHINES)
    CfnOutput(Stack.of(scope), "UserPoolId", value=pool.user_pool_id)
    _add_scopes(pool)
    return pool


def _token_url(pool: cognito.UserPool, stage: Stage) -> str:
    # The name must differ from every other account's in the region.
    prefix = f"{stage.prefix}-{Aws.ACCOUNT_ID}"
    domain = pool.add_domain("Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=prefix))
    return f"{domain.base_url()}/oauth2/token"


def _add_scopes(pool: cognito.UserPool) -> None:
    """Add the scopes: ``orders/read`` is the scope ``read`` of the resource server ``orders``."""
    pairs = [scope.split("/") for scope in SCOPES]
    for resource, group in groupby(pairs, key=lambda pair: pair[0]):
        scopes = [
            cognito.ResourceServerScope(scope_name=name, scope_description=f"{name} {resource}") for _, name in group
        ]
        pool.add_resource_server(resource, identifier=resource, scopes=scopes)
