"""Writing records: many of one kind in a call, each answer matched with what was sent, nothing sent twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import cast

from connector.errors import AlreadyThere, ConnectorError, OutcomeUnknown, RetryLater
from connector.targets.contract import Outgoing, Receipt
from connector.targets.xero.answers import refusal
from connector.targets.xero.client import XeroClient
from connector.targets.xero.records import RecordKind, RecordRead

BATCH = 50
_ONE_BY_ONE = frozenset({"bank_transfer"})  # refused as a whole when one is wrong

Outcome = Receipt | ConnectorError


def post(client: XeroClient, outgoing: Sequence[Outgoing]) -> list[Outcome]:
    """One outcome for each, in order. First goes what opens a document, then what refers to it, so that a year's days
    fill whole calls; a payment whose invoice failed in here is not sent and shares its error."""
    outcomes: dict[int, Outcome] = {}
    failed: dict[str, ConnectorError] = {}
    places = sorted(range(len(outgoing)), key=lambda place: _turn(outgoing[place]))
    for (_, kind), turn in groupby(places, key=lambda place: _turn(outgoing[place])):
        for chunk in _chunks(list(turn), 1 if kind in _ONE_BY_ONE else BATCH):
            answered = _post_chunk(client, kind, [outgoing[place] for place in chunk], failed)
            outcomes |= zip(chunk, answered, strict=True)
    return [outcomes[place] for place in range(len(outgoing))]


def _turn(item: Outgoing) -> tuple[bool, RecordKind]:
    return bool(item.rendered.part), cast(RecordKind, item.rendered.kind)


def _chunks(places: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (places[start : start + size] for start in range(0, len(places), size))


def _post_chunk(
    client: XeroClient, kind: RecordKind, chunk: Sequence[Outgoing], failed: dict[str, ConnectorError]
) -> list[Outcome]:
    free = [item for item in chunk if not _waits(item, failed)]
    written = iter(_write(client, kind, free) if free else [])
    outcomes = [failed[_first_mark(item)] if _waits(item, failed) else next(written) for item in chunk]
    for item, outcome in zip(chunk, outcomes, strict=True):
        if not item.rendered.part and isinstance(outcome, ConnectorError):
            failed[item.rendered.mark] = _for_the_others(outcome, item.rendered.mark)
    return outcomes


def _waits(item: Outgoing, failed: dict[str, ConnectorError]) -> bool:
    return bool(item.rendered.part) and _first_mark(item) in failed


def _first_mark(item: Outgoing) -> str:
    """The mark of the document's first record, which the others refer to."""
    return item.rendered.mark.removesuffix(f"-{item.rendered.part}")


def _for_the_others(error: ConnectorError, mark: str) -> ConnectorError:
    """A record that is there already will be adopted; then what refers to it can go, and was not refused itself."""
    return RetryLater(f"It waits until {mark} is looked up.") if isinstance(error, AlreadyThere) else error


def _write(client: XeroClient, kind: RecordKind, items: Sequence[Outgoing]) -> list[Outcome]:
    try:
        answered, trace_id = client.create(kind, [item.rendered.payload for item in items], _key(items))
    except ConnectorError as error:
        return [error] * len(items)
    if len(answered) != len(items):
        return [OutcomeUnknown(f"Xero answered {len(answered)} records for {len(items)}: look them up.")] * len(items)
    return [_outcome(kind, item, record, trace_id) for item, record in zip(items, answered, strict=True)]


def _key(items: Sequence[Outgoing]) -> str:
    """The key of a call: the record's own, or for several the hash of theirs; the same batch has the same key."""
    if len(items) == 1:
        return items[0].key
    joined = "|".join(item.key for item in items)
    return "b1" + hashlib.sha256(joined.encode()).hexdigest()[:40]


def _outcome(kind: RecordKind, item: Outgoing, record: RecordRead, trace_id: str) -> Outcome:
    """Position names the record, and its mark proves it; where the two disagree, nothing is known."""
    mark = record.mark_of(kind)
    if mark and mark != item.rendered.mark:
        return OutcomeUnknown(f"Xero answered {mark} where {item.rendered.mark} was sent: look it up.")
    if record.texts:
        return refusal(record.texts)
    if not mark or not record.id_of(kind):
        return OutcomeUnknown(f"Xero answered {item.rendered.mark} without its number or id: look it up.")
    return Receipt(target_id=record.id_of(kind), version=record.version, trace_id=trace_id)
