"""The usual handler of this stack, for comparison: Powertools' resolver, Pydantic, Powertools' idempotency, one put.

It takes the same order and keeps it with one put; it looks nothing up, has no events, no list and no reference. Its
read gets one item. It is written as the libraries' own guides show it.
"""

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent
from pydantic import BaseModel

app = APIGatewayRestResolver(enable_validation=True)
logger = Logger(service="usual")
table = boto3.resource("dynamodb").Table("orders")
layer = DynamoDBPersistenceLayer(table_name="idempotency")
config = IdempotencyConfig(event_key_jmespath='headers."Idempotency-Key"')


class Price(BaseModel):
    """A price that differs from the offering's."""

    type: Literal["one_time", "recurring"]
    unit_amount: int
    currency: str


class Product(BaseModel):
    """A product to sell."""

    product_offering_id: str
    activation_mode: Literal["immediate", "first_usage", "scheduled"] | None = None
    start_at: datetime | None = None
    price_alterations: list[Price] = []


class Products(BaseModel):
    """A plan and add-ons."""

    plan: Product
    addons: list[Product] = []


class SimProfile(BaseModel):
    """Which SIM."""

    sim_type: Literal["esim", "psim"]
    reservation_id: str | None = None


class Activation(BaseModel):
    """The order."""

    type: Literal["activate_subscription"] | None = None
    subscriber_id: str
    purchase_location: str
    sim_profile: SimProfile
    products: Products
    reference: str | None = None


class Order(Activation):
    """The order as it is kept."""

    id: str
    status: str
    created_at: datetime


@app.post("/orders/activate-subscription")
def place_order(activation: Activation) -> Response[Order]:
    """Keep the order."""
    members = activation.model_dump()
    order = Order(id=f"ord_{uuid4()}", status="accepted", created_at=datetime.now(UTC), **members)
    partner = app.current_event.request_context.authorizer.get("partner")
    item = order.model_dump(mode="json", exclude_none=True)
    table.put_item(Item={"pk": f"{partner}#{order.id}", "sk": "order", **item})
    logger.info("Accepted.", extra={"order_id": order.id})
    return Response(201, body=order, content_type="application/json")


@app.get("/orders/<order_id>")
def get_order(order_id: str) -> Order:
    """Return the order."""
    partner = app.current_event.request_context.authorizer.get("partner")
    found = table.get_item(Key={"pk": f"{partner}#{order_id}", "sk": "order"}, ConsistentRead=True)
    if "Item" not in found:
        raise NotFoundError
    return Order.model_validate(found["Item"])


@logger.inject_lambda_context
@idempotent(persistence_store=layer, config=config)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request."""
    return app.resolve(event, context)
