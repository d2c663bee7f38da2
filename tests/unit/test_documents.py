"""Documents: what is kept of a record, also of what only another version of the code knows of it."""

import hashlib
import json
import zlib

import pytest
from pydantic import BaseModel

from functions.catalog.offering import Offering, show_offering
from functions.shared import documents
from functions.shared.dictionary import COMMON
from functions.shared.event import Event
from functions.shared.marshal import marshal, unmarshal
from functions.shared.merge import patched
from functions.shared.records import Record, id_in, whole
from functions.subscribers.subscriber import Subscriber, show_subscriber
from functions.subscribers.write import SubscriberEdit
from functions.subscriptions.subscription import Subscription
from tests.support.builders import NOW, PARTNER, found, holding, noise, offering, product, subscriber, subscription
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


def test_a_subscriptions_copy_of_a_product_keeps_what_its_model_does_not_know() -> None:
    held = product("prd_1", offering("prdoff_1"))
    root = holding(held)
    newer = Subscription.from_item(of_newer_code(root))
    newer.know(held)
    assert whole(newer.item()) == whole(of_newer_code(root))


def test_a_patch_keeps_what_its_shape_does_not_know() -> None:
    before = Subscriber.from_item(of_newer_code(ADA))
    assert patched(before, SubscriberEdit, {}) == before
    after = patched(before, SubscriberEdit, {"address": {"city": "Köln"}, "first_name": "Augusta"})
    kept = whole(of_newer_code(ADA))
    address = kept["address"] | {"city": "Köln"}
    assert whole(after.item()) == kept | {"first_name": "Augusta", "address": address}


class Part(BaseModel):
    """A part of something that has parts itself."""

    name: str = ""
    part: "Part | None" = None
    parts: list["Part"] = []


def test_every_part_that_stays_keeps_what_its_model_does_not_know() -> None:
    """A list is replaced as a whole: which of its elements stay cannot be told."""
    old = documents.parse(Part, '{"new": 1, "part": {"new": 2, "part": {"new": 3}}, "parts": [{"new": 4}]}')
    new = Part(name="a", part=Part(name="b", part=Part(name="c")), parts=[Part(name="d")])
    documents.carry_over(old, new)
    assert json.loads(documents.render(new, set())) == {
        "name": "a",
        "new": 1,
        "part": {"name": "b", "new": 2, "part": {"name": "c", "new": 3, "parts": []}, "parts": []},
        "parts": [{"name": "d", "parts": []}],
    }


def test_a_document_is_as_short_with_what_its_model_does_not_know() -> None:
    text = '{"name":"ü","parts":[],"new":["ü",{"a":1}]}'
    assert documents.render(documents.parse(Part, text), set()) == text
    assert documents.render(documents.parse(Part, text), {"name"}) == text.replace('"name":"ü",', "")


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


def test_a_document_stays_text_up_to_a_length() -> None:
    longest = Part(name="x" * (documents.MAX_PLAIN - len('{"name":"","parts":[]}')))
    assert documents.pack(longest, set()) == documents.render(longest, set())
    assert isinstance(documents.pack(longest.model_copy(update={"name": f"{longest.name}x"}), set()), bytes)


def test_the_size_of_a_text_is_that_of_its_packed_form_above_the_limit() -> None:
    text = "ü" * 100
    assert documents.packed_size(text, 200) == 200
    assert documents.packed_size(text, 199) < 20


@pytest.mark.parametrize("sort_key", ["2026-03-10T12:00:00.000Z#ord_1", "a#b#ord_1", "ord_1"])
def test_a_sort_key_ends_with_the_id(sort_key: str) -> None:
    assert id_in(sort_key) == "ord_1"


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
