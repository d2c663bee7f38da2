"""What happens without a request, and where it goes when it fails."""

import json
from typing import Any

from functions.events.stream_filter import WANTED
from functions.shared import table
from functions.webhooks import post, worker
from infra.bus import DELIVERY_TRIES, NETWORK_ANSWERS, NETWORK_REPORTS, SENDERS, SIMULATED_NETWORK, Rule
from infra.local import sender, stream
from infra.local.functions import CHANGES
from infra.names import failures_output
from infra.operator import deployed, repair
from infra.operator.given_up import MODULES
from infra.operator.redrive import BUCKET_OUTPUT
from infra.webhooks import SENDER
from tests.infra.template import Template, target, texts


def test_the_bus_has_the_rules_of_its_table(dev: Template) -> None:
    for rule in (NETWORK_ANSWERS, NETWORK_REPORTS, SIMULATED_NETWORK):
        (aimed,) = _deployed(dev, rule)["Targets"]
        assert dev.function_behind(target(aimed["Arn"]))["Handler"] == f"{rule.module}.handler"
    assert len(_patterns(dev)) == 3


def test_only_what_the_network_says_is_heard_and_on_its_own_bus(template: Template) -> None:
    """Reply tokens and SIMs are not where partners' events are."""
    listening = [rule for rule in template.of("Events::Rule").values() if "EventPattern" in rule]
    assert {rule["EventBusName"][-8:] for rule in listening} == {"-network"}
    changes = template.functions()[CHANGES]["Environment"]["Variables"]
    assert (changes["BUS_NAME"][-7:], changes["NETWORK_BUS_NAME"][-8:]) == ("-events", "-network")


def test_an_external_network_takes_the_place_of_the_simulated_one(prod: Template) -> None:
    assert {tuple(pattern["source"]) for pattern in _patterns(prod)} == {(NETWORK_ANSWERS.source,)}
    assert len(_patterns(prod)) == 2
    assert SIMULATED_NETWORK.module not in prod.functions()


def test_the_networks_reports_have_a_queue_of_their_own(template: Template) -> None:
    """What of them cannot be delivered, or is given up by their function, does not lie among other failures."""
    (aimed,) = _deployed(template, NETWORK_REPORTS)["Targets"]
    queue = target(aimed["DeadLetterConfig"]["Arn"])
    given_up = [
        target(config["DestinationConfig"]["OnFailure"]["Destination"])
        for config in template.of("Lambda::EventInvokeConfig").values()
    ]
    assert given_up.count(queue) == 1
    assert [target(resource) for resource in template.allowed(NETWORK_REPORTS.module)["sqs:SendMessage"]] == [queue]


def test_the_clock_ticks_every_minute(template: Template) -> None:
    (rule,) = (rule for rule in template.of("Events::Rule").values() if "ScheduleExpression" in rule)
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert template.functions()["functions.events.clock"]["Timeout"] < 60


def test_what_a_rule_cannot_deliver_waits_in_a_queue(template: Template) -> None:
    queues = template.of("SQS::Queue")
    for rule in template.of("Events::Rule").values():
        for aimed in rule["Targets"]:
            assert target(aimed["DeadLetterConfig"]["Arn"]) in queues
            assert "MaximumRetryAttempts" in aimed["RetryPolicy"]


def test_what_an_asynchronous_function_gives_up_on_waits_in_a_queue(template: Template) -> None:
    invoked = {target(aimed["Arn"]) for rule in template.of("Events::Rule").values() for aimed in rule["Targets"]}
    configured = {
        _alias(template, config["Qualifier"]): target(config["DestinationConfig"]["OnFailure"]["Destination"])
        for config in template.of("Lambda::EventInvokeConfig").values()
    }
    assert configured.keys() == invoked
    others = {_queue_of_the_stream(template), *_queues_of_webhooks(template)}
    assert set(configured.values()) == set(template.of("SQS::Queue")) - others


def test_every_queue_is_encrypted(template: Template) -> None:
    for queue in template.of("SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"]


def test_the_operators_commands_find_what_was_given_up_on(template: Template) -> None:
    outputs = template.content["Outputs"]
    found = {target(outputs[name]["Value"]) for name in map(failures_output, MODULES) if name in outputs}
    assert found == set(template.of("SQS::Queue")) - {_queues_of_webhooks(template)[0]}
    assert {BUCKET_OUTPUT, *deployed.OF_SYSTEM} <= outputs.keys()


