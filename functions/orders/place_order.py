"""``POST /orders``: one door for all order types, chosen by ``type``."""

from typing import Annotated, Any, get_type_hints

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from functions.orders.acceptance import accept, prepare_acceptance
from functions.orders.kind import kind_of, module_of_type
from functions.orders.requests import OrderRequest
from functions.routes import ORDER_TYPES
from functions.shared.http import Request, Response, door
from functions.shared.refusals import refuses


class _ByType:
    """Gives the body the shape of the order type's own door."""

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        shapes = {name: get_type_hints(module_of_type(name).place_order)["body"] for name in ORDER_TYPES}
        choices: dict[Any, CoreSchema] = {name: handler.generate_schema(shape) for name, shape in shapes.items()}
        return core_schema.tagged_union_schema(choices, discriminator="type")


OF_ANY_TYPE = refuses(*(module_of_type(name).place_order for name in ORDER_TYPES))


@OF_ANY_TYPE
def place_order(request: Request, body: Annotated[OrderRequest, _ByType()]) -> Response:
    """Accept the order as the door of its type would."""
    order_type = str(body.type)
    return accept(request, body, order_type, kind_of(order_type))


@OF_ANY_TYPE
def validate(request: Request, body: Annotated[OrderRequest, _ByType()]) -> Response:
    """Return what :func:`place_order` would answer, without doing anything; a key is ignored."""
    order_type = str(body.type)
    prepare_acceptance(request, body, order_type, kind_of(order_type))
    return Response(200, {"valid": True})


handler = door(__name__)
