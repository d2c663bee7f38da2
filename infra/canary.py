"""New versions of the order doors take over step by step, and an alarm brings the old ones back."""

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.access import Permission, role
from infra.functions import ORDER_DOORS, function_arn
from infra.stage import Stage

STEPS = codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES
MINUTE = Duration.minutes(1)
ROLLBACK = codedeploy.AutoRollbackConfig(failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True)
WATCHING = Permission(("cloudwatch:DescribeAlarms",), ("*",), "CodeDeploy lists alarms; they cannot be named.")


class Canary(Construct):
    """A tenth of the orders meets the new version for five minutes; then all do, unless something failed.

    CloudFormation waits for it: what one door brings back fails the deployment, which brings back all of the stack.
    """

    def __init__(
        self, scope: Construct, *, stage: Stage, doors: Mapping[str, lambda_.Alias], api: apigateway.SpecRestApi
    ) -> None:
        super().__init__(scope, "Canary")
        application = codedeploy.LambdaApplication(self, "Application", application_name=stage.named("orders"))
        application.apply_removal_policy(RemovalPolicy.DESTROY)
        deploying = role(self, "codedeploy.amazonaws.com", [_shifting(stage), WATCHING])
        answers = self._alarm("Api", api.metric_server_error(period=MINUTE, statistic="Sum"))
        for module in ORDER_DOORS:
            name = module.rpartition(".")[2].replace("_", "-")
            codedeploy.LambdaDeploymentGroup(
                self,
                name,
                application=application,
                deployment_group_name=name,
                alias=doors[module],
                deployment_config=STEPS,
                role=deploying,
                alarms=[answers, self._alarm(f"{name}-failing", doors[module].metric_errors(period=MINUTE))],
                auto_rollback=ROLLBACK,
            )

    def _alarm(self, name: str, metric: cloudwatch.Metric) -> cloudwatch.Alarm:
        """Return an alarm for CodeDeploy alone: people are told by those of the signals."""
        return cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description="An order door fails while a new version takes over: the old one comes back.",
        )


def _shifting(stage: Stage) -> Permission:
    actions = ("lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias")
    return Permission(actions, tuple(function_arn(stage, module) for module in ORDER_DOORS))
