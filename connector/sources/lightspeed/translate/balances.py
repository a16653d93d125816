"""What customers owe and have paid in, and what gift cards hold, as Lightspeed says: what ours must come to."""

from __future__ import annotations

from connector.domain.facts import Fact
from connector.domain.money import decimal_text
from connector.domain.sales import Balances, NoSale
from connector.domain.shop import Shop
from connector.sources.lightspeed.records import AccountBalances
from connector.sources.lightspeed.translate.amounts import minor
from connector.sources.lightspeed.translate.places import framed
from connector.sources.lightspeed.translate.shops import only_location

CREDIT_ACCOUNTS, GIFT_CARDS = "credit_accounts", "gift_cards"
ROLES = {CREDIT_ACCOUNTS: ("house_account", "customer_deposit"), GIFT_CARDS: ("gift_card",)}


def balances_fact(stream: str, told: AccountBalances, shop: Shop) -> Fact:
    """The fact of all balances other than nothing at one moment. Of gift cards only the sum is kept, for a sale does
    not say which card; whether Lightspeed counts what they hold as + or − is not documented."""
    frame = framed(stream, told.balances_id, only_location(shop), told.looked_at, shop)
    rows = [(row.credit_account_id, minor(row.balance, frame.currency)) for row in told.rows]
    held = Balances(roles=ROLES[stream], rows=tuple(rows))
    if stream == GIFT_CARDS:
        held = Balances(roles=ROLES[stream], rows=(("", -abs(sum(amount for _, amount in rows))),))
    owed = sum(max(amount, 0) for _, amount in held.rows)
    paid_in = -sum(min(amount, 0) for _, amount in held.rows)
    reason = _said(stream, decimal_text(owed, frame.currency), decimal_text(paid_in, frame.currency), frame.currency)
    return frame.fact(NoSale(record_id=told.balances_id, reason=reason, balances=held))


def _said(stream: str, owed: str, paid_in: str, currency: str) -> str:
    if stream == GIFT_CARDS:
        return f"Gift cards hold {paid_in} {currency}: compared with what was loaded and redeemed here."
    return f"Customers owe {owed} {currency} and have paid in {paid_in}: compared with their accounts here."
