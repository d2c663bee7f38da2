"""The door of everything that is read in the catalog (contract §3)."""

from functions.catalog.coverage_areas import get_coverage_area, list_coverage_areas
from functions.catalog.product_catalogs import get_product_catalog, list_held_offerings, list_product_catalogs
from functions.catalog.product_offerings import get_offering, list_compatible, list_offerings
from functions.shared.http import door

__all__ = [
    "get_coverage_area",
    "get_offering",
    "get_product_catalog",
    "list_compatible",
    "list_coverage_areas",
    "list_held_offerings",
    "list_offerings",
    "list_product_catalogs",
]

handler = door(__name__)
