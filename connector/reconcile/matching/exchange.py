"""Rung 8: a line in another currency than the entry, within a band around the rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.domain.money import decimal_text, exponent, share_half_even
from connector.reconcile.matching.board import LISTED, Board
from connector.reconcile.matching.rules import Rate
from connector.reconcile.matching.values import BankLine, Confidence, Evidence

IN_BAND = 8
_PLACES = 6
_WHOLE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Entries that a line in another currency may pay: what they sum to, the rate known for the day, and the id."""

    entries: tuple[int, ...]
    total: int
    currency: str
    rate: Rate | None
    is_named: bool


def match_exchange(board: Board) -> None:
    """Certain with an id, or as the only candidate under an approved rule, within the band; likely without a rule;
    possible where no rate is known. The digits of the two amounts are never compared."""
    found = {line: near for line in sorted(board.open_lines) if (near := _candidates(board, line))}
    claims: dict[tuple[int, ...], int] = {}
    for near in found.values():
        for pair in near:
            claims[pair.entries] = claims.get(pair.entries, 0) + 1
    for line, near in found.items():
        is_only = len(near) == 1 and claims[near[0].entries] == 1
        for pair in near[:LISTED]:
            evidence = _evidence(board, line, pair, rivals=1 if is_only else len(near))
            board.propose([line], pair.entries, IN_BAND, _confidence(board, line, pair, is_only=is_only), evidence)


def _candidates(board: Board, line: int) -> list[_Pair]:
    of = board.lines[line]
    if line in board.named:
        currencies = {board.entries[entry].currency for entry in board.named[line]}
        still = board.open_entries.issuperset(board.named[line])
        groups = [board.named[line]] if len(currencies) == 1 and of.currency not in currencies and still else []
    else:
        groups = [(entry,) for entry in board.foreign(of.currency) if _fits(board, line, entry)]
    pairs = [_pair(board, of, group, is_named=line in board.named) for group in groups if group]
    pairs = [pair for pair in pairs if pair.rate or pair.is_named or _is_alone(board, line, pair)]
    return [pair for pair in pairs if pair.total * of.amount > 0 and _in_band(of, pair, board.rules.band)]


def _fits(board: Board, line: int, entry: int) -> bool:
    given = board.entries[entry].channel
    if board.channels[line] not in ("", given) or board.grains[given] != "one":
        return False
    earliest, latest = board.window(given)
    return earliest <= board.lag(line, entry) <= latest


def _is_alone(board: Board, line: int, pair: _Pair) -> bool:
    """Without a rate only the channel speaks for it, and only where nothing else was found."""
    return line not in board.possible and board.channels[line] == board.entries[pair.entries[0]].channel


def _pair(board: Board, line: BankLine, group: Sequence[int], *, is_named: bool) -> _Pair:
    currency = board.entries[group[0]].currency
    return _Pair(
        entries=tuple(group),
        total=sum(board.entries[entry].amount - board.entries[entry].fee for entry in group),
        currency=currency,
        rate=board.rules.rates.get((currency, line.currency)),
        is_named=is_named,
    )


def _in_band(line: BankLine, pair: _Pair, band: int) -> bool:
    if pair.rate is None:
        return True
    paid = abs(line.amount) * _units(pair.currency) * pair.rate.denominator
    due = abs(pair.total) * _units(line.currency) * pair.rate.numerator
    return abs(paid - due) * _WHOLE <= band * due


def _units(currency: str) -> int:
    """How many minor units make one."""
    return int(10 ** exponent(currency))


def _confidence(board: Board, line: int, pair: _Pair, *, is_only: bool) -> Confidence:
    if not is_only:
        return "possible"
    if pair.rate is None:
        return "likely" if pair.is_named else "possible"
    rule = board.rules.of_channel(board.channels[line])
    return "certain" if pair.is_named or (rule.is_approved and board.channels[line]) else "likely"


def implied_rate(paid: int, paid_in: str, due: int, due_in: str) -> str:
    """So much of the first currency was paid for one of the second, with six decimals."""
    scaled = share_half_even(abs(paid) * 10**_PLACES * _units(due_in), 1, abs(due) * _units(paid_in))
    return f"{scaled // 10**_PLACES}.{scaled % 10**_PLACES:0{_PLACES}}"


def _evidence(board: Board, line: int, pair: _Pair, *, rivals: int) -> list[Evidence]:
    of = board.lines[line]
    first = board.entries[pair.entries[0]]
    name = Evidence(fact="id", value=first.batch or first.reference or first.entry_id, detail="in the bank text")
    evidence = [name] if pair.is_named else []
    evidence += exchanged((of.amount, of.currency), (pair.total, pair.currency), pair.rate, board.rules.band)
    evidence.append(Evidence(fact="lag_days", value=str(board.lag(line, pair.entries[-1]))))
    evidence.append(
        Evidence(fact="unique", value="both") if rivals == 1 else Evidence(fact="rivals", value=str(rivals))
    )
    return evidence


def exchanged(paid: tuple[int, str], due: tuple[int, str], rate: Rate | None, band: int) -> list[Evidence]:
    """What was exchanged into what, at which rate that implies, and where a rate is known, the difference to it."""
    (amount, currency), (total, foreign) = paid, due
    into = f"{decimal_text(amount, currency)} {currency}"
    evidence = [Evidence(fact="exchanged", value=f"{decimal_text(total, foreign)} {foreign}", detail=into)]
    implied = implied_rate(amount, currency, total, foreign)
    if rate is None:
        return [*evidence, Evidence(fact="implied_rate", value=implied, detail="no rate is known to compare it with")]
    where = f"within {decimal_text(band, 'USD')} % of {rate.text}"
    booked = share_half_even(total * _units(currency) * rate.numerator, 1, rate.denominator * _units(foreign))
    difference = f"{decimal_text(amount - booked, currency)} {currency}"
    return [
        *evidence,
        Evidence(fact="implied_rate", value=implied, detail=where),
        Evidence(fact="exchange_difference", value=difference, detail=f"at {rate.text}"),
    ]
