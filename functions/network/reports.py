"""The mobile network's reports, as events of the bus (docs/architecture.md, "The mobile network").

The event's type is ``network.`` and the report's; its detail has the report's members, ``partner``, and ``occurred_at``
(RFC 3339) unless it has just happened. A report that is sent again has the same ``id``.
"""

from typing import Annotated, Literal

from pydantic import Field

from functions.catalog.offering import AllowanceType
from functions.shared.countries import Country
from functions.shared.moments import RequestInstant
from functions.shared.partners import PartnerName
from functions.shared.shapes import Id, Shape

MAX_AMOUNT = 10**15
"""Of usage in one report: a petabyte."""


class Envelope(Shape):
    """The members of every event of a report."""

    id: Id
    partner: PartnerName
    occurred_at: RequestInstant | None = None


class Report(Shape):
    """The members of every report; only in the sandbox is the id optional."""

    id: Id | None = Field(default=None, description="The report's own id. Two reports with the same one count once.")


class FirstUsage(Report):
    """A subscription is used in a country."""

    type: Literal["first_usage"]
    subscription_id: Id
    country: Country


class UsageReport(Report):
    """Bytes, seconds or messages were used in a country."""

    type: Literal["usage"]
    subscription_id: Id
    allowance_type: AllowanceType
    amount: int = Field(ge=1, le=MAX_AMOUNT, description="Bytes of data, seconds of voice, or a count of messages.")
    country: Country


class SimReport(Report):
    """An eSIM profile was installed on a device, or deleted from it."""

    type: Literal["sim_installed", "sim_deleted"]
    sim_profile_id: Id


class CountryChanged(Report):
    """A subscription has entered a country."""

    type: Literal["country_changed"]
    subscription_id: Id
    country: Country


class Terminated(Report):
    """The operator ends a subscription."""

    type: Literal["terminated"]
    subscription_id: Id


NetworkReport = Annotated[
    FirstUsage | UsageReport | SimReport | CountryChanged | Terminated, Field(discriminator="type")
]
