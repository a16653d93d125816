"""Lightspeed's lists: filters, sorting, pages by an address, and the quirks of its JSON."""

import base64
import binascii
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from connector.sandbox.body import Body, NotJson, decode, encode, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.lightspeed_accounts import credit_accounts
from connector.sandbox.shelf import Shelf

MOST_A_PAGE = 100
_PLAIN = frozenset({"limit", "sort", "load_relations", "archived", "after"})
_OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "!=": operator.ne, "=": operator.eq,
}  # fmt: skip


class Refusal(Exception):
    """Lightspeed says no; `answer` bears its error."""

    def __init__(self, status: int, words: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        body: Body = {"httpCode": str(status), "httpMessage": words, "message": message, "errorClass": "Refusal"}
        self.answer = Answer(status=status, body=body, headers=headers or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A list of the API: its name, what the shelf calls its records, its id, and by what it may be sorted.

    `many` are relations by their inner name, `one` those of one record; either is shown only when asked for."""

    name: str
    kind: str
    id_field: str
    sorts: tuple[str, ...] = ()
    many: tuple[tuple[str, str], ...] = ()
    one: tuple[str, ...] = ()


RESOURCES = (
    Resource(name="Shop", kind="shop", id_field="shopID"),
    Resource(name="Register", kind="register", id_field="registerID"),
    Resource(name="Category", kind="category", id_field="categoryID"),
    Resource(name="Item", kind="item", id_field="itemID"),
    Resource(name="PaymentType", kind="payment-type", id_field="paymentTypeID"),
    Resource(name="TaxCategory", kind="tax-category", id_field="taxCategoryID"),
    Resource(
        name="Sale",
        kind="sale",
        id_field="saleID",
        sorts=("timeStamp", "completeTime", "updatetime"),
        many=(("SaleLines", "SaleLine"), ("SalePayments", "SalePayment")),
        one=("TaxCategory", "Customer"),
    ),
    Resource(
        name="RegisterCount",
        kind="register-count",
        id_field="registerCountID",
        many=(("RegisterCountAmounts", "RegisterCountAmount"),),
    ),
    Resource(name="RegisterWithdraw", kind="register-withdraw", id_field="registerWithdrawID", one=("PaymentType",)),
    Resource(name="CreditAccount", kind="credit-account", id_field="creditAccountID"),
    Resource(name="ProcessingFee", kind="processing-fee", id_field="salePaymentProcessingFeeID"),
)


def page_of(shelf: Shelf, resource: Resource, call: Call) -> Body:
    """One page of a list: what the filters leave, sorted, from where the last page ended."""
    sort = call.query.get("sort") or resource.id_field
    if sort not in (resource.id_field, *resource.sorts):
        raise Refusal(400, "Bad Request", f"{resource.name} cannot be sorted by {sort}.")
    limit = int(call.query.get("limit") or MOST_A_PAGE)
    if not 0 < limit <= MOST_A_PAGE:
        raise Refusal(400, "Bad Request", f"limit is 1 to {MOST_A_PAGE}.")
    found = [each for each in _records(shelf, resource, call.query) if _is_wanted(each, call.query)]
    ordered = sorted(found, key=lambda body: (_comparable(text(body, sort)), int(text(body, resource.id_field))))
    rest = _after(ordered, call.query.get("after", ""), (sort, resource.id_field))
    shown = [_shown(each, resource, call.query) for each in rest[:limit]]
    last = rest[limit - 1] if len(rest) > limit else None
    attributes: Body = {"next": _next(call, last, (sort, resource.id_field)) if last else "", "previous": ""}
    return {"@attributes": attributes} | one_or_many(resource.name, shown)


def _records(shelf: Shelf, resource: Resource, query: Mapping[str, str]) -> list[Body]:
    """Credit accounts follow from the sales; gift cards are among them only where they are asked for."""
    if resource.name != "CreditAccount":
        return list(shelf.all(f"lightspeed-{resource.kind}"))
    return [each for each in credit_accounts(shelf) if "giftCard" in query or each["giftCard"] == "false"]


def one_or_many(name: str, bodies: list[Body]) -> Body:
    """A list of one is an object, an empty one a missing key."""
    return {} if not bodies else {name: bodies[0] if len(bodies) == 1 else bodies}


def _is_wanted(body: Body, query: Mapping[str, str]) -> bool:
    shows = query.get("archived", "false")
    if (shows == "false" and body.get("archived") == "true") or (shows == "only" and body.get("archived") != "true"):
        return False
    return all(_meets(text(body, name), wish) for name, wish in query.items() if name not in _PLAIN)


def _meets(value: str, wish: str) -> bool:
    word, comma, wanted = wish.partition(",")
    if not comma:
        return value == wish
    if word not in _OPERATORS:
        raise Refusal(400, "Bad Request", f"{word} is not an operator.")
    return bool(value) and _OPERATORS[word](_comparable(value), _comparable(wanted))


def _comparable(value: str) -> Decimal:
    """Moments compare as moments and numbers as numbers; nothing comes before everything."""
    try:
        return Decimal(value or "-1")
    except InvalidOperation:
        return Decimal(int(datetime.fromisoformat(value).timestamp()))


def _after(ordered: list[Body], token: str, fields: tuple[str, str]) -> list[Body]:
    """What follows the last record shown, whatever became of it since."""
    if not token:
        return ordered
    try:
        kept = decode(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, NotJson):
        raise Refusal(400, "Bad Request", "after is not valid: follow next as it was given.") from None
    place = _place(kept, fields)
    return [body for body in ordered if _place(body, fields) > place]


def _place(body: Body, fields: tuple[str, str]) -> tuple[Decimal, int]:
    return _comparable(text(body, fields[0])), int(text(body, fields[1]))


def _next(call: Call, last: Body, fields: tuple[str, str]) -> str:
    token = base64.urlsafe_b64encode(encode({name: text(last, name) for name in fields})).decode()
    query = {name: value for name, value in call.query.items() if name != "after"}
    return f"http://{call.headers.get('host', '')}{call.path}?{urlencode({**query, 'after': token})}"


def _shown(body: Body, resource: Resource, query: Mapping[str, str]) -> Body:
    """The record with the relations asked for, each wrapped twice, and a list of one as an object."""
    wanted = relations(query)
    hidden = {*resource.one, *(name for name, _ in resource.many)}
    shown: Body = {name: value for name, value in body.items() if name not in hidden or name in wanted}
    for name, inner in resource.many:
        parts = shown.pop(name, None)
        if isinstance(parts, list) and parts:
            shown[name] = one_or_many(inner, [_part(part, name, wanted) for part in parts])
        elif parts is not None and resource.name == "Sale":
            shown[name] = ""
    return shown


def _part(part: Body, relation: str, wanted: frozenset[str]) -> Body:
    """A line or payment with its own relations, as far as they were asked for."""
    shown: Body = {}
    for name, value in part.items():
        if isinstance(value, dict | list) and f"{relation}.{name}" not in wanted:
            continue
        shown[name] = one_or_many(name.removesuffix("s"), value) if isinstance(value, list) else value
    return shown


def relations(query: Mapping[str, str]) -> frozenset[str]:
    """What load_relations names, a JSON list of names with dots."""
    named = query.get("load_relations", "")
    if not named:
        return frozenset()
    try:
        names = decode(b'{"names":' + named.encode() + b"}")["names"]
    except NotJson:
        names = None
    if not isinstance(names, list):
        raise Refusal(400, "Bad Request", "load_relations is a JSON list of names.")
    return frozenset(map(str, names))
