"""Loyverse's lists: newest first, windows on creation and change, cursors, and the refusals they answer with."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from connector.sandbox.body import Body, NotJson, decode, encode, number, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.shelf import Shelf

_MOST, _USUAL = 250, 50
_BOUNDS = ("created_at_min", "created_at_max", "updated_at_min", "updated_at_max")


class LoyverseRefusal(Exception):
    """Loyverse says no; `answer` bears its list of errors."""

    def __init__(
        self,
        code: str,
        details: str,
        *,
        field: str = "",
        status: int = 400,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(details)
        error = {"code": code, "details": details} | ({"field": field} if field else {})
        self.answer = Answer(status=status, body={"errors": [error]}, headers=headers or {})


class LoyverseLists:
    """The GET lists over one shelf; a plan that serves `history_days` refuses older windows, 0 serves everything."""

    def __init__(
        self, shelf: Shelf, clock: Callable[[], datetime], *, history_days: int = 0, off_by_a_cent: str = ""
    ) -> None:
        self._shelf = shelf
        self._clock = clock
        self._history_days = history_days
        self._off_by_a_cent = off_by_a_cent

    def merchant(self, call: Call) -> Answer:
        """The one merchant, bare."""
        return Answer(body=self._shelf.all("loyverse-merchant")[0])

    def stores(self, call: Call) -> Answer:
        return Answer(body={"stores": self._shelf.all("loyverse-store")})

    def payment_types(self, call: Call) -> Answer:
        return self._page(call, "payment_types", self._standing(call, "loyverse-payment_type"))

    def categories(self, call: Call) -> Answer:
        return self._page(call, "categories", self._standing(call, "loyverse-category"))

    def items(self, call: Call) -> Answer:
        return self._page(call, "items", self._standing(call, "loyverse-item"))

    def receipts(self, call: Call) -> Answer:
        """Of all stores unless one is named."""
        self._within_plan(call)
        store = call.query.get("store_id", "")
        records = [each for each in self._shelf.all("loyverse-receipt") if store in ("", each["store_id"])]
        return self._page(call, "receipts", [self._shown(each) for each in records])

    def receipt(self, call: Call) -> Answer:
        found = self._shelf.get("loyverse-receipt", call.path_values["receipt_number"])
        if found is None:
            raise LoyverseRefusal("NOT_FOUND", "The receipt is not known.", status=404)
        return Answer(body=self._shown(found))

    def shifts(self, call: Call) -> Answer:
        self._within_plan(call)
        return self._page(call, "shifts", self._shelf.all("loyverse-shift"))

    def _standing(self, call: Call, kind: str) -> list[Body]:
        shows_deleted = call.query.get("show_deleted") == "true"
        return [each for each in self._shelf.all(kind) if shows_deleted or not each.get("deleted_at")]

    def _shown(self, receipt: Body) -> Body:
        if receipt["receipt_number"] != self._off_by_a_cent:
            return receipt
        return receipt | {"total_money": (number(receipt, "total_money") or Decimal(0)) + Decimal("0.01")}

    def _within_plan(self, call: Call) -> None:
        oldest = self._clock() - timedelta(days=self._history_days)
        asked = [call.query[name] for name in ("created_at_min", "updated_at_min") if name in call.query]
        if self._history_days and any(_moment(each, "date") < oldest for each in asked):
            details = "Unlimited sales history is needed for dates that are older than 31 days."
            raise LoyverseRefusal("PAYMENT_REQUIRED", details, status=402)

    def _page(self, call: Call, key: str, records: list[Body]) -> Answer:
        limit = _limit(call.query.get("limit", ""))
        start = _offset(call)
        ordered = sorted((each for each in records if _is_asked_for(each, call.query)), key=_place, reverse=True)
        answer: Body = {key: ordered[start : start + limit]}
        if start + limit < len(ordered):
            answer["cursor"] = base64.urlsafe_b64encode(encode({"q": _digest(call), "n": start + limit})).decode()
        return Answer(body=answer)


def _is_asked_for(record: Body, query: Mapping[str, str]) -> bool:
    for name in _BOUNDS:
        if name not in query:
            continue
        field, bound = name.rpartition("_")[0], _moment(query[name], name)
        moment = _moment(text(record, field) or text(record, "closed_at") or text(record, "opened_at"), field)
        if (name.endswith("min") and moment < bound) or (name.endswith("max") and moment > bound):
            return False
    return True


def _place(record: Body) -> tuple[datetime, str]:
    created = text(record, "created_at") or text(record, "opened_at")
    return _moment(created, "created_at"), text(record, "receipt_number") or text(record, "id")


def _moment(written: str, field: str) -> datetime:
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        raise LoyverseRefusal("INVALID_VALUE", f"{written!r} is not a date in ISO 8601.", field=field) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _limit(asked: str) -> int:
    if not asked:
        return _USUAL
    if not asked.isdecimal() or not 1 <= int(asked) <= _MOST:
        raise LoyverseRefusal("INVALID_RANGE", f"limit is a whole number from 1 to {_MOST}.", field="limit")
    return int(asked)


def _offset(call: Call) -> int:
    """Where the page begins; a cursor serves only the query it was given for."""
    token = call.query.get("cursor", "")
    if not token:
        return 0
    try:
        kept = decode(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, NotJson):
        raise LoyverseRefusal("INVALID_CURSOR", "The cursor is not valid.", field="cursor") from None
    offset = kept.get("n")
    if kept.get("q") != _digest(call) or not isinstance(offset, int):
        raise LoyverseRefusal("INVALID_CURSOR", "The cursor was given for other parameters.", field="cursor")
    return offset


def _digest(call: Call) -> str:
    bare = sorted((name, value) for name, value in call.query.items() if name != "cursor")
    return hashlib.sha256(encode([call.path, bare])).hexdigest()[:16]
