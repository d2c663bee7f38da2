"""The alarms of the signals (infra/signals.py), and the topic for alarms."""

from collections.abc import Iterator, Mapping

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.dashboard import Graphed, dashboard
from infra.sharing import share
from infra.signals import KILLED, SIGNALS, Series, Signal
from infra.stage import Stage

KILLS = "FunctionsKilled"
MAX_METRICS = 10
"""Of an alarm on an expression (CloudWatch, service quotas)."""
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
REACHED = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
MISSING = {
    "good": cloudwatch.TreatMissingData.NOT_BREACHING,
    "bad": cloudwatch.TreatMissingData.BREACHING,
    "ignored": cloudwatch.TreatMissingData.IGNORE,
}


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
    """Collects what the signals watch, and makes their alarms and the dashboard of it, if the stage has any."""

    def __init__(self, scope: Construct, *, stage: Stage, alarms: AlarmTopic) -> None:
        super().__init__(scope, "Monitoring")
        self._stage = stage
        self._topic = sns.Topic.from_topic_arn(self, "Alarms", stage.alarm_topic or alarms.arn)
        self._watched = {signal.name: self._ours(signal) for signal in SIGNALS}
        self._logs: list[str] = []
        self.watch("functions-throttled", metric("Lambda", "Throttles"))
        self.watch("executions-throttled", metric("States", "ThrottledEvents", ServiceMetric="StateTransition"))
        self.watch("bus-throttled", metric("Events", "PutEventsApproximateThrottledCount"))

    def watch(self, name: str, *metrics: cloudwatch.Metric) -> None:
        """Let a signal watch these metrics as well."""
        self._watched[name] |= {f"m{len(self._watched[name]) + number}": each for number, each in enumerate(metrics)}

    def read(self, log_group: logs.ILogGroup, *, kills: bool) -> None:
        """Let the dashboard's queries read a function's log; count in it what Lambda has ended, if nobody else does."""
        self._logs.append(log_group.log_group_name)
        if kills and self._stage.alarms:
            log_group.add_metric_filter(
                "Killed",
                filter_pattern=logs.FilterPattern.any_term(*KILLED),
                metric_namespace=self._stage.prefix,
                metric_name=KILLS,
            )

    def finish(self) -> None:
        """Make the alarms and the dashboard, once everything is watched."""
        if not self._stage.alarms:
            return
        self.watch("functions-killed", cloudwatch.Metric(namespace=self._stage.prefix, metric_name=KILLS))
        for signal in SIGNALS:
            self._raise_alarms(signal)
        dashboard(self, self._stage.prefix, {each: self._graphed(each) for each in SIGNALS}, self._logs)

    def _ours(self, signal: Signal) -> dict[str, cloudwatch.Metric]:
        return {name: self._metric(series) for name, series in signal.ours.items()}

    def _metric(self, series: Series) -> cloudwatch.Metric:
        dimensions = {series.metric.by: series.of} if series.metric.by and series.of else {}
        return cloudwatch.Metric(
            namespace=self._stage.prefix,
            metric_name=series.metric.name,
            dimensions_map=dimensions,
            label=series.of or series.metric.name,
        )

    def _raise_alarms(self, signal: Signal) -> None:
        watched = self._watched[signal.name]
        if signal.each:
            for metric in watched.values():
                self._alarm(signal, _over(signal, metric), f"{signal.name}-{metric.label}")
            return
        for number, part in enumerate(_parts(watched)):
            self._alarm(signal, _combined(signal, part), f"{signal.name}-{number + 1}" if number else signal.name)

    def _alarm(self, signal: Signal, metric: cloudwatch.IMetric, name: str) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=self._stage.named(name),
            metric=metric,
            threshold=self._threshold(signal),
            evaluation_periods=1,
            comparison_operator=BELOW if signal.below else REACHED,
            treat_missing_data=MISSING[signal.missing],
            alarm_description=signal.description,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))

    def _threshold(self, signal: Signal) -> float:
        return self._stage.low_esim_stock if signal.name == "esims-low" else signal.threshold

    def _graphed(self, signal: Signal) -> Graphed:
        metrics = [_over(signal, each) for each in self._watched[signal.name].values()]
        return Graphed(metrics, None if signal.formula else self._threshold(signal))


def metric(service: str, name: str, **dimensions: str) -> cloudwatch.Metric:
    """Return a metric of an AWS service."""
    return cloudwatch.Metric(namespace=f"AWS/{service}", metric_name=name, dimensions_map=dimensions)


def _over(signal: Signal, metric: cloudwatch.Metric) -> cloudwatch.Metric:
    return metric.with_(statistic=signal.statistic, period=Duration.minutes(signal.minutes))


def _parts(watched: Mapping[str, cloudwatch.Metric]) -> Iterator[Mapping[str, cloudwatch.Metric]]:
    """Yield the metrics in groups that an alarm can watch."""
    names = list(watched)
    for start in range(0, len(names), MAX_METRICS):
        yield {name: watched[name] for name in names[start : start + MAX_METRICS]}


def _combined(signal: Signal, watched: Mapping[str, cloudwatch.Metric]) -> cloudwatch.IMetric:
    if len(watched) == 1:
        return _over(signal, *watched.values())
    return cloudwatch.MathExpression(
        expression=signal.formula or " + ".join(f"FILL({name}, 0)" for name in watched),
        using_metrics={name: _over(signal, metric) for name, metric in watched.items()},
        period=Duration.minutes(signal.minutes),
        label=signal.name,
    )


def _from_alarms(action: str, resource: str) -> iam.PolicyStatement:
    """Return what lets alarms use a key; in a key's own policy ``*`` means that key."""
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=[action],
        resources=[resource],
        conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
    )
