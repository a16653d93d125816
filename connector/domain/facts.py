"""Facts: one record translated, its money summed into buckets.

A movement is one piece of money of one record. It is never an object in bulk: a bucket sums the movements of one key,
and a packed vector says for each movement, by its ordinal, which bucket holds it. Facts and what
they hold are structs of msgspec: there are ten to a receipt, and they are made and hashed in C. None can come to hold
itself, so the collector of circles passes them by.
"""

from __future__ import annotations

import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from operator import attrgetter, itemgetter

import msgspec

from connector.domain.payouts import Payout, PayoutEntry, Settlement
from connector.domain.sales import Charge, DayTotals, NoSale, Receipt, Refund, RegisterClosure, Sale, Tender
from connector.errors import Broken

About = (
    Sale | Tender | Refund | Receipt | RegisterClosure | Charge | DayTotals | NoSale | Payout | PayoutEntry | Settlement
)

UNKNOWN = "unknown"  # the kind of a movement that the source's vocabulary lacks; it holds its period

BY_MATCH = "match|"
"""How the period of a document begins that a matched bank line made: no record calls for it."""

_TYPES = {1: "B", 2: "H", 4: "I"}
_count = attrgetter("count")


class BucketKey(msgspec.Struct, frozen=True, kw_only=True, order=True, gc=False, cache_hash=True):
    """What the movements of a bucket have in common.

    `kind` is the house's word (see the source's kinds table), `code` the source's own; `parent` is, for tax, the
    "kind|code" of what is taxed; `period` the local day (2026-11-19) or month (2026-11)."""

    kind: str
    code: str
    currency: str
    period: str
    tax_code: str = ""
    parent: str = ""
    location: str = ""
    channel: str = ""


class Bucket(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Movements of one key: their sum in minor units, in the source's sign, and their count."""

    key: BucketKey
    amount: int
    count: int


class Problem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An identity of the source that failed, or a thing that could not be understood: it holds the fact's period."""

    code: str
    message: str
    difference: int = 0


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One record, translated. `vector` is empty where each bucket holds one movement, in the order of the buckets."""

    stream: str
    source_id: str
    about: About
    location: str
    occurred_at: datetime
    business_day: date
    currency: str
    buckets: tuple[Bucket, ...] = ()
    vector: bytes = b""
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        if self.occurred_at.tzinfo is None:
            raise Broken(f"{self.stream} {self.source_id}: a moment without its zone")
        if self.vector and (len(self.vector) - 1) // self.vector[0] != self.movement_count:
            raise Broken(f"{self.stream} {self.source_id}: the vector does not name every movement")

    @property
    def movement_count(self) -> int:
        return sum(map(_count, self.buckets))

    def bucket_numbers(self) -> Sequence[int]:
        """For each movement, by its ordinal in the record, the number of its bucket."""
        return unpack(self.vector) if self.vector else range(len(self.buckets))


class Movement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One piece of money as a translator meets it, before it is summed; never kept in bulk."""

    key: BucketKey
    amount: int


def gather(movements: Iterable[Movement]) -> tuple[tuple[Bucket, ...], bytes]:
    """Buckets and vector of a record's movements; pieces of zero are no movement."""
    numbers: dict[BucketKey, int] = {}
    sums: list[int] = []
    vector: list[int] = []
    for movement in movements:
        if not movement.amount:
            continue
        number = numbers.setdefault(movement.key, len(sums))
        if number == len(sums):
            sums.append(0)
        sums[number] += movement.amount
        vector.append(number)
    counts = [0] * len(sums)
    for number in vector:
        counts[number] += 1
    buckets = tuple(
        Bucket(key=key, amount=amount, count=count) for key, amount, count in zip(numbers, sums, counts, strict=True)
    )
    return buckets, pack(vector, len(sums)) if len(vector) > len(sums) else b""


def sum_buckets(buckets: Iterable[Bucket]) -> tuple[Bucket, ...]:
    """Buckets of equal key become one, ordered by key: what mapping sees of a period."""
    alike: defaultdict[BucketKey, list[Bucket]] = defaultdict(list)
    for bucket in buckets:
        alike[bucket.key].append(bucket)
    return tuple(
        [
            Bucket(key=key, amount=sum([each.amount for each in some]), count=sum([each.count for each in some]))
            for key, some in sorted(alike.items(), key=itemgetter(0))
        ]
    )


def sums_by_kind(fact: Fact) -> dict[tuple[str, str], int]:
    """What a fact holds by kind and period, nothing of nothing: two spellings of the same money agree in it."""
    sums: dict[tuple[str, str], int] = {}
    for bucket in fact.buckets:
        of = (bucket.key.kind, bucket.key.period)
        sums[of] = sums.get(of, 0) + bucket.amount
    return {of: amount for of, amount in sums.items() if amount}


def pack(numbers: Sequence[int], bucket_count: int) -> bytes:
    """A vector of bucket numbers as bytes: one byte that tells the width (1, 2 or 4), then little-endian numbers."""
    if bucket_count <= 1 << 8:
        return bytes((1, *numbers))
    width = 2 if bucket_count <= 1 << 16 else 4
    values = array(_TYPES[width], numbers)
    if sys.byteorder == "big":
        values.byteswap()
    return bytes([width]) + values.tobytes()


def unpack(vector: bytes) -> Sequence[int]:
    """The bucket numbers of a packed vector."""
    values = array(_TYPES[vector[0]])
    values.frombytes(vector[1:])
    if sys.byteorder == "big":
        values.byteswap()
    return values


def positions(fact: Fact, key: BucketKey) -> Iterator[int]:
    """The ordinals of the movements that a bucket of the fact holds: the way back from a line to the record's rows."""
    wanted = {number for number, bucket in enumerate(fact.buckets) if bucket.key == key}
    return (ordinal for ordinal, number in enumerate(fact.bucket_numbers()) if number in wanted)


def period_name(fact: Fact) -> str:
    """The period that a fact belongs to, as one name: a day of a place, a payout, a settlement, or itself."""
    match fact.about:
        case Payout(payout_id=payout_id) | PayoutEntry(payout_id=payout_id):
            return f"payout|{payout_id}"
        case Settlement(settlement_id=settlement_id):
            return f"settlement|{settlement_id}"
        case NoSale():
            return f"record|{fact.stream}|{fact.source_id}"
        case _:
            return f"day|{fact.location}|{fact.business_day.isoformat()}|{fact.currency}"
