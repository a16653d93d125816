"""Settlements as chains: each begins where the one before it ended, and takes over what that one left open.

Values in, findings out. A chain is one marketplace and currency of one seller; where a seller has two order accounts
there (standard and invoiced), their settlements overlap in time, and are told apart by that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.money import decimal_text
from connector.domain.payouts import Settlement

HELD, RELEASED = "reserve_held", "reserve_released"
BROUGHT_FORWARD = "negative_balance_brought_forward"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveRow:
    """The reserve after a settlement, in minor units, positive while money is held back.

    `closing` = `opening` − `released` + `held`; it differs from `held` where the chain does not agree, or begins with
    a settlement that is not the first."""

    marketplace: str
    currency: str
    settlement_id: str
    ends_at: datetime
    opening: int
    released: int
    held: int

    @property
    def closing(self) -> int:
        return self.opening - self.released + self.held


def chain_findings(facts: Iterable[Fact]) -> tuple[Finding, ...]:
    """Where a settlement is missing (A3), and where a reserve (A4) or a negative total (A5) was not taken over.

    All are warnings with their numbers: they hold nothing. The order of the facts changes nothing."""
    return tuple(sorted(finding for chain in chains(facts) for finding in _of_chain(chain)))


def reserves(facts: Iterable[Fact]) -> tuple[ReserveRow, ...]:
    """The reserve of each chain, settlement by settlement: what the reserve account is made of.

    The first settlement of a chain opens with what it releases, for what came before it is not here."""
    return tuple(row for chain in chains(facts) for row in _rows(chain))


def chains(facts: Iterable[Fact]) -> tuple[tuple[Fact, ...], ...]:
    """The settlements among some facts as chains, each in the order of time; of one settlement twice, one counts."""
    places: dict[tuple[str, str], dict[str, Fact]] = {}
    for fact in sorted(facts, key=lambda fact: (bool(fact.problems), fact.vector, fact.source_id)):
        if isinstance(fact.about, Settlement):
            of = places.setdefault((fact.about.marketplace, fact.currency), {})
            of.setdefault(fact.about.settlement_id, fact)
    return tuple(tuple(chain) for place in sorted(places) for chain in _chained(places[place].values()))


def _chained(facts: Iterable[Fact]) -> list[list[Fact]]:
    """Runs whose ends meet to the second; a later run goes on with the run that ended last before it began."""
    runs: list[list[Fact]] = []
    for fact in sorted(facts, key=lambda fact: (_about(fact).starts_at, _about(fact).ends_at, fact.source_id)):
        before = next((run for run in runs if _about(run[-1]).ends_at == _about(fact).starts_at), None)
        if before is not None:
            before.append(fact)
        else:
            runs.append([fact])
    found: list[list[Fact]] = []
    for run in sorted(runs, key=lambda run: _about(run[0]).starts_at):
        ended = [chain for chain in found if _about(chain[-1]).ends_at < _about(run[0]).starts_at]
        if ended:
            max(ended, key=lambda chain: _about(chain[-1]).ends_at).extend(run)
        else:
            found.append(run)
    return found


def _of_chain(chain: Sequence[Fact]) -> Iterator[Finding]:
    for earlier, later in pairwise(chain):
        if _about(earlier).ends_at != _about(later).starts_at:
            yield _missing(earlier, later)
        elif not earlier.problems and not later.problems:
            yield from _reserve(earlier, later)
            yield from _negative(earlier, later)


def _missing(earlier: Fact, later: Fact) -> Finding:
    first, second = _about(earlier), _about(later)
    held, released = _text(-_sum(earlier, HELD), earlier), _text(_sum(later, RELEASED), later)
    return Finding(
        code="settlement_missing",
        subject=f"{first.settlement_id} {second.settlement_id}",
        severity="warning",
        message=(
            f"A settlement of {first.marketplace} in {earlier.currency} is missing: {first.settlement_id} ends "
            f"{_moment(first.ends_at)}, {second.settlement_id} begins {_moment(second.starts_at)}. The reserve held "
            f"before it is {held}, the reserve released after it {released}."
        ),
        fix="Download the missing report (flat file V2) in Seller Central and give it to the connector as a file.",
    )


def _reserve(earlier: Fact, later: Fact) -> Iterator[Finding]:
    held, released = -_sum(earlier, HELD), _sum(later, RELEASED)
    if held != released:
        yield _warning(
            "reserve_chain",
            earlier,
            later,
            f"held a reserve of {_text(held, earlier)}",
            f"released {_text(released, later)}",
            released - held,
        )


def _negative(earlier: Fact, later: Fact) -> Iterator[Finding]:
    owed, taken = min(_about(earlier).total, 0), _sum(later, BROUGHT_FORWARD)
    if owed != taken:
        yield _warning(
            "negative_total",
            earlier,
            later,
            f"left {_text(-owed, earlier)} payable to Amazon",
            f"took back {_text(-taken, later)}",
            taken - owed,
        )


def _warning(code: str, earlier: Fact, later: Fact, left: str, took: str, difference: int) -> Finding:
    first, second = _about(earlier), _about(later)
    return Finding(
        code=code,
        subject=f"{first.settlement_id} {second.settlement_id}",
        severity="warning",
        message=(
            f"Settlement {first.settlement_id} of {first.marketplace} {left}, the next one ({second.settlement_id}) "
            f"{took}: a difference of {_text(difference, later)}."
        ),
        fix="Nothing is held. Ask Amazon what became of the difference; until then it stays in its account.",
    )


def _rows(chain: Sequence[Fact]) -> Iterator[ReserveRow]:
    opening = _sum(chain[0], RELEASED)
    for fact in chain:
        row = ReserveRow(
            marketplace=_about(fact).marketplace,
            currency=fact.currency,
            settlement_id=_about(fact).settlement_id,
            ends_at=_about(fact).ends_at,
            opening=opening,
            released=_sum(fact, RELEASED),
            held=-_sum(fact, HELD),
        )
        opening = row.closing
        yield row


def _sum(fact: Fact, kind: str) -> int:
    return sum(bucket.amount for bucket in fact.buckets if bucket.key.kind == kind)


def _about(fact: Fact) -> Settlement:
    assert isinstance(fact.about, Settlement)  # chains() looked
    return fact.about


def _text(amount: int, fact: Fact) -> str:
    return f"{decimal_text(amount, fact.currency)} {fact.currency}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
