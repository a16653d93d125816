"""Which sales count, and why the others do not: states, and what was paid of what was due."""

from __future__ import annotations

from connector.domain.facts import Problem
from connector.sources.lightspeed_x.records import Sale

KNOWN = frozenset({"parked", "pending", "voided", "closed"})
_OPEN = {"onaccount": "an open sale on account", "layby": "an open layby", "service": "an open service job",
         "fulfilment": "waiting to be picked up or sent, and not paid"}  # fmt: skip


def no_sale_reason(sale: Sale) -> str:
    """Why a sale holds no money; empty where it does, or where money was taken although it is not closed."""
    if sale.deleted_at:
        return "deleted"
    if sale.state == "voided":
        return "voided"
    if sale.state not in ("parked", "pending") or any(payment.amount for payment in sale.taken) or _is_owed(sale):
        return ""
    return next((_OPEN[each] for each in sale.attributes or () if each in _OPEN), f"{sale.state}, and not paid")


def is_deposit(sale: Sale, paid: int) -> bool:
    """Whether money was taken for what is not sold yet: until the sale is complete it is owed to the customer."""
    return sale.state in ("parked", "pending") and not _is_delivered(sale) and not _is_owed(sale) and paid > 0


def charged(sale: Sale, due: int, paid: int) -> int:
    """What the customer owes for goods sold on account, negative where a return takes it off; 0 where nothing."""
    rest = due - paid
    return rest if _is_owed(sale) and sale.state in KNOWN and rest * due > 0 else 0


def state_problems(sale: Sale, due: int, paid: int) -> list[Problem]:
    """What about a sale's state and its payments keeps its day waiting; `due` and `paid` in minor units.

    Posted is what was paid in full when it was closed or waits for delivery, what is owed on account, and deposits."""
    if sale.state not in KNOWN:
        message = f"The state {sale.state or '(none)'} of sale {sale.name} is not known."
        return [Problem(code="unknown_state", message=message)]
    is_sold = _is_delivered(sale) or _is_owed(sale)
    if is_deposit(sale, paid) or charged(sale, due, paid) or (is_sold and due == paid):
        return []
    if _is_owed(sale):
        message = f"Sale {sale.name} is on account, and more was paid than was due."
        return [Problem(code="on_account", message=message, difference=due - paid)]
    if "layby" in (sale.attributes or ()):
        message = f"Sale {sale.name} is a layby and {sale.state}, and not paid in full."
        return [Problem(code="layby", message=message, difference=due - paid)]
    if not is_sold:
        message = f"Sale {sale.name} is {sale.state}, and money was given back for it."
        return [Problem(code="deposit", message=message, difference=paid)]
    message = f"What was due for sale {sale.name} and what was paid differ."
    return [Problem(code="X5", message=message, difference=due - paid)]


def _is_owed(sale: Sale) -> bool:
    """Sold on account: the goods are gone, whether the sale is closed or not."""
    return "onaccount" in (sale.attributes or ())


def _is_delivered(sale: Sale) -> bool:
    return sale.state == "closed" or (sale.state == "pending" and "fulfilment" in (sale.attributes or ()))
