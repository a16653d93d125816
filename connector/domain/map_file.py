"""The account map as a YAML file that a bookkeeper can read and write.

books: {country: US}
slots:
  bank: Checking                                   # an account by its name
  sales: {account: Sales, number: "4000", tax_code: OUTPUT2, tracking: {Location: Main St}}
codes:
  - {kind: sale, code: Food, account: Sales Food}
taxes: {"VAT 20%": OUTPUT2}
  - {kind: sale, location: L7Q4, account: Sales Main St}
locations: {L7Q4: {Location: Main St}}
coverage: {service_charge: post, bank: hold, taxes: {tax_code: EXEMPTOUTPUT}}
exchange: {home: CAD, rates: {USD: {2026-04-28: "1.2900"}}, deposits: {"28471003921": "968.56"}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from connector.domain.account_map import AccountMap, Coverage, Exchange, Placement, Spot
from connector.domain.document import ROLES, Tracking
from connector.domain.money import parse_minor
from connector.domain.yaml_text import loaded
from connector.errors import Unreadable

MAX_CHARACTERS = 5_000_000
_SECTIONS = ("books", "slots", "codes", "taxes", "locations", "coverage", "exchange")
_FIELDS = ("role", "side", "account", "number", "tax_code", "tracking")
_NAMES = ("kind", "code", "location", "channel")
TAXES = "taxes"  # what coverage calls the taxes of the source, which are no slot


def read_map(text: str, *, number: int = 0) -> AccountMap:
    """The decisions in a YAML text; raises Unreadable with one sentence that names the place."""
    body = _mapping(loaded(text, "The account map is", MAX_CHARACTERS), "the account map")
    _known(body, _SECTIONS, "the account map")
    books = _mapping(body.get("books"), "books")
    _known(books, ("country",), "books")
    decided = _codes(body.get("codes"))
    return AccountMap(
        number=number,
        slots={
            slot: _placement(entry, f"slots.{slot}") for slot, entry in _mapping(body.get("slots"), "slots").items()
        },
        codes={(kind, code): to for (kind, code, *where), to in decided.items() if not any(where)},
        places={spot: to for spot, to in decided.items() if any(spot[2:])},
        taxes={code: _text(entry, f"taxes.{code}") for code, entry in _mapping(body.get("taxes"), "taxes").items()},
        locations={
            place: _tracking(entry, f"locations.{place}")
            for place, entry in _mapping(body.get("locations"), "locations").items()
        },
        coverage={
            slot: _coverage(entry, f"coverage.{slot}")
            for slot, entry in _mapping(body.get("coverage"), "coverage").items()
        },
        exchange=_exchange(body.get("exchange")),
        country=_text(books.get("country", ""), "books.country").upper(),
    )


def _codes(value: object) -> dict[Spot, Placement]:
    if value is None:
        return {}
    if not isinstance(value, list):
        raise Unreadable("In the account map, codes is a list of {kind, code, account}.")
    found: dict[Spot, Placement] = {}
    for index, entry in enumerate(value):
        where = f"codes[{index}]"
        fields = _mapping(entry, where)
        kind = _text(fields.get("kind"), f"{where}.kind")
        code, location, channel = (_text(fields.get(name, ""), f"{where}.{name}") for name in _NAMES[1:])
        if not kind or (kind, code, location, channel) in found:
            raise Unreadable(f"In the account map, {where} has no kind, or stands there twice.")
        said = {name: field for name, field in fields.items() if name not in _NAMES}
        found[kind, code, location, channel] = _placement(said, where)
    return found


def _coverage(value: object, where: str) -> Coverage:
    if value in ("hold", "post"):
        return Coverage(policy=str(value))
    if not isinstance(value, dict):
        raise Unreadable(f"In the account map, {where} is hold, post, or {{account: …}} to fall back to.")
    fields = _mapping(value, where)
    _known(fields, ("account", "number", "tax_code"), where)
    said = {name: _text(field, f"{where}.{name}") for name, field in fields.items()}
    if not any(said.values()):
        raise Unreadable(f"In the account map, {where} names nothing to fall back to.")
    return Coverage(policy="fall back", **said)


def _placement(value: object, where: str) -> Placement:
    if isinstance(value, str):
        return Placement(account=value)
    fields = _mapping(value, where)
    _known(fields, _FIELDS, where)
    role = _text(fields.get("role", ""), f"{where}.role")
    if role and role not in ROLES:
        raise Unreadable(f"In the account map, {where}.role is {role!r}; roles are {', '.join(sorted(ROLES))}.")
    side = _text(fields.get("side", ""), f"{where}.side")
    if side not in ("", "debit", "credit"):
        raise Unreadable(f"In the account map, {where}.side is {side!r}; it is debit or credit.")
    return Placement(
        role=role,
        side=side,
        account=_text(fields.get("account", ""), f"{where}.account"),
        number=_text(fields.get("number", ""), f"{where}.number"),
        tax_code=_text(fields.get("tax_code", ""), f"{where}.tax_code"),
        tracking=_tracking(fields.get("tracking"), f"{where}.tracking"),
    )


def _tracking(value: object, where: str) -> Tracking:
    return tuple(sorted((name, _text(option, where)) for name, option in _mapping(value, where).items()))


def _exchange(value: object) -> Exchange | None:
    if value is None:
        return None
    fields = _mapping(value, "exchange")
    _known(fields, ("home", "rates", "deposits", "source", "clearing"), "exchange")
    home = _text(fields.get("home"), "exchange.home")
    if not re.fullmatch("[A-Z]{3}", home):
        raise Unreadable(f"In the account map, exchange.home is {home!r}; it should be a currency such as CAD.")
    rates = {
        (currency, _day(day)): _rate(rate, f"exchange.rates.{currency}")
        for currency, by_day in _mapping(fields.get("rates"), "exchange.rates").items()
        for day, rate in _days(by_day, f"exchange.rates.{currency}").items()
    }
    deposits = {
        name: _amount(amount, home, f"exchange.deposits.{name}")
        for name, amount in _mapping(fields.get("deposits"), "exchange.deposits").items()
    }
    source = _text(fields.get("source", "typed"), "exchange.source")
    clearing = _text(fields.get("clearing", "home"), "exchange.clearing")
    if clearing not in ("home", "foreign"):
        raise Unreadable(f"In the account map, exchange.clearing is {clearing!r}; it should be home or foreign.")
    return Exchange(home=home, rates=rates, deposits=deposits, source=source, clearing=clearing)


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(f"In the account map, {where} should hold names with values.")
    return {str(name): inner for name, inner in value.items()}


def _days(value: object, where: str) -> Mapping[object, object]:
    if not isinstance(value, dict):
        raise Unreadable(f"In the account map, {where} should hold days with rates.")
    return value


def _known(fields: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    strange = sorted(set(fields) - set(known))
    if strange:
        raise Unreadable(f"In the account map, {where} does not know {strange[0]!r}; it knows {', '.join(known)}.")


def _text(value: object, where: str) -> str:
    if isinstance(value, str):
        return value.strip()
    if type(value) is int:
        return str(value)
    raise Unreadable(f"In the account map, {where} should be text; put it in quotes.")


def _day(value: object) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise Unreadable(f"In the account map, {value!r} is not a date like 2026-04-28.") from None


def _rate(value: object, where: str) -> str:
    text = _text(value, where)
    try:
        good = Decimal(text) > 0
    except InvalidOperation:
        good = False
    if not good:
        raise Unreadable(f'In the account map, {where} should be a rate in quotes, such as "1.2900".')
    return text


def _amount(value: object, currency: str, where: str) -> int:
    try:
        return parse_minor(_text(value, where), currency)
    except ValueError as error:
        raise Unreadable(f"In the account map, {where}: {error}.") from None
