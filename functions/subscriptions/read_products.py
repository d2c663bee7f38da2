"""``GET /products`` and ``GET /products/{id}``."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from functions.products.product import Product, ProductStatus, needs_plan_cycle, show_product
from functions.shared import clock, table
from functions.shared.http import Request, Response, door
from functions.shared.lists import Filter, Listing, ListQuery, page
from functions.shared.shapes import Id
from functions.subscriptions.subscription import Subscription


class ProductFilters(ListQuery):
    """The filters of the list; ``subscription`` is an alias of ``subscription-id``."""

    status: ProductStatus | None = None
    subscription_id: Id | None = Field(default=None, alias="subscription-id")
    subscription: Annotated[Id | None, Filter("subscription_id")] = None
    order_id: Id | None = Field(default=None, alias="order-id")


def list_products(request: Request, query: ProductFilters) -> Response:
    """List the partner's products, newest first."""
    shelf = _Shelf(request.partner)
    return page(request, query, Listing(Product, shelf.show, read_beside=shelf.read_subscriptions))


def get_product(request: Request) -> Response:
    """Return the product. Raise a 404 if this partner does not have it."""
    product = request.find(Product)
    shelf = _Shelf(request.partner)
    shelf.read_subscriptions([product])
    return Response(200, shelf.show(product))


class _Shelf:
    """Shows products. For those whose links depend on their subscription, it also reads the subscription before."""

    _in_plan_cycle: set[str]

    def __init__(self, partner: str) -> None:
        self._partner = partner

    def read_subscriptions(self, products: Iterable[Product]) -> None:
        """Find out which of them are in a cycle of their plan."""
        ids = {product.subscription_id for product in products if needs_plan_cycle(product)}
        found = table.read_all(self._partner, {Subscription: ids})
        now = clock.now()
        self._in_plan_cycle = {
            subscription_id
            for subscription_id in ids
            if (subscription := found.get(Subscription, subscription_id)) and subscription.in_plan_cycle(now)
        }

    def show(self, product: Product) -> dict[str, Any]:
        """Return the product as the API shows it."""
        return show_product(product, in_plan_cycle=product.subscription_id in self._in_plan_cycle)


handler = door(__name__)
