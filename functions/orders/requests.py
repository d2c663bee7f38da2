"""The parts of order requests (contract §2, known fields)."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from functions.catalog.offering import MAX_AMOUNT, Offering
from functions.orders.order import Reference
from functions.products.product import ActivationMode
from functions.shared import clock
from functions.shared.countries import Country
from functions.shared.currencies import Currency
from functions.shared.moments import RequestInstant
from functions.shared.postal import Locale
from functions.shared.records import Wanted
from functions.shared.refusals import Code
from functions.shared.shapes import AtMost, Form, Id, Shape, has, only_if
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.subscription import Subscription

MAX_ADDONS = 30
MAX_NOTES = 10
"""Notes on an invoice, and languages of a note."""
PriceType = Literal["one_time", "recurring", "prorate"]
PRICE_TYPES = len(get_args(PriceType))
MAX_START_AHEAD = timedelta(days=365)


def _refuse_unless_empty(value: Any) -> Any:
    if value in (None, "", [], {}):
        return None
    raise PydanticCustomError(Code.NOT_SUPPORTED.value, "This member is not supported; leave it out")


def _each_type_once(alterations: list[Any]) -> list[Any]:
    if len({alteration.type for alteration in alterations}) < len(alterations):
        raise ValueError("must not have two prices of the same type")
    return alterations


def _within_a_year(start_at: Any) -> Any:
    if not clock.now() < start_at <= clock.now() + MAX_START_AHEAD:
        raise ValueError("must be in the future, at most 365 days ahead")
    return start_at


Unsupported = Annotated[SkipJsonSchema[Any], AfterValidator(_refuse_unless_empty)]
"""A field that must not be accepted and then ignored, such as a discount; its empty forms pass."""


class PriceAlteration(Shape):
    """A price that replaces the offering's price of this type, for this order only."""

    type: PriceType
    unit_amount: int = Field(ge=0, le=MAX_AMOUNT)
    currency: Currency


PriceAlterations = Annotated[
    list[PriceAlteration],
    AtMost(PRICE_TYPES),
    AfterValidator(_each_type_once),
    Field(
        json_schema_extra={
            "allOf": [
                {"contains": has("type", each), "minContains": 0, "maxContains": 1} for each in get_args(PriceType)
            ]
        }
    ),
]
"""At most one of each type."""


class PlanChoice(Shape):
    """The plan; it always starts immediately."""

    product_offering_id: Id
    activation_mode: Literal["immediate"] | None = None
    price_alterations: PriceAlterations = Field(default_factory=list)
    discounts: Unsupported = None
    phone_number: Unsupported = None


class AddonChoice(Shape):
    """An add-on, and when it starts."""

    model_config = only_if(has("activation_mode", "scheduled"), "start_at")

    product_offering_id: Id
    activation_mode: ActivationMode
    start_at: Annotated[RequestInstant, AfterValidator(_within_a_year)] | None = Field(
        default=None, validate_default=True
    )
    price_alterations: PriceAlterations = Field(default_factory=list)
    discounts: Unsupported = None

    @field_validator("start_at")
    @classmethod
    def _fits_the_mode(cls, start_at: datetime | None, info: ValidationInfo) -> datetime | None:
        mode = info.data.get("activation_mode")
        if mode and (mode == "scheduled") != (start_at is not None):
            raise ValueError("this member is required if activation_mode is 'scheduled', and not allowed otherwise")
        return start_at


class Products(Shape):
    """What an order sells."""

    plan: PlanChoice | None = None
    addons: Annotated[
        list[AddonChoice],
        AtMost(MAX_ADDONS, Code.TOO_MANY_PRODUCTS, advice="; send the others in another order"),
    ] = Field(default_factory=list)
    non_services: Unsupported = None


class ProductsWithPlan(Products):
    """The products of an order that requires a plan."""

    plan: PlanChoice


class Uicc(Shape):
    """The eUICC that an eSIM profile is made for (EID: GSMA SGP.22)."""

    eid: Annotated[str, Form(r"^[0-9]{32}$", "must be 32 digits")]


class Device(Shape):
    """The device that will hold the SIM."""

    uicc: Uicc


class Esim(Shape):
    """A new eSIM profile from the partner's stock."""

    sim_type: Literal["esim"]


class PhysicalSim(Shape):
    """A physical SIM that the partner has reserved."""

    sim_type: Literal["psim"]
    reservation_id: Id


SimChoice = Annotated[Esim | PhysicalSim, Field(discriminator="sim_type")]


class NoteContent(Shape):
    """A note's text in one language (BCP 47)."""

    locale: Locale
    message: str = Field(min_length=1, max_length=256)


class InvoiceNote(Shape):
    """One note in its languages."""

    type: Literal["marketing"]
    content: Annotated[list[NoteContent], AtMost(MAX_NOTES)]


class Invoice(Shape):
    """Notes for the partner's invoice; stored, but not used."""

    notes: Annotated[list[InvoiceNote], AtMost(MAX_NOTES)] = Field(default_factory=list)


class OrderRequest(Shape):
    """The members of every order request; each order type narrows ``type`` to its name."""

    type: str | None = None
    reference: Reference | None = None
    discounts: Unsupported = None
    renewal_group_id: Unsupported = None
    service_termination: Unsupported = None

    def needs(self) -> Wanted:
        """Return the records that the checks need."""
        return {}


class Purchase(OrderRequest):
    """An order that sells something."""

    purchase_location: Country
    payment_intent_id: str | None = Field(default=None, min_length=1, max_length=100)
    invoice: Invoice | None = None
    products: Products


class OnSubscription(OrderRequest):
    """An order on an existing subscription."""

    subscription_id: Id

    def needs(self) -> Wanted:
        """Add the subscription."""
        return {**super().needs(), Subscription: [self.subscription_id]}


class WithSim(OrderRequest):
    """An order that takes a new SIM."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"required": ["sim_profile"], "properties": {"sim_profile": has("sim_type", "psim")}},
            "then": {"properties": {"device": {"type": "null"}}},
        }
    )

    sim_profile: SimChoice | None = None
    device: Device | None = None

    @field_validator("device")
    @classmethod
    def _device_is_for_esim(cls, device: Device | None, info: ValidationInfo) -> Device | None:
        if device and isinstance(info.data.get("sim_profile"), PhysicalSim):
            raise ValueError("this member is only allowed with an eSIM")
        return device

    def needs(self) -> Wanted:
        """Add the reservation of a physical SIM."""
        reserved = [self.sim_profile.reservation_id] if isinstance(self.sim_profile, PhysicalSim) else []
        return {**super().needs(), Reservation: reserved}


def offerings_of(products: Products) -> Wanted:
    """Return the offerings that are ordered, without repeats."""
    ids = {choice.product_offering_id for choice in products.addons}
    if products.plan:
        ids.add(products.plan.product_offering_id)
    return {Offering: sorted(ids)}
