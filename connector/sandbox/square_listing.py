"""Pages, cursors and time windows as Square's lists have them, and the refusals they answer with."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connector.sandbox.body import Body, NotJson, decode, encode, text
from connector.sandbox.calls import Answer

YEAR = timedelta(days=365)
HANDFUL = 5


class SquareRefusal(Exception):
    """Square says no; `answer` bears its list of errors."""

    def __init__(self, code: str, detail: str, *, field: str = "", status: int = 400) -> None:
        super().__init__(detail)
        error = {"category": _CATEGORIES.get(status, "INVALID_REQUEST_ERROR"), "code": code, "detail": detail}
        self.answer = Answer(status=status, body={"errors": [error | ({"field": field} if field else {})]})


_CATEGORIES = {401: "AUTHENTICATION_ERROR", 403: "AUTHENTICATION_ERROR", 429: "RATE_LIMIT_ERROR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a listing was read. It belongs to one query, and keeps the moment of that query's first call."""

    query: str
    as_of: datetime
    offset: int = 0
    showed_nothing: bool = False

    def token(self) -> str:
        kept = {"q": self.query, "t": self.as_of.isoformat(), "n": self.offset, "e": self.showed_nothing}
        return base64.urlsafe_b64encode(encode(kept)).decode()


def cursor_of(query: Mapping[str, object], token: str, now: datetime) -> Cursor:
    """Where to go on; the start without a token. Raises SquareRefusal when the token is of another query."""
    bare = {key: value for key, value in query.items() if key != "cursor"}
    digest = hashlib.sha256(encode(sorted(bare.items()))).hexdigest()[:16]
    if not token:
        return Cursor(query=digest, as_of=now)
    try:
        kept = decode(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, NotJson):
        raise SquareRefusal("INVALID_CURSOR", "The cursor is not valid.", field="cursor") from None
    offset = kept.get("n")
    if kept.get("q") != digest or not isinstance(offset, int):
        raise SquareRefusal("INVALID_CURSOR", "The cursor was issued for another query.", field="cursor")
    as_of = datetime.fromisoformat(text(kept, "t"))
    return Cursor(query=digest, as_of=as_of, offset=offset, showed_nothing=kept.get("e") is True)


def page(key: str, records: list[Body], cursor: Cursor, limit: int, *, with_empty_page: bool = False) -> Body:
    """The next records under `key`, and a cursor while there are more; an empty list is left out, as by Square.

    `with_empty_page` breaks a listing of more than a handful in two, with a page between them that holds a cursor and
    nothing else.
    """
    with_empty_page = with_empty_page and len(records) > HANDFUL
    if with_empty_page and cursor.offset and not cursor.showed_nothing:
        return {"cursor": replace(cursor, showed_nothing=True).token()}
    size = min(limit, -(-len(records) // 2)) if with_empty_page and not cursor.offset else limit
    end = cursor.offset + size
    answer: Body = {key: records[cursor.offset : end]} if records[cursor.offset : end] else {}
    return answer | ({"cursor": replace(cursor, offset=end).token()} if end < len(records) else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of a timestamp field, both ends inclusive; a record without that field is outside."""

    field: str
    start: datetime
    end: datetime

    def holds(self, record: Body) -> bool:
        moment = text(record, self.field)
        return bool(moment) and self.start <= datetime.fromisoformat(moment) <= self.end


def window(field: str, start: str, end: str, *, default_start: datetime, default_end: datetime) -> Window:
    """The window as asked for. Raises SquareRefusal when an end is not a time or the ends are the wrong way round."""
    asked = Window(field=field, start=moment(start, default_start), end=moment(end, default_end))
    if asked.start > asked.end:
        raise SquareRefusal("INVALID_TIME_RANGE", "The start of the range is after its end.", field=field)
    return asked


def moment(written: str, default: datetime) -> datetime:
    """The RFC 3339 time written, the default for an empty text. Raises SquareRefusal for anything else."""
    try:
        read = datetime.fromisoformat(written) if written else default
    except ValueError:
        raise SquareRefusal("INVALID_TIME", f"{written!r} is not an RFC 3339 time.") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def sorted_by(field: str, records: list[Body], order: str) -> list[Body]:
    """By a timestamp field, newest first unless `order` is ASC; equal times by id."""
    if order not in ("", "ASC", "DESC"):
        raise SquareRefusal("INVALID_ENUM_VALUE", "sort_order is ASC or DESC.", field="sort_order")

    def place(record: Body) -> tuple[datetime, str]:
        return moment(text(record, field), datetime.min.replace(tzinfo=UTC)), text(record, "id")

    return sorted(records, key=place, reverse=order != "ASC")
