"""What the mobile network answers to a request, as events of the bus."""

from typing import Annotated, Any

from pydantic import Field

from functions.shared.shapes import Id, Shape

REPLY_TOKEN_LENGTH = 2048
"""The longest task token that Step Functions makes."""


class Answer(Shape):
    """What every answer to a request of ours says."""

    partner: Id
    order_id: Id


class ProvisioningAnswer(Answer):
    """The answer to ``network.provisioning.requested``; a number or a reason that is none is passed over."""

    reply_token: Annotated[str, Field(min_length=1, max_length=REPLY_TOKEN_LENGTH)]
    msisdn: Any = None
    reason: Any = None
