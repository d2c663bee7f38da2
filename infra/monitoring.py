"""Alarms, and the topic for alarms."""

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.sharing import share
from infra.stage import Stage


class AlarmTopic(Construct):
    """The topic for alarms, to which people subscribe."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "Monitoring")
        topic = sns.Topic(self, "Alarms", master_key=self._key(), enforce_ssl=True)
        topic.add_to_resource_policy(_from_alarms("sns:Publish", topic.topic_arn))
        if stage.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(stage.alarm_email))
        self.arn = share(self, "AlarmsTopicArn", topic.topic_arn)

    def _key(self) -> kms.Key:
        """Return a key for the topic: CloudWatch may not use the one that AWS manages for SNS."""
        key = kms.Key(self, "Key", enable_key_rotation=True, removal_policy=RemovalPolicy.DESTROY)
        key.add_to_resource_policy(_from_alarms("kms:Decrypt", "*"))
        key.add_to_resource_policy(_from_alarms("kms:GenerateDataKey*", "*"))
        return key


class Monitoring(Construct):
    """Creates alarms."""

    def __init__(self, scope: Construct, *, alarms: AlarmTopic) -> None:
        super().__init__(scope, "Monitoring")
        self._topic = sns.Topic.from_topic_arn(self, "Alarms", alarms.arn)

    def alarm(
        self, scope: Construct, metric: cloudwatch.Metric, description: str, *, name: str = "Alarm", threshold: int = 1
    ) -> None:
        """Notify the topic when the metric reaches the threshold; missing data raises no alarm."""
        alarm = cloudwatch.Alarm(
            scope,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))


def _from_alarms(action: str, resource: str) -> iam.PolicyStatement:
    """Return what lets alarms use a key; in a key's own policy ``*`` means that key."""
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=[action],
        resources=[resource],
        conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
    )
