"""The filters of lists of offerings (contract §3)."""

from pydantic import Field

from functions.catalog.offering import Offering, OfferingStatus, OfferingType
from functions.shared.countries import Countries
from functions.shared.lists import ListQuery


class OfferingFilters(ListQuery):
    """The filters; they combine with "and"."""

    status: OfferingStatus | None = None
    type: OfferingType | None = None
    countries: Countries | None = Field(default=None, alias="allowances[coverage-area][countries]")

    def keeps(self, offering: Offering) -> bool:
        """Whether the offering passes every filter; it covers a country if one of its allowances does."""
        return (
            self.status in {None, offering.status}
            and self.type in {None, offering.type}
            and (self.countries is None or offering.covers(self.countries))
        )
