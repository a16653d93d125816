"""The list entries that forms refer to besides accounts: customer, vendor, items, the rates behind a tax code.

They are read with the books and stand among their `names` as (name, id); how they are named is known here alone."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.books import Account, Books
from connector.domain.document import Document
from connector.domain.keys import contact_name
from connector.domain.money import split
from connector.errors import NeedsMapping

CUSTOMER_ENDS, VENDOR_ENDS = " sales summary", " fees billed"
ITEM_BEGINS = "Sales summary - "
NAME_LENGTH = 100

Named = tuple[str, str]


def customer_name(contact: str) -> str:
    """A name of its own: customers and vendors share theirs, and the merchant may have a vendor called Square."""
    return f"{contact}{CUSTOMER_ENDS}"


def vendor_name(contact: str) -> str:
    return f"{contact}{VENDOR_ENDS}"


def item_name(account: Account) -> str:
    """The item that stands for an account on sales forms; a name has no colon and no double quote."""
    plain = account.name.replace(":", " - ").replace('"', "'")
    return f"{ITEM_BEGINS}{plain}"[:NAME_LENGTH].rstrip()


def named_customer(name: str, id_: str) -> Named:
    return f"Customer {name}", id_


def named_vendor(name: str, id_: str) -> Named:
    return f"Vendor {name}", id_


def named_item(account_id: str, id_: str) -> Named:
    """By the account behind it: both may be renamed."""
    return f"Item of account {account_id}", id_


def named_rate(code: str, side: str, percent: str, id_: str) -> Named:
    return f"{_rates_of(code, side)}{percent}", id_


def customer(document: Document, books: Books) -> dict[str, object]:
    name = customer_name(contact_name(document.key))
    return {"value": _id(f"Customer {name}", books, f"{document.mark}: QuickBooks has no customer {name!r}")}


def vendor(document: Document, books: Books) -> dict[str, object]:
    name = vendor_name(contact_name(document.key))
    return {"value": _id(f"Vendor {name}", books, f"{document.mark}: QuickBooks has no vendor {name!r}")}


def item(account: Account, document: Document, books: Books) -> dict[str, object]:
    missing = f"{document.mark}: QuickBooks has no item that stands for {account.name!r} on a sales form"
    return {"value": _id(f"Item of account {account.account_id}", books, missing)}


def rates(code: str, side: str, books: Books) -> list[tuple[str, str]]:
    """The rates behind a tax code as (id, percent text), for Sales or Purchase."""
    begin = _rates_of(code, side)
    return [(id_, name.removeprefix(begin)) for name, id_ in books.names if name.startswith(begin)]


def tax_by_rate(tax: int, found: Sequence[tuple[str, str]]) -> list[int]:
    """A code's tax parted among its rates in proportion to their percents, to the last cent."""
    weights = [_millionths(percent) for _, percent in found]
    return split(tax, weights if any(weights) else [1] * len(weights))


def _millionths(percent: str) -> int:
    whole, _, part = percent.partition(".")
    return int(whole + part[:6].ljust(6, "0"))


def _rates_of(code: str, side: str) -> str:
    return f"{side} rate of tax code {code}: "


def _id(name: str, books: Books, missing: str) -> str:
    for known, id_ in books.names:
        if known.casefold() == name.casefold():
            return id_
    raise NeedsMapping(f"{missing}: run the set-up of this feed again, it makes one.")