def test_the_operators_commands_call_functions_by_their_names(dev: Template) -> None:
    functions, aliases = dev.of("Lambda::Function"), dev.of("Lambda::Alias").values()
    named = {f"{functions[target(each['FunctionName'])]['FunctionName']}:{each['Name']}" for each in aliases}
    assert {deployed.function("dev", module) for module in (*MODULES.values(), repair.TASK)} <= named


def test_the_stream_loses_nothing_silently(template: Template) -> None:
    mapping = _mapping(template, CHANGES)
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"]
    assert mapping["MaximumRecordAgeInSeconds"] == 20 * 3600
    assert mapping.get("MaximumRetryAttempts", -1) == -1
    (bucket,) = template.of("S3::Bucket")
    assert list(texts(mapping["DestinationConfig"]["OnFailure"]["Destination"]))[-2:] == [":s3:::", bucket]


def test_the_stream_has_lanes_as_on_one_machine(template: Template) -> None:
    mapping = _mapping(template, CHANGES)
    assert mapping["ParallelizationFactor"] == stream.LANES == 10
    assert mapping["MaximumRecordAgeInSeconds"] == stream.MAX_RECORD_AGE.total_seconds()
    assert mapping["BatchSize"] == stream.BATCH


def test_a_record_that_was_set_aside_lies_in_a_queue_of_its_own(template: Template) -> None:
    queue = _queue_of_the_stream(template)
    sends = {target(resource) for resource in template.allowed(CHANGES)["sqs:SendMessage"]}
    assert sends == {queue, _queues_of_webhooks(template)[0]}
    others = [module for module in template.functions() if module != CHANGES]
    senders = [resource for module in others for resource in template.allowed(module).get("sqs:SendMessage", [])]
    assert queue not in map(target, senders)


def test_the_stream_has_the_filter_of_the_one_declaration(template: Template) -> None:
    filters = _mapping(template, CHANGES)["FilterCriteria"]["Filters"]
    assert [json.loads(each["Pattern"]) for each in filters] == list(WANTED)


def test_webhooks_are_sent_by_as_many_workers_as_on_one_machine(template: Template) -> None:
    mapping = _mapping(template, SENDER)
    queue, failures = _queues_of_webhooks(template)
    assert target(mapping["EventSourceArn"]) == queue
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": SENDERS}
    assert SENDERS >= 50
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (sender.BATCH, ["ReportBatchItemFailures"])
    made = template.of("SQS::Queue")[queue]
    assert made["RedrivePolicy"]["maxReceiveCount"] == DELIVERY_TRIES
    assert target(made["RedrivePolicy"]["deadLetterTargetArn"]) == failures
    function = template.functions()[SENDER]
    assert made["VisibilityTimeout"] >= 6 * function["Timeout"]
    # Its longest run: it takes messages, and the last of them is an attempt whose record is then written.
    assert function["Timeout"] >= worker.TAKES_MORE_SECONDS[1] + post.SECONDS + table.PATIENCE_SECONDS


def test_each_mapping_has_as_many_filters_as_lambda_takes() -> None:
    assert len(WANTED) <= 5


def _mapping(template: Template, module: str) -> dict[str, Any]:
    """The mapping that feeds the function's alias."""
    (mapping,) = (
        each
        for each in template.of("Lambda::EventSourceMapping").values()
        if template.function_behind(_alias(template, each["FunctionName"]))["Handler"] == f"{module}.handler"
    )
    return mapping


def _alias(template: Template, reference: Any) -> str:
    """The alias that a part of a template refers to; also in order to take its name apart."""
    (alias,) = template.of("Lambda::Alias").keys() & set(texts(reference))
    return alias


def _queues_of_webhooks(template: Template) -> tuple[str, str]:
    """The queue of webhooks, and that of its failures."""
    queue = target(template.functions()[SENDER]["Environment"]["Variables"]["DELIVERIES_URL"])
    return queue, target(template.of("SQS::Queue")[queue]["RedrivePolicy"]["deadLetterTargetArn"])


def _queue_of_the_stream(template: Template) -> str:
    return target(template.functions()[CHANGES]["Environment"]["Variables"]["STREAM_FAILURES_URL"])


def _patterns(template: Template) -> list[dict[str, Any]]:
    return [rule["EventPattern"] for rule in template.of("Events::Rule").values() if "EventPattern" in rule]


def _deployed(template: Template, rule: Rule) -> dict[str, Any]:
    """The only rule with these types of this source."""
    pattern = {"source": [rule.source], "detail-type": list(rule.detail_types)}
    (deployed,) = (each for each in template.of("Events::Rule").values() if each.get("EventPattern") == pattern)
    return deployed
