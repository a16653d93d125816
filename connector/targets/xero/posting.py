"""Writing records: many of one kind in a call, each answer matched with what was sent, nothing sent twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import cast

import msgspec

from connector.errors import AlreadyThere, ConnectorError, OutcomeUnknown, RetryLater, Unsent
from connector.targets.contract import Outgoing, Receipt, Rendered
from connector.targets.xero.answers import refusal
from connector.targets.xero.client import XeroClient
from connector.targets.xero.compare import differences, paid_number
from connector.targets.xero.limits import AT_ONCE
from connector.targets.xero.records import Piece, RecordKind, RecordRead
from connector.targets.xero.translate.chart import turned
from connector.transport.lanes import abreast

BATCH = 50
_ONE_BY_ONE = frozenset({"bank_transfer"})  # refused as a whole when one is wrong

Outcome = Receipt | ConnectorError


def post(client: XeroClient, outgoing: Sequence[Outgoing]) -> list[Outcome]:
    """One outcome for each, in order. First goes what opens a document, then what refers to it, so that a year's days
    fill whole calls; a payment whose invoice failed in here is Unsent because of its error."""
    outcomes: dict[int, Outcome] = {}
    failed: dict[str, ConnectorError] = {}
    places = sorted(range(len(outgoing)), key=lambda place: _turn(outgoing[place]))
    for (_, kind), turn in groupby(places, key=lambda place: _turn(outgoing[place])):
        chunks = list(_chunks(list(turn), 1 if kind in _ONE_BY_ONE else BATCH))
        sent = [[outgoing[place] for place in chunk] for chunk in chunks]
        answers = abreast(partial(_post_chunk, client, kind, failed), sent, AT_ONCE)
        for chunk, answered in zip(chunks, answers, strict=True):
            outcomes |= zip(chunk, answered, strict=True)
    return [outcomes[place] for place in range(len(outgoing))]


def _turn(item: Outgoing) -> tuple[bool, RecordKind]:
    return bool(item.rendered.part), cast(RecordKind, item.rendered.kind)


def _chunks(places: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (places[start : start + size] for start in range(0, len(places), size))


def _post_chunk(
    client: XeroClient, kind: RecordKind, failed: dict[str, ConnectorError], chunk: Sequence[Outgoing]
) -> list[Outcome]:
    missing = [_missing(item, failed) for item in chunk]
    free = [item for item, error in zip(chunk, missing, strict=True) if error is None]
    written = iter(_write(client, kind, free) if free else [])
    outcomes = [Unsent(error) if error else next(written) for error in missing]
    for item, outcome in zip(chunk, outcomes, strict=True):
        error = outcome.because if isinstance(outcome, Unsent) else outcome
        if isinstance(error, ConnectorError):
            failed[item.rendered.mark] = _for_the_others(error, item.rendered.mark)
    return outcomes


def _missing(item: Outgoing, failed: dict[str, ConnectorError]) -> ConnectorError | None:
    """Why a record cannot go: the first of its document failed, or the one that it pays."""
    if not item.rendered.part:
        return None
    piece = piece_of(item.rendered)
    return next((failed[mark] for mark in (document_mark(piece), paid_number(piece)) if mark in failed), None)


def document_mark(piece: Piece) -> str:
    """The mark of the document, which its first record carries as it is."""
    return piece.mark.removesuffix(f"-{piece.part}") if piece.part else piece.mark


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
    return [outcome(item.rendered, record, trace_id) for item, record in zip(items, answered, strict=True)]


def _key(items: Sequence[Outgoing]) -> str:
    """The key of a call: the record's own, or for several the hash of theirs; the same batch has the same key."""
    if len(items) == 1:
        return items[0].key
    joined = "|".join(item.key for item in items)
    return "b1" + hashlib.sha256(joined.encode()).hexdigest()[:40]


def outcome(rendered: Rendered, record: RecordRead, trace_id: str) -> Outcome:
    """What an answer says of one record. Its place in the answer names it, and its mark proves it; where the two
    disagree, nothing is known."""
    piece = piece_of(rendered)
    mark = record.mark_of(piece.kind)
    if mark and mark != piece.mark:
        return OutcomeUnknown(f"Xero answered {mark} where {piece.mark} was sent: look it up.")
    if record.texts:
        return refusal(record.texts)
    if not mark or not record.id_of(piece.kind):
        return OutcomeUnknown(f"Xero answered {piece.mark} without its number or id: look it up.")
    return Receipt(
        target_id=record.id_of(piece.kind),
        version=record.version,
        trace_id=trace_id,
        differences=tuple(differences(piece, record)),
        rate=record.rate,
    )


def piece_of(rendered: Rendered) -> Piece:
    """A record of the contract as this folder calls it, with the rate that Xero chose itself when it took it."""
    record = msgspec.convert(rendered.payload["record"], dict[str, object])
    chosen = {"CurrencyRate": turned(rendered.rate)} if rendered.rate else {}
    return Piece(
        part=rendered.part,
        kind=cast(RecordKind, rendered.kind),
        mark=rendered.mark,
        day=rendered.day,
        payload={**rendered.payload, "record": {**chosen, **record}},
    )
