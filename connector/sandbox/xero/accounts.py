"""Writing the chart of accounts: one account a call, each with a name and a code of its own."""

from connector.sandbox.body import Body, text
from connector.sandbox.xero.chart import CLASS_OF, add_account
from connector.sandbox.xero.organisation import Organisation
from connector.sandbox.xero.refusals import Invalid, Malformed

_CODE_LIMIT = 10
_CHANGEABLE = frozenset({"Name", "Code", "Description", "TaxType", "EnablePaymentsToAccount", "Status"})


def create_account(organisation: Organisation, sent: Body) -> Body:
    """A new account. Raises Invalid when name or code is missing or taken, Malformed for an unknown type."""
    if text(sent, "Type") not in CLASS_OF:
        raise Malformed(f"Type {text(sent, 'Type')} is not an account type")
    if not text(sent, "Code") and text(sent, "Type") != "BANK":
        raise Invalid("Please enter a unique Code.")
    _check_unique(organisation, sent, own_id="")
    return add_account(organisation, sent)


def update_account(organisation: Organisation, before: Body, sent: Body) -> Body:
    """The account with the fields that were sent; Status ARCHIVED retires it, ACTIVE brings it back."""
    fields = {key: value for key, value in sent.items() if key in _CHANGEABLE}
    if "SystemAccount" in before and fields.keys() & {"Code", "Status"}:
        raise Invalid("A system account cannot be archived or given another code.")
    body = {**before, **fields}
    _check_unique(organisation, body, own_id=text(before, "AccountID"))
    return organisation.keep("Accounts", "AccountID", body, mark=text(body, "Code"))


def _check_unique(organisation: Organisation, account: Body, own_id: str) -> None:
    name, code = text(account, "Name"), text(account, "Code")
    if len(code) > _CODE_LIMIT:
        raise Invalid(f"The code must be {_CODE_LIMIT} characters or fewer.")
    others = [a for a in organisation.shelf.all("Accounts") if a["AccountID"] != own_id]
    if not name or any(text(other, "Name").lower() == name.lower() for other in others):
        raise Invalid("Please enter a unique Name.")
    if code and any(other.get("Code") == code and other["Status"] == "ACTIVE" for other in others):
        raise Invalid("Please enter a unique Code.")
