"""The mobile network's answers to our requests, as events of the bus."""

from typing import Annotated, Any

from pydantic import Field

from functions.shared.partners import PartnerName
from functions.shared.shapes import Id, Shape

REPLY_TOKEN_LENGTH = 2048
"""The longest task token that Step Functions makes."""


class Answer(Shape):
    """The members of every answer."""

    partner: PartnerName
    order_id: Id


class ProvisioningAnswer(Answer):
    """The answer to ``network.provisioning.requested``; an invalid number or reason is ignored."""

    reply_token: Annotated[str, Field(min_length=1, max_length=REPLY_TOKEN_LENGTH)]
    msisdn: Any = None
    reason: Any = None
