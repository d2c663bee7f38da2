"""Documents: what is kept of a record, also of what only another version of the code knows of it."""

import hashlib
import json
import zlib

import pytest

from functions.catalog.offering import Offering, show_offering
from functions.shared import documents
from functions.shared.dictionary import COMMON
from functions.shared.event import Event
from functions.shared.marshal import marshal, unmarshal
from functions.shared.merge import patched
from functions.shared.records import Record, whole
from functions.subscribers.subscriber import Subscriber, show_subscriber
from functions.subscribers.write import SubscriberEdit
from tests.support.builders import NOW, PARTNER, found, noise, offering, product, subscriber, subscription
from tests.support.newer_code import NEW, of_newer_code

PASSPORT = {"type": "passport", "number": "1"}
ADA = subscriber(identifications=[PASSPORT], address={"country": "DE", "city": "Berlin"})
RECORDS = [ADA, offering("prdoff_1"), subscription()]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.KIND)
def test_what_a_model_does_not_know_is_kept(record: Record) -> None:
    item = of_newer_code(record)
    kept = type(record).from_item(item)
    assert whole(kept.item()) == whole(item)


def test_what_a_model_does_not_know_is_shown_to_nobody() -> None:
    assert show_subscriber(Subscriber.from_item(of_newer_code(ADA))) == show_subscriber(ADA)
    before = offering("prdoff_1")
    assert show_offering(Offering.from_item(of_newer_code(before))) == show_offering(before)


def test_a_copy_keeps_what_the_model_of_its_parts_does_not_know() -> None:
    frozen = Offering.from_item(of_newer_code(offering("prdoff_1"))).terms()
    document = json.loads(documents.render(frozen, set()))
    assert document["allowances"][0]["coverage_area"]["new_member"] == NEW["new_member"]
    assert "new_member" not in document, "whether the copy has what is new of an offering is for newer code to say"


def test_a_patch_keeps_what_its_shape_does_not_know() -> None:
    before = Subscriber.from_item(of_newer_code(ADA))
    assert patched(before, SubscriberEdit, {}) == before
    after = patched(before, SubscriberEdit, {"address": {"city": "Köln"}, "first_name": "Augusta"})
    kept = whole(of_newer_code(ADA))
    address = kept["address"] | {"city": "Köln"}
    assert whole(after.item()) == kept | {"first_name": "Augusta", "address": address}


def test_what_is_known_of_a_newer_record_equals_that_of_an_older() -> None:
    assert found(ADA).get(Subscriber, "subr_1") == ADA


@pytest.mark.parametrize("length", [1, documents.MAX_PLAIN, 100_000])
def test_a_long_document_is_packed(length: int) -> None:
    text = noise(length)
    event = Event(id="evt_1", partner=PARTNER, created_at=NOW, type="x", data={"text": text}, ttl=1)
    item = event.item()
    assert isinstance(item["document"], str if length == 1 else bytes)
    assert Event.from_item(unmarshal(marshal(item))) == event
    assert whole(item)["data"] == {"text": text}


def test_the_dictionary_never_changes() -> None:
    """What was stored with another one could not be read any more."""
    assert hashlib.sha256(COMMON).hexdigest() == "5409ccf21a75303d6ca5f65da7165fb78917b6b053deea81bc01d1a246c3f008"


def test_the_dictionary_halves_a_document() -> None:
    text = documents.render(product("prd_1", offering("prdoff_1")), set())
    assert documents.packed_size(text, 0) < len(zlib.compress(text.encode())) / 2


def test_what_others_write_lies_beside_the_document_alone() -> None:
    """The clock moves ``due_at`` without reading the rest, and each write counts ``version`` on."""
    record = ADA.model_copy(update={"version": 4, "due_at": NOW})
    item = record.item()
    assert not json.loads(item["document"]).keys() & {"version", "due_at"}
    later = item | {"due_at": "2027-01-01T00:00:00.000Z", "version": 5}
    kept = Subscriber.from_item(later)
    assert (kept.version, kept.item()["due_at"]) == (5, "2027-01-01T00:00:00.000Z")
    assert Subscriber.from_item({name: value for name, value in later.items() if name != "due_at"}).due_at is None
