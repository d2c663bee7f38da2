"""Every record declares its lists once: it is written where it is looked for."""

import pytest

from functions.shared.event import Event
from functions.shared.records import Partition, Record
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscribers.subscriber import Subscriber
from functions.webhooks.delivery import Delivery
from tests.support.builders import PARTNER, offering, product, subscriber, subscription

LISTED_OTHERWISE = {Event, Delivery, SimProfile}
"""All events are in the log, deliveries belong to webhooks, and operators count SIMs by kind."""

RECORDS: list[Record] = [subscriber(email_key="hash"), offering("o"), subscription(), product("p", offering("o"))]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.KIND)
def test_a_record_is_where_its_lists_are_looked_for(record: Record) -> None:
    item = record.item()
    for listed in record.LISTS:
        members = {listed.member: getattr(record, listed.member)} if listed.member else {}
        where = record.partition(PARTNER, members)
        assert (where.gsi, item[f"{where.gsi}pk"], item[f"{where.gsi}sk"]) == (listed.gsi, where.pk, record.sort_key())


def test_the_narrowest_list_is_taken() -> None:
    people = {"account_id": "acc_1", "email_key": "hash", "first_name": "Ada"}
    assert Subscriber.partition("acme", people) == Partition("gsi3", "acme#hash#subscribers")
    assert Subscriber.partition("acme", {"first_name": "Ada"}) == Partition("gsi1", "acme#subscribers")


def models(base: type[Record] = Record) -> list[type[Record]]:
    return [each for model in base.__subclasses__() for each in (model, *models(model))]


def test_each_list_is_declared_once() -> None:
    for model in models():
        assert len({listed.gsi for listed in model.LISTS}) == len(model.LISTS), model
        in_one = not model.LISTS or model.LISTS[-1].member is None
        assert in_one or model in LISTED_OTHERWISE, model
        assert len({listed.member for listed in model.LISTS}) == len(model.LISTS), model
