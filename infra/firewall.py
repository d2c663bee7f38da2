"""The web application firewall in front of the API, for stages that have one."""

from collections.abc import Iterable
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.stage import Firewall, Stage

FREE_TEXT = (
    "CrossSiteScripting_BODY",
    "EC2MetaDataSSRF_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "SizeRestrictions_BODY",
)
"""Rules that are counted only: names, notes and webhooks' URLs may be anything, and bodies have up to 256 KiB."""
ANY_CLIENT = ("NoUserAgent_HEADER",)
GROUPS = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    "AWSManagedRulesCommonRuleSet": (*FREE_TEXT, *ANY_CLIENT),
}
"""AWS's groups of rules, and which rules of each do not block."""
COUNT: dict[str, Any] = {"count": {}}


class WebFirewall(Construct):
    """The rules, and what they stand in front of."""

    def __init__(self, scope: Construct, *, stage: Stage, firewall: Firewall, api: apigateway.RestApiBase) -> None:
        super().__init__(scope, "Firewall")
        rules = [*_of_aws(), _rate(firewall.requests_per_five_minutes)]
        made = waf.CfnWebACL(
            self,
            "Rules",
            name=stage.named("api"),
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            rules=[
                rule | {"priority": place, "visibilityConfig": _watched(rule["name"])}
                for place, rule in enumerate(rules)
            ],
            visibility_config=_watched(stage.named("api")),
        )
        arn = f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}::/restapis/{api.rest_api_id}/stages/{stage.name}"
        front = waf.CfnWebACLAssociation(self, "Front", resource_arn=arn, web_acl_arn=made.attr_arn)
        front.node.add_dependency(api.deployment_stage)


def _of_aws() -> Iterable[dict[str, Any]]:
    for name, counted in GROUPS.items():
        overrides = [{"name": rule, "actionToUse": COUNT} for rule in counted]
        group = {"vendorName": "AWS", "name": name, "ruleActionOverrides": overrides}
        yield {"name": name, "statement": {"managedRuleGroupStatement": group}, "overrideAction": {"none": {}}}


def _rate(limit: int) -> dict[str, Any]:
    statement = {"rateBasedStatement": {"limit": limit, "aggregateKeyType": "IP", "evaluationWindowSec": 300}}
    return {"name": "rate", "statement": statement, "action": {"block": {}}}


def _watched(name: str) -> dict[str, Any]:
    # No samples: they would show paths, and what is in them.
    return {"cloudWatchMetricsEnabled": True, "metricName": name, "sampledRequestsEnabled": False}
