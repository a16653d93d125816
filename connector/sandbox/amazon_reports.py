"""The Reports API and the storage behind it: listing, documents, addresses that end after five minutes."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from connector.sandbox.amazon_limits import AmazonRefusal
from connector.sandbox.body import Body, NotJson, decode, encode, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.shelf import Shelf

KEPT = timedelta(days=90)
_URL_SECONDS = 300
_LARGEST_PAGE = 100
_USUAL_PAGE = 10
_KEY = b"the stand-in's own"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a listing was asked for, kept in its token."""

    types: tuple[str, ...]
    statuses: tuple[str, ...]
    marketplaces: tuple[str, ...]
    since: datetime
    size: int
    offset: int = 0

    def token(self, offset: int) -> str:
        kept: Body = {
            "types": list(self.types),
            "statuses": list(self.statuses),
            "marketplaces": list(self.marketplaces),
            "since": self.since.isoformat(),
            "size": self.size,
            "offset": offset,
        }
        return base64.urlsafe_b64encode(encode(kept)).decode()

    def holds(self, report: Body) -> bool:
        places = report.get("marketplaceIds")
        return (
            text(report, "reportType") in self.types
            and (not self.statuses or text(report, "processingStatus") in self.statuses)
            and (not self.marketplaces or (isinstance(places, list) and bool({*self.marketplaces} & {*places})))
            and datetime.fromisoformat(text(report, "createdTime")) >= self.since
        )


class AmazonReports:
    """Reports and their documents as they lie on the shelf, those of some marketplaces. `lost` are settlements that are
    never listed."""

    def __init__(
        self, shelf: Shelf, clock: Callable[[], datetime], *, places: frozenset[str], lost: frozenset[str]
    ) -> None:
        self._shelf, self._clock, self._places, self._lost = shelf, clock, places, lost

    def listed(self, call: Call) -> Answer:
        """Newest first. With a token nothing else may be said."""
        token = call.query.get("nextToken", "")
        if token and len(call.query) > 1:
            raise _invalid("nextToken must be the only parameter.")
        wish = _wish_of(token) if token else self._wish(call.query)
        found = [each for each in self._shelf.all("amazon-report") if self._is_here(each) and wish.holds(each)]
        found = [each for each in found if text(each, "settlement") not in self._lost]
        found.sort(key=lambda each: text(each, "createdTime"), reverse=True)
        end = wish.offset + wish.size
        shown = [{name: value for name, value in each.items() if name != "settlement"} for each in found]
        answer: Body = {"reports": shown[wish.offset : end]}
        return Answer(body=answer | ({"nextToken": wish.token(end)} if end < len(shown) else {}))

    def _is_here(self, report: Body) -> bool:
        places = report.get("marketplaceIds")
        return isinstance(places, list) and bool(self._places & {*places})

    def document(self, call: Call) -> Answer:
        """The address of a document's bytes, signed, good for five minutes."""
        name = call.path_values["document_id"]
        kept = self._shelf.get("amazon-document", name)
        if kept is None:
            raise AmazonRefusal(404, "NotFound", f"There is no document {name}.")
        ends = self._clock() + timedelta(seconds=_URL_SECONDS)
        signed = {"X-Amz-Expires": str(_URL_SECONDS), "ends": ends.isoformat(), "X-Amz-Signature": _signed(name, ends)}
        url = f"http://{call.headers['host']}/storage/{name}?{urlencode(signed)}"
        packing: Body = {"compressionAlgorithm": "GZIP"} if kept.get("packed") else {}
        return Answer(body={"reportDocumentId": name, "url": url} | packing)

    def stored(self, call: Call) -> Answer:
        """The bytes themselves; an address that has ended, or is not ours, is refused, and so is a token."""
        if "authorization" in call.headers or "x-amz-access-token" in call.headers:
            return _xml(400, "InvalidArgument")
        name, ends = call.path_values["document_id"], call.query.get("ends", "")
        try:
            is_good = datetime.fromisoformat(ends) > self._clock()
        except ValueError:
            is_good = False
        is_ours = is_good and call.query.get("X-Amz-Signature") == _signed(name, datetime.fromisoformat(ends))
        kept = self._shelf.get("amazon-document", name)
        if not is_ours or kept is None:
            return _xml(403, "AccessDenied")
        return Answer(body=base64.b64decode(text(kept, "content")), headers={"content-type": "text/plain"})

    def _wish(self, query: Mapping[str, str]) -> _Wish:
        since = self._clock() - KEPT
        if query.get("createdSince"):
            asked = _moment(query["createdSince"])
            if asked < since:
                raise _invalid("createdSince is more than 90 days ago.")
            since = asked
        if not query.get("reportTypes"):
            raise _invalid("Either reportTypes or nextToken is required.")
        size = query.get("pageSize", str(_USUAL_PAGE))
        if not size.isdecimal() or not 1 <= int(size) <= _LARGEST_PAGE:
            raise _invalid("pageSize must be between 1 and 100.")
        return _Wish(
            types=tuple(query["reportTypes"].split(",")),
            statuses=_split(query.get("processingStatuses", "")),
            marketplaces=_split(query.get("marketplaceIds", "")),
            since=since,
            size=int(size),
        )


def _wish_of(token: str) -> _Wish:
    try:
        kept = decode(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, NotJson):
        raise _invalid("nextToken is not valid.") from None
    names = {name: tuple(str(each) for each in value) for name, value in kept.items() if isinstance(value, list)}
    size, offset = kept.get("size"), kept.get("offset")
    assert isinstance(size, int) and isinstance(offset, int)
    return _Wish(**names, since=_moment(text(kept, "since")), size=size, offset=offset)


def _split(written: str) -> tuple[str, ...]:
    return tuple(filter(None, written.split(",")))


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise _invalid(f"{written!r} is not an ISO 8601 time.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _signed(name: str, ends: datetime) -> str:
    return hmac.new(_KEY, f"{name} {ends.isoformat()}".encode(), hashlib.sha256).hexdigest()


def _xml(status: int, code: str) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'.encode()
    return Answer(status=status, body=body, headers={"content-type": "application/xml"})


def _invalid(message: str) -> AmazonRefusal:
    return AmazonRefusal(400, "InvalidInput", message)
