"""What every dated transaction obeys: closed books, lengths, currency, and how it is taken out again."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from connector.sandbox.body import Body, child, number, text
from connector.sandbox.quickbooks.company import Company
from connector.sandbox.quickbooks.refusals import Refused, Wrong, missing, rule, too_long
from connector.sandbox.rates import own_rate

_NUMBER_LIMIT = 21
_NOTE_LIMIT = 4000
_KEPT_BY_THE_BOOKS = frozenset({"Id", "SyncToken", "MetaData", "domain", "sparse"})


def check_header(company: Company, sent: Body) -> None:
    """Refuse a number or a note that is too long, a wrong or closed date, and a currency that is not used."""
    for field, limit in (("DocNumber", _NUMBER_LIMIT), ("PrivateNote", _NOTE_LIMIT)):
        if len(text(sent, field)) > limit:
            raise Refused(too_long(field, limit))
    check_open(company, transaction_date(company, sent).isoformat())
    foreign = foreign_currency(company, sent)
    if company.settings.flag("multi_currency") and not text(child(sent, "CurrencyRef"), "value"):
        raise Refused(missing("CurrencyRef"))
    if foreign and not company.settings.flag("multi_currency"):
        raise Refused(rule(f"The company does not use {foreign}: multiple currencies are turned off."))


def transaction_date(company: Company, sent: Body) -> date:
    """The date sent, or the server's own when none was. Raises Refused when it is no date."""
    if "TxnDate" not in sent:
        return company.today()
    try:
        return date.fromisoformat(text(sent, "TxnDate"))
    except ValueError:
        wrong = Wrong(code="2060", message="Invalid date", detail="TxnDate must be YYYY-MM-DD", element="TxnDate")
        raise Refused(wrong) from None


def check_open(company: Company, day: str) -> None:
    """Refuse a date in the closed part of the books."""
    closed_to = company.settings.day("book_close_date")
    if closed_to is None or date.fromisoformat(day) > closed_to:
        return
    code = "6210" if company.settings.flag("book_close_password") else "6200"
    detail = f"The account period has closed and the account books cannot be updated (closed to {closed_to})"
    raise Refused(Wrong(code=code, message="Account Period Closed", detail=detail))


def foreign_currency(company: Company, sent: Body) -> str:
    """The currency of the transaction when it is not the company's own, else empty."""
    currency = text(child(sent, "CurrencyRef"), "value")
    return "" if currency == company.currency else currency


def in_currency(company: Company, sent: Body) -> Body:
    """The currency of a transaction, and where the company uses several the rate: the one sent, or its own."""
    foreign = foreign_currency(company, sent)
    told: Body = {"CurrencyRef": {"value": foreign or company.currency}}
    if company.settings.flag("multi_currency"):
        own = own_rate(company.currency, foreign) if foreign else Decimal(1)
        told["ExchangeRate"] = (number(sent, "ExchangeRate") if foreign else None) or own
    return told


def merged(before: Body, sent: Body) -> Body:
    """The fields of the next version: all that were sent, and with sparse also the earlier ones."""
    base = before if sent.get("sparse") is True else {}
    return {key: value for key, value in {**base, **sent}.items() if key not in _KEPT_BY_THE_BOOKS}


def deleted(company: Company, kind: str, before: Body) -> Body:
    """Take the transaction off the books and answer what QuickBooks answers then."""
    id_ = text(before, "Id")
    company.shelf.remove(kind, id_)
    company.bury(kind, id_)
    company.ledger.enter(f"{kind} {id_}", {})
    return {"status": "Deleted", "domain": "QBO", "Id": id_}


def home_legs(company: Company, transaction: Body, legs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Legs summed by account in home currency; each is converted and rounded, the rest is exchange gain or loss."""
    rate = number(transaction, "ExchangeRate") or Decimal(1)
    if not foreign_currency(company, transaction):
        rate = Decimal(1)
    home: dict[str, int] = {}
    for account, minor in legs:
        converted = int((Decimal(minor) * rate).quantize(Decimal(1), ROUND_HALF_UP))
        home[account] = home.get(account, 0) + converted
    rest = sum(home.values())
    if rest:
        exchange = text(company.shelf.marked("Account", "exchange gain or loss")[0], "Id")
        home[exchange] = home.get(exchange, 0) - rest
    return home
