"""How a source's way from bytes to day buckets is measured against a bare typed decode of the same bytes."""

from __future__ import annotations

import statistics
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import process_time

from connector.domain.facts import Bucket, Fact, sum_buckets
from connector.domain.shop import Shop
from connector.sources.contract import Source

RECEIPTS = 10_000
ROUNDS = 5
GOAL_RATIO = 1.5
Pages = Callable[[int], Iterator[bytes]]


def compare(source: Source, stream: str, shop: Shop, pages: Pages, decode: Callable[[bytes], object]) -> None:
    """Prints the figures; both ways run in turn, so that a busy machine slows them alike. `pages` makes the answers
    of so many receipts of one day, `decode` gives the fields of one answer with their types."""
    bodies = list(pages(RECEIPTS))
    plain, product = [], []
    for _ in range(ROUNDS):
        plain.append(_seconds(lambda: _each(decode, bodies)))
        product.append(_seconds(lambda: translate(source, stream, shop, bodies)))
    ratio = statistics.median([ours / theirs for ours, theirs in zip(product, plain, strict=True)])
    print(f"{RECEIPTS:,} receipts of {source.label}, {sum(map(len, bodies)) / 1e6:.0f} MB, median of {ROUNDS} rounds")
    print(f"  bare typed decode      {RECEIPTS / statistics.median(plain):9,.0f} receipts a second")
    print(f"  bytes to day buckets   {RECEIPTS / statistics.median(product):9,.0f} receipts a second")
    print(f"  ratio                  {ratio:9.2f}    goal at most {GOAL_RATIO}")
    few, many = (_peak(source, stream, shop, pages(count)) // 1024 for count in (RECEIPTS // 5, RECEIPTS))
    print(f"  peak of {RECEIPTS // 5:,} receipts {few:8,} KB, of {RECEIPTS:,} {many:,} KB (one page at a time)")


def translate(source: Source, stream: str, shop: Shop, pages: Iterable[bytes]) -> Sequence[Bucket]:
    """The product's way: the records of the pages, their facts, and what a day sums to."""
    buckets: Sequence[Bucket] = ()
    for page in pages:
        # A day is summed as it comes, so that memory stays flat.
        found = list(buckets)
        for fact in _facts(source, stream, shop, page):
            found += fact.buckets
        buckets = sum_buckets(found)
    return buckets


def _facts(source: Source, stream: str, shop: Shop, page: bytes) -> Iterator[Fact]:
    if source.unpack is None or source.translate is None:
        raise TypeError("this source is not pulled")
    for record in source.unpack(stream, page):
        fact = source.translate(record, shop)
        if fact.problems:
            raise SystemExit("the receipts were misread")
        yield fact


def _peak(source: Source, stream: str, shop: Shop, pages: Iterator[bytes]) -> int:
    """The largest number of bytes held at once while pages come in one by one."""
    tracemalloc.start()
    translate(source, stream, shop, pages)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _each(decode: Callable[[bytes], object], bodies: Iterable[bytes]) -> None:
    for body in bodies:
        decode(body)


def _seconds(work: Callable[[], object]) -> float:
    start = process_time()  # a receipt's share of a core, whatever else the machine does
    work()
    return process_time() - start
