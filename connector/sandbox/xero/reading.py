"""Reading lists: since when, which ones, in what order, and which page."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

from connector.sandbox.body import Body, text
from connector.sandbox.calls import Call
from connector.sandbox.xero.attachments import attached
from connector.sandbox.xero.organisation import Organisation, instant_of
from connector.sandbox.xero.payments import payments_of
from connector.sandbox.xero.refusals import Malformed
from connector.sandbox.xero.resources import Resource

_DEFAULT_PAGE = 100
_LARGEST_PAGE = 1000
_CONDITION = re.compile(
    r"\s*(?P<field>[A-Za-z]+(?:\.[A-Za-z]+)*)\s*(?P<sign>==|!=|>=|<=|=|>|<)\s*"
    r'(?:"(?P<text>[^"]*)"|guid\("(?P<guid>[^"]*)"\)|DateTime\((?P<day>[0-9, ]+)\)|(?P<word>[-A-Za-z0-9.]+))\s*',
    re.IGNORECASE,
)
_AND = re.compile(r"AND|&&", re.IGNORECASE)

_Test = Callable[[Body], bool]


def read_list(organisation: Organisation, resource: Resource, call: Call) -> Body:
    """The list under the resource's name, with `pagination` when a page was asked for. Raises Malformed."""
    query = {name.lower(): value for name, value in call.query.items()}
    tests = [*_since(call), *_chosen(resource, query), *_where(query.get("where", "")), *_standing(resource, query)]
    found = [body for body in organisation.shelf.all(resource.kind) if all(test(body) for test in tests)]
    found = _ordered(found, query.get("order", ""))
    if "page" not in query and "pagesize" not in query:
        short: Body = {resource.lines_field: []} if resource.lines_field else {}
        return {resource.kind: [{**_told(resource, body), **short} for body in found]}
    page, size = _positive(query.get("page", "1")), _positive(query.get("pagesize", str(_DEFAULT_PAGE)))
    if size > _LARGEST_PAGE:
        raise Malformed(f"pageSize must be {_LARGEST_PAGE} or less", number=16, kind="QueryParseException")
    shown = [read_one(organisation, resource, body) for body in found[(page - 1) * size : page * size]]
    pagination: Body = {
        "page": page,
        "pageSize": size,
        "pageCount": -(-len(found) // size),
        "itemCount": len(found),
    }
    return {"pagination": pagination, resource.kind: shown}


def read_one(organisation: Organisation, resource: Resource, body: Body) -> Body:
    """The kept document with the payments that stand on it."""
    told = _told(resource, body)
    if told.get("HasAttachments") is False and attached(organisation, text(body, resource.id_field)):
        told["HasAttachments"] = True
    if "Payments" not in body:
        return told
    return {**told, "Payments": payments_of(organisation, text(body, resource.id_field))}


def _told(resource: Resource, body: Body) -> Body:
    return {field: value for field, value in body.items() if field != resource.untold_field}


def _since(call: Call) -> list[_Test]:
    header = call.headers.get("if-modified-since")
    if not header:
        return []
    try:
        since = datetime.fromisoformat(header) if header[:4].isdigit() else parsedate_to_datetime(header)
    except ValueError:
        raise Malformed(f"If-Modified-Since {header} is no date", number=16, kind="QueryParseException") from None
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    return [lambda body: instant_of(text(body, "UpdatedDateUTC")) >= since]


def _standing(resource: Resource, query: Mapping[str, str]) -> list[_Test]:
    if not resource.hides_deleted or query.get("includedeleted", "").lower() == "true":
        return []
    return [lambda body: body["Status"] != "DELETED"]


def _chosen(resource: Resource, query: Mapping[str, str]) -> list[_Test]:
    fields = {
        "ids": resource.id_field,
        f"{resource.number_field}s".lower(): resource.number_field,
        "statuses": "Status",
    }
    return [
        _is_one_of(field, query[parameter].split(","))
        for parameter, field in fields.items()
        if field and query.get(parameter)
    ]


def _is_one_of(field: str, wanted: list[str]) -> _Test:
    lowered = {value.strip().lower() for value in wanted}
    return lambda body: text(body, field).lower() in lowered


def _where(expression: str) -> list[_Test]:
    tests: list[_Test] = []
    at = 0
    while at < len(expression):
        match = _CONDITION.match(expression, at)
        joined = _AND.match(expression, match.end()) if match else None
        if match is None or (joined is None and match.end() < len(expression)):
            raise Malformed(f"where cannot be read: {expression}", number=16, kind="QueryParseException")
        tests.append(_test(match))
        at = joined.end() if joined else len(expression)
    return tests


def _test(match: re.Match[str]) -> _Test:
    path, sign = match["field"].split("."), match["sign"]
    if match["day"] is not None:
        wanted_day = _day(match["day"])
        return lambda body: _compare(_day_of(_at(body, path)), sign, wanted_day)
    if match["word"] is not None and re.fullmatch(r"-?\d+(\.\d+)?", match["word"]):
        wanted_number = Decimal(match["word"])
        return lambda body: _compare(_number_of(_at(body, path)), sign, wanted_number)
    wanted = next(value for value in (match["text"], match["guid"], match["word"]) if value is not None).lower()
    return lambda body: _compare(str(_at(body, path) or "").lower(), sign, wanted)


def _compare(left: object, sign: str, right: object) -> bool:
    if sign in ("==", "=", "!="):
        return (left == right) is (sign != "!=")
    if isinstance(left, date) and isinstance(right, date):
        return _ordered_as(left.toordinal(), sign, right.toordinal())
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _ordered_as(left, sign, right)
    return False


def _ordered_as(left: Decimal | int, sign: str, right: Decimal | int) -> bool:
    return {">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right}[sign]


def _at(body: Body, path: list[str]) -> object:
    value: object = body
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _day(parts: str) -> date:
    try:
        year, month, day = (int(part) for part in parts.split(",")[:3])
        return date(year, month, day)
    except ValueError:
        raise Malformed(f"DateTime({parts}) is no date", number=16, kind="QueryParseException") from None


def _day_of(value: object) -> date | None:
    return instant_of(value).date() if isinstance(value, str) and value.startswith("/Date(") else None


def _number_of(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _ordered(found: list[Body], order: str) -> list[Body]:
    field, _, direction = order.partition(" ")
    if not field:
        return found
    dated = field.startswith(("Date", "Updated", "DueDate"))
    ranked = sorted(found, key=lambda body: str(instant_of(text(body, field)) if dated else body.get(field)))
    return ranked[::-1] if direction.upper() == "DESC" else ranked


def _positive(written: str) -> int:
    if not written.isdigit() or int(written) < 1:
        raise Malformed(f"{written} is no page number", number=16, kind="QueryParseException")
    return int(written)
