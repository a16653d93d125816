"""What may happen to an Amazon seller, for the contract of every source: one transaction more, a settlement that is a
cent off, a word in another."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from connector.sandbox.amazon_chain import AMERICAN
from connector.sandbox.body import Body, text
from connector.sandbox.shelf import Shelf

BEFORE, LAST = AMERICAN[-2:]


def add(shelf: Shelf, name: str, now: datetime) -> None:
    """A transaction that Amazon holds back, of an hour ago."""
    held = next(each for each in shelf.all("amazon-transaction") if text(each, "transactionStatus") == "DEFERRED")
    posted = (now - timedelta(hours=1)).isoformat()
    shelf.put("amazon-transaction", name, {**held, "transactionId": name, "postedDate": posted})


def disagree(shelf: Shelf) -> str:
    """The last settlement has a total that its rows do not have."""
    total = f"{LAST.total / 100:.2f}"
    _replace(shelf, LAST.settlement_id, LAST.content.replace(total.encode(), b"1.00", 1))
    return LAST.settlement_id


def surprise(shelf: Shelf) -> str:
    """A row of the settlement before has a word that nobody has heard of."""
    _replace(shelf, BEFORE.settlement_id, BEFORE.content.replace(b"\tCommission\t", b"\tSeashells\t", 1))
    return BEFORE.settlement_id


def garble(shelf: Shelf) -> tuple[str, str]:
    """A transaction that is held back has no amount that could be read."""
    held = next(each for each in shelf.all("amazon-transaction") if text(each, "transactionStatus") == "DEFERRED")
    name = text(held, "transactionId")
    shelf.put("amazon-transaction", name, {**held, "totalAmount": "?"})
    return name, text(held, "postedDate")[:10]


def _replace(shelf: Shelf, settlement: str, content: bytes) -> None:
    body: Body = {"content": base64.b64encode(content).decode(), "packed": False}
    for each in shelf.all("amazon-report"):
        if each.get("settlement") == settlement:
            shelf.put("amazon-document", text(each, "reportDocumentId"), body)
