"""What Amazon holds back: a deferred transaction → a fact with its money by family; pure.

Its money comes into a settlement when it is released, so the fact is in no document: it is what an accrual at the end
of a month is made of, and it shows the owner what is on its way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, time
from decimal import Decimal
from functools import lru_cache

from connector.domain.defaults import table
from connector.domain.facts import UNKNOWN, BucketKey, Fact, Movement, Problem, gather
from connector.domain.money import Money, exponent
from connector.domain.sales import NoSale
from connector.domain.shop import local_day
from connector.errors import Broken
from connector.sources.amazon.answers import Breakdown, Context, Currency, Transaction, read
from connector.sources.amazon.marketplaces import site_of
from connector.sources.amazon.translate import Meaning, meaning

STREAM = "transactions"
DEFERRED, RELEASED = "DEFERRED", "DEFERRED_RELEASED"

_TRANSACTIONS = {"Shipment": "Order", "Refund": "Refund"}  # in the words of a settlement
_AMOUNT_TYPES = ("ItemFees", "ItemWithheldTax", "ItemPrice")  # whose descriptions a breakdown may bear as its name
_DEEPEST = 12

_Piece = tuple[tuple[str, ...], Currency]


def translate_transaction(source_id: str, body: bytes, zone: str) -> Fact:
    """A transaction that is or was held back, by family, in the seller's sign; its day is the marketplace's.

    A bucket's `channel` is the status, its `period` the day until which the money is held, empty where nobody said.
    Pieces that do not add up to the total are the problem T1."""
    transaction = read(body, Transaction)
    status = transaction.transaction_status.upper()
    name = (transaction.marketplace_details and transaction.marketplace_details.marketplace_name) or ""
    site = site_of([name], transaction.total_amount.currency_code)
    held_until = _held_until(transaction.contexts or (), zone or site.zone)
    movements = _movements(transaction, status, site.title, held_until) if status in (DEFERRED, RELEASED) else []
    buckets, vector = gather(movements)
    total = minor(transaction.total_amount)
    return Fact(
        stream=STREAM,
        source_id=source_id,
        about=NoSale(record_id=source_id, reason=_reason(status, transaction.contexts or (), held_until)),
        location=site.title,
        occurred_at=transaction.posted_date,
        business_day=local_day(transaction.posted_date, zone or site.zone),
        currency=transaction.total_amount.currency_code,
        buckets=buckets,
        vector=vector,
        problems=_problems(movements, total, transaction.total_amount.currency_code) if movements else (),
    )


def minor(amount: Currency) -> int:
    """Whole minor units; raises Broken where the amount has a finer part than its currency."""
    scaled = amount.currency_amount.scaleb(exponent(amount.currency_code))
    if not amount.currency_amount.is_finite() or scaled != scaled.to_integral_value():
        raise Broken(f"{amount.currency_amount} is no amount in {amount.currency_code}")
    return int(scaled)


def _movements(transaction: Transaction, status: str, marketplace: str, held_until: str) -> list[Movement]:
    movements = []
    for path, amount in _pieces(transaction):
        found = _meaning(transaction.transaction_type, path, marketplace)
        key = BucketKey(
            kind=found.kind,
            code=found.code,
            currency=amount.currency_code,
            period=held_until,
            location=marketplace,
            channel=status,
        )
        movements.append(Movement(key=key, amount=minor(amount)))
    return movements


def _pieces(transaction: Transaction) -> list[_Piece]:
    """The items' pieces where they make up the total, else the transaction's own, else its total as one piece."""
    kind, total = transaction.transaction_type, transaction.total_amount
    of_items = [each for item in transaction.items or () for each in item.breakdowns or ()]
    for told in (of_items, list(transaction.breakdowns or ())):
        pieces = list(_leaves(kind, told, ()))
        if pieces and _added(amount for _, amount in pieces) == total.currency_amount:
            return pieces
    own = list(_leaves(kind, transaction.breakdowns or of_items, ()))
    return own or [(("total",), total)]


def _leaves(kind: str, told: Sequence[Breakdown], above: tuple[str, ...]) -> Iterator[_Piece]:
    """Down to the first name that the vocabulary knows, or to where it goes no deeper or does not add up."""
    for each in told:
        path = (*above, each.breakdown_type)
        below, amount = each.breakdowns or (), each.breakdown_amount
        is_sum = amount is None or amount.currency_amount == _added(
            part.breakdown_amount for part in below if part.breakdown_amount
        )
        is_known = _meaning(kind, path, "").kind != UNKNOWN
        if below and is_sum and not is_known and len(path) < _DEEPEST:
            yield from _leaves(kind, below, path)
        elif amount is not None:
            yield path, amount


def _meaning(transaction_type: str, path: tuple[str, ...], marketplace: str) -> Meaning:
    """What the last name of a path is, in the words and codes of a settlement; UNKNOWN with the whole path else."""
    first, name = _TRANSACTIONS.get(transaction_type, ""), path[-1]
    named = _named().get(name)
    triples = [named] if named else [(amount_type, name) for amount_type in _AMOUNT_TYPES]
    for amount_type, description in triples if first else []:
        found = meaning((first, amount_type, description), marketplace)
        if found.kind != UNKNOWN:
            return found
    return Meaning(kind=UNKNOWN, code="|".join((transaction_type, *path)))


@lru_cache(maxsize=1)
def _named() -> dict[str, tuple[str, str]]:
    rows = table(__package__ or "", "breakdowns.csv")
    return {row["breakdown"]: (row["amount_type"], row["amount_description"]) for row in rows}


def _held_until(contexts: Sequence[Context], zone: str) -> str:
    """The day of maturity; a midnight of UTC is a bare date, whatever the zone."""
    found = next((each.maturity_date for each in contexts if each.maturity_date), None)
    if found is None:
        return ""
    is_bare = found.astimezone(UTC).time() == time()
    return (found.astimezone(UTC).date() if is_bare else local_day(found, zone)).isoformat()


def _reason(status: str, contexts: Sequence[Context], held_until: str) -> str:
    if status == RELEASED:
        return f"Amazon held it back and has released it{_until(' on ', held_until)}: its money is in a settlement."
    if status != DEFERRED:
        return f"Its status is {status}: its money is in a settlement."
    why = next((f" ({each.deferral_reason})" for each in contexts if each.deferral_reason), "")
    return f"Amazon holds it back{why}{_until(' until ', held_until)}: its money comes in a later settlement."


def _until(word: str, day: str) -> str:
    return word + day if day else ""


def _problems(movements: Iterable[Movement], total: int, currency: str) -> tuple[Problem, ...]:
    difference = sum(movement.amount for movement in movements) - total
    if not difference:
        return ()
    shown = Money(minor=difference, currency=currency)
    message = f"The pieces of the transaction differ from its total by {shown}."
    return (Problem(code="T1", message=message, difference=difference),)


def _added(amounts: Iterable[Currency]) -> Decimal:
    return sum((amount.currency_amount for amount in amounts), Decimal(0))
