"""``POST /accounts`` and ``PATCH /accounts/{id}`` (contract §4)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from functions.accounts.account import (
    Account,
    AccountMetadata,
    CompanyName,
    Label,
    Owner,
    Regon,
    TaxNumber,
    account_number,
    show_account,
)
from functions.shared import clock
from functions.shared.http import Request, Response, door
from functions.shared.ids import new_id
from functions.shared.merge import patched
from functions.shared.postal import Address
from functions.shared.shapes import Shape


class AccountEdit(Shape):
    """What a PATCH can change of any account; the type cannot change."""

    name: Label | None = None
    metadata: AccountMetadata = None


class PersonalEdit(AccountEdit):
    """What a PATCH can change of a personal account."""

    owner: Owner


class BusinessEdit(AccountEdit):
    """What a PATCH can change of a business account."""

    company_name: CompanyName
    tax_id: TaxNumber
    address: Address
    billing_address: Address | None = None
    regon: Regon | None = None


class NewPersonal(PersonalEdit):
    """A personal account."""

    type: Literal["personal"]


class NewBusiness(BusinessEdit):
    """A business account."""

    type: Literal["business"]


NewAccount = Annotated[NewPersonal | NewBusiness, Field(discriminator="type")]
EDITS: dict[str, type[AccountEdit]] = {"personal": PersonalEdit, "business": BusinessEdit}


def create_account(request: Request, body: NewAccount) -> Response:
    """Create an account."""
    now = clock.now()
    account_id = new_id(Account.PREFIX)
    new = {"id": account_id, "number": account_number(account_id), "partner": request.partner}
    moments = {"created_at": now, "updated_at": now}
    account = Account.model_validate(body.model_dump(mode="json") | new | moments)
    return request.create(account, show_account)


def edit_account(request: Request, body: dict[str, Any]) -> Response:
    """Change the account; nested objects and metadata are merged.

    Raise a 404 if this partner does not have it, a 400 for what the account's type does not allow.
    """
    account = request.find(Account)
    return request.update(account, patched(account, EDITS[account.type], body), show_account)


handler = door(__name__)
