"""The filters of lists of offerings (contract §3)."""

from typing import Annotated

from pydantic import Field

from functions.catalog.offering import OfferingStatus, OfferingType
from functions.shared.countries import Countries
from functions.shared.lists import Filter, ListQuery, overlap


class OfferingFilters(ListQuery):
    """The filters, combined with "and"."""

    status: OfferingStatus | None = None
    type: OfferingType | None = None
    countries: Annotated[Countries | None, Filter("countries", overlap)] = Field(
        default=None, alias="allowances[coverage-area][countries]"
    )
