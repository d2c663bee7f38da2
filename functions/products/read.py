"""``GET /products`` and ``GET /products/{id}``."""

from pydantic import Field

from functions.products.product import Product, ProductStatus, show_product
from functions.shared.http import Request, Response, door
from functions.shared.lists import Listing, ListQuery, page
from functions.shared.records import Partition
from functions.shared.shapes import Id


class ProductFilters(ListQuery):
    """The filters of the list; ``subscription`` is an alias of ``subscription-id``."""

    status: ProductStatus | None = None
    subscription_id: Id | None = Field(default=None, alias="subscription-id")
    subscription: Id | None = None
    order_id: Id | None = Field(default=None, alias="order-id")

    def keeps(self, product: Product) -> bool:
        """Whether the product passes every filter."""
        return (
            self.status in {None, product.status}
            and self.subscription_id in {None, product.subscription_id}
            and self.subscription in {None, product.subscription_id}
            and self.order_id in {None, product.order_id}
        )


def list_products(request: Request, query: ProductFilters) -> Response:
    """The partner's products, newest first."""
    subscription_id = query.subscription_id or query.subscription
    if query.order_id is not None:
        partition = Partition("gsi3", f"{request.partner}#{query.order_id}#products")
    elif subscription_id is not None:
        partition = Partition("gsi2", f"{request.partner}#{subscription_id}#products")
    else:
        partition = Partition("gsi1", f"{request.partner}#products")
    return page(request, query, Listing(Product, partition, "products", show_product, keep=query.keeps))


def get_product(request: Request) -> Response:
    """The product. Raises a 404 for one that this partner does not have."""
    return Response(200, show_product(request.find(Product)))


handler = door(__name__)
