"""How a receipt was paid, as a code: by the type of the payment, and by name where the owner made the type."""

from __future__ import annotations

from functools import lru_cache

from connector.domain.facts import UNKNOWN
from connector.domain.places import Name

CASH, CARD, OTHER = "CASH", "CARD", "OTHER"
CARD_TYPES = frozenset({
    "NONINTEGRATEDCARD", "WORLDPAY", "COINEY", "IZETTLE", "SUMUP", "TYRO", "CHECURITY", "SMARTPAY", "YOCO", "NICEPAY",
    "PAYGATE", "EZETAP", "FIRSTDATA", "SOFTBANK", "ONEPAY", "KICC", "MERCADOPAGO",
})  # fmt: skip
CHECK_TYPES = frozenset({"CHECK", "CHEQUE"})
_BUILT_IN = {"cash": CASH, "card": CARD, "credit card": CARD, "other": OTHER}


@lru_cache(maxsize=1024)
def tender_name(type_: str | None, name: str | None, kind: str) -> Name:
    """The kind given and the code of a payment: CASH, CARD, OTHER, or the name of a type that the owner made. The kind
    is "unknown" where Loyverse has a type that we do not know."""
    code = tender_code(type_, name)
    return Name(kind, code) if code else Name(UNKNOWN, f"payment type {type_ or '(none)'}")


def tender_code(type_: str | None, name: str | None) -> str:
    """The code of a payment type; empty where it is not known. An own type that bears the name of a built-in one is
    taken for that one, as in the table of default accounts."""
    if type_ == CASH:
        return CASH
    if type_ in CARD_TYPES:
        return CARD
    if type_ in CHECK_TYPES:
        return OTHER
    if type_ == OTHER:
        named = " ".join((name or "").split())
        return _BUILT_IN.get(named.casefold(), named) or OTHER
    return ""
