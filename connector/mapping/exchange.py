"""Documents of a foreign currency: in home currency where the clearing account is kept in it; else as they are, at the
rate that they name.

Each line is converted at the rate of the document's day and rounded half to even; the derived line takes what
rounding leaves. A deposit is what the bank received; the difference to what clearing held is an exchange difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from connector.domain.account_map import Exchange, Placement
from connector.domain.document import Document, Held, Line, shares_of
from connector.domain.finding import Finding
from connector.domain.money import exponent, share_half_even
from connector.mapping.lines import derived
from connector.mapping.lookup import Missing, slot_account
from connector.mapping.outcome import Journalized
from connector.mapping.rules import Rules

BANKED = "what the bank received"


def with_exchange(made: Journalized, rules: Rules) -> Journalized:
    """The documents in home currency, or with the rate that the books shall convert them at, as the map says; what
    lacks a rate or a deposit is held. Where it says nothing, the books convert at a rate of their own."""
    exchange = rules.account_map.exchange
    if exchange is None:
        return made
    converted = Journalized(held=made.held, ignored=made.ignored, findings=made.findings)
    waiting: dict[str, int] = {}
    for document in made.documents:
        if document.currency == exchange.home:
            converted += Journalized(documents=(document,))
        elif exchange.clearing == "foreign":
            converted += _rated(document, exchange)
        elif document.kind == "transfer":
            converted += _deposit(document, exchange, waiting.get(document.source_ref, 0), rules)
        else:
            part = _banked(document, exchange, rules) if _has_bank(document) else _converted(document, exchange)
            waiting[document.source_ref] = waiting.get(document.source_ref, 0) + _left(part.documents)
            converted += part
    return converted


def _rated(document: Document, exchange: Exchange) -> Journalized:
    rate = exchange.rate(document.currency, document.date)
    if rate is None:
        message = f"There is no {document.currency} rate in {exchange.home} on or before {document.date}."
        return _held(
            document, "missing_rate", message, f"In the account map, under exchange.rates.{document.currency}."
        )
    return Journalized(documents=(replace(document, rate=rate, rate_source=exchange.source),))


def _converted(document: Document, exchange: Exchange) -> Journalized:
    found = _rated(document, exchange)
    if not found.documents:
        return found
    (rated,) = found.documents
    rate = rated.rate
    lines = [_line(line, rate, document.currency, exchange.home) for line in document.lines]
    off = sum(line.amount for line in lines)
    taker = next((i for i, line in enumerate(document.lines) if not line.shares), len(lines) - 1)
    lines[taker] = replace(lines[taker], amount=lines[taker].amount - off)
    narration = f"{document.narration} · {document.currency} at {rate} ({exchange.source})"
    home = replace(rated, lines=tuple(lines), currency=exchange.home, narration=narration)
    return Journalized(documents=(home,))


def _has_bank(document: Document) -> bool:
    return any(line.role == "bank" for line in document.lines)


def _banked(document: Document, exchange: Exchange, rules: Rules) -> Journalized:
    """A document with the bank line itself: the line is what the bank received, the rest an exchange difference."""
    banked = exchange.deposits.get(document.source_ref)
    if banked is None:
        return _unknown_deposit(document, exchange)
    gain = slot_account("fx", rules, {})
    if isinstance(gain, Missing):
        return _held(document, gain.code, gain.message, gain.fix)
    made = _converted(document, exchange)
    if not made.documents:
        return made
    (home,) = made.documents
    at = next(n for n, line in enumerate(home.lines) if line.role == "bank")
    lines = list(home.lines)
    difference = lines[at].amount - banked
    lines[at] = replace(lines[at], amount=banked)
    return Journalized(documents=(replace(home, lines=(*lines, *_difference(gain, difference, rules))),))


def _unknown_deposit(document: Document, exchange: Exchange) -> Journalized:
    message = f"What the bank received in {exchange.home} for {document.source_ref} is not known."
    fix = f'In the account map, under exchange.deposits: {{"{document.source_ref}": "amount"}}.'
    return _held(document, "missing_deposit", message, fix)


def _deposit(document: Document, exchange: Exchange, waiting: int, rules: Rules) -> Journalized:
    banked = exchange.deposits.get(document.source_ref)
    if banked is None:
        return _unknown_deposit(document, exchange)
    gain = slot_account("fx", rules, {})
    if isinstance(gain, Missing):
        return _held(document, gain.code, gain.message, gain.fix)
    bank, origin = document.lines
    lines = [
        replace(bank, amount=banked),
        replace(origin, amount=-waiting),
        *_difference(gain, waiting - banked, rules),
    ]
    narration = f"{document.narration} · {document.currency} banked as {exchange.home}"
    rate = _implied(banked, bank.amount, document.currency, exchange.home)
    home = replace(document, lines=tuple(lines), currency=exchange.home, narration=narration)
    return Journalized(documents=(replace(home, rate=rate, rate_source=BANKED if rate else ""),))


def _implied(banked: int, foreign: int, currency: str, home: str) -> str:
    """The rate at which the bank converted a deposit, six decimals; empty where nothing was deposited."""
    if not foreign:
        return ""
    units = Decimal(banked).scaleb(-exponent(home)) / Decimal(foreign).scaleb(-exponent(currency))
    return f"{units.quantize(Decimal('0.000001')):f}"


def _difference(gain: Placement, amount: int, rules: Rules) -> list[Line]:
    if not amount:
        return []
    return [derived("fx", gain, amount, rules, "Exchange difference")]


def _line(line: Line, rate: str, foreign: str, home: str) -> Line:
    return replace(line, amount=_home(line.amount, rate, foreign, home), tax=_home(line.tax, rate, foreign, home))


def _home(minor: int, rate: str, foreign: str, home: str) -> int:
    numerator, denominator = Decimal(rate).as_integer_ratio()
    shift = exponent(home) - exponent(foreign)
    numerator, denominator = (
        (numerator * 10**shift, denominator) if shift >= 0 else (numerator, denominator * 10**-shift)
    )
    return share_half_even(minor, numerator, denominator)


def _left(documents: Sequence[Document]) -> int:
    """What the derived lines of some documents leave in clearing or carry."""
    return sum(
        line.amount
        for document in documents
        for line in document.lines
        if line.role in ("clearing", "carry") and not line.shares
    )


def _held(document: Document, code: str, message: str, fix: str) -> Journalized:
    held = Held(
        key=document.key,
        code=code,
        reason=f"{message} {fix}",
        currency=document.currency,
        shares=shares_of(document.lines),
    )
    finding = Finding(code=code, subject=document.source_ref, severity="blocking", message=message, fix=fix)
    return Journalized(held=(held,), findings=(finding,))
