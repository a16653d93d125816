"""listTransactions of the Finances API 2024-06-19: windows, statuses, pages that may be empty and yet have a token."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from connector.sandbox.amazon_limits import AmazonRefusal
from connector.sandbox.body import Body, child, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.shelf import Shelf

LONGEST = timedelta(days=180)
YOUNGEST = timedelta(minutes=2)
PAGE = 8


class AmazonFinances:
    """The transactions on the shelf, those of some marketplaces. `empty_pages` puts a page without any after the first
    of a longer list."""

    def __init__(
        self, shelf: Shelf, clock: Callable[[], datetime], *, places: frozenset[str], empty_pages: bool
    ) -> None:
        self._shelf, self._clock, self._places, self._empty_pages = shelf, clock, places, empty_pages

    def listed(self, call: Call) -> Answer:
        """Transactions posted within the window, oldest first; the token wants the same query again."""
        found = self._found(call)
        offset, showed_nothing = _place(call)
        if self._empty_pages and offset and not showed_nothing:
            return _answer([], _token(call, offset, showed_nothing=True))
        end = offset + PAGE
        return _answer(found[offset:end], _token(call, end) if end < len(found) else "")

    def _found(self, call: Call) -> list[Body]:
        newest = self._clock() - YOUNGEST
        after = _moment(call, "postedAfter")
        before = _moment(call, "postedBefore") if call.query.get("postedBefore") else newest
        if after >= before or before > newest:
            raise _invalid("postedBefore must be later than postedAfter and more than two minutes ago.")
        if before - after > LONGEST:
            return []
        status = call.query.get("transactionStatus", "")
        found = [
            each
            for each in self._shelf.all("amazon-transaction")
            if after <= _posted(each) < before
            and status in ("", text(each, "transactionStatus"))
            and text(child(each, "marketplaceDetails"), "marketplaceId") in self._places
        ]
        return sorted(found, key=_posted)


def _place(call: Call) -> tuple[int, bool]:
    token = call.query.get("nextToken", "")
    if not token:
        return 0, False
    query, _, rest = token.partition("#")
    offset, _, showed = rest.partition("-")
    if query != _query(call) or not offset.isdecimal():
        raise _invalid("nextToken was given for other arguments.")
    return int(offset), showed == "empty"


def _token(call: Call, offset: int, *, showed_nothing: bool = False) -> str:
    return f"{_query(call)}#{offset}-{'empty' if showed_nothing else 'page'}"


def _query(call: Call) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(call.query.items()) if name != "nextToken")


def _answer(transactions: list[Body], token: str) -> Answer:
    payload: Body = {"transactions": transactions, "nextToken": token or None}
    return Answer(body={"payload": payload})


def _posted(transaction: Body) -> datetime:
    return datetime.fromisoformat(text(transaction, "postedDate"))


def _moment(call: Call, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(call.query.get(name, ""))
    except ValueError:
        raise _invalid(f"{name} is needed as an ISO 8601 time.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _invalid(message: str) -> AmazonRefusal:
    return AmazonRefusal(400, "InvalidInput", message)
