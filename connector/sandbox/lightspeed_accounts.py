"""Credit accounts and gift cards of a Lightspeed shop: what payments by and onto them add up to."""

from decimal import Decimal

from connector.sandbox.body import Body, children, text
from connector.sandbox.lightspeed_goods import trimmed
from connector.sandbox.shelf import Shelf

GIFT_CARD = "5"


def credit_accounts(shelf: Shelf) -> list[Body]:
    """Every account that a sale which counts names: a charge raises what is owed, what is paid in lowers it."""
    balances: dict[str, tuple[Decimal, bool]] = {}
    for sale in shelf.all("lightspeed-sale"):
        if (sale["completed"], sale["voided"], sale["archived"]) != ("true", "false", "false"):
            continue
        for payment in children(sale, "SalePayments"):
            name, is_card = text(payment, "creditAccountID"), payment["paymentTypeID"] == GIFT_CARD
            if name != "0" and payment["archived"] == "false":
                before, _ = balances.get(name, (Decimal(0), False))
                balances[name] = before + Decimal(text(payment, "amount")), is_card
    return [_account(name, *told) for name, told in balances.items()]


def _account(name: str, balance: Decimal, is_card: bool) -> Body:
    return {
        "creditAccountID": name,
        "name": "Casey Canary",
        "code": f"code-of-{name}",
        "creditLimit": "0",
        "description": "",
        "giftCard": "true" if is_card else "false",
        "archived": "false",
        "balance": trimmed(balance),
        "customerID": "0" if is_card else "901",
    }
