"""Writing records, one call each; looking them up by their marks; comparing them with what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from connector.domain.drift import Difference
from connector.errors import ConnectorError, NeedsReconnect, OutcomeUnknown, Rejected, RetryLater, Unsent
from connector.targets.contract import Outgoing, Receipt, Rendered
from connector.targets.quickbooks.client import QuickBooksClient, quoted
from connector.targets.quickbooks.compare import differences
from connector.targets.quickbooks.limits import AT_ONCE
from connector.targets.quickbooks.marks import is_voided, mark_of
from connector.targets.quickbooks.records import NUMBERED, Record, Trace
from connector.targets.quickbooks.wire import Link, linked, links, wire
from connector.transport.lanes import abreast

LOOK_AROUND = timedelta(days=31)  # a record without a number whose date was moved by hand is still found within these


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where records go out and are asked for. `ids` are those of the records written from here, by kind and mark, so
    that a payment written after its invoice names it without asking."""

    client: QuickBooksClient
    ids: dict[Link, str] = field(default_factory=dict)

    def post(self, outgoing: Sequence[Outgoing]) -> list[Receipt | ConnectorError]:
        """One call each; the records of a document in order, several documents in flight at once. Once QuickBooks says
        "later" or "connect again", what was not begun is not sent; and what refers to a record that failed in here
        is Unsent because of its error."""
        ended: list[ConnectorError] = []
        groups = [list(group) for _, group in groupby(outgoing, key=_document)]
        answered = abreast(lambda group: self._post_document(group, ended), groups, AT_ONCE)
        return [outcome for outcomes in answered for outcome in outcomes]

    def _post_document(self, items: Sequence[Outgoing], ended: list[ConnectorError]) -> list[Receipt | ConnectorError]:
        outcomes: list[Receipt | ConnectorError] = []
        failed: dict[Link, ConnectorError] = {}
        for item in items:
            waits_for = next((failed[link] for link in links(item.rendered.payload) if link in failed), None)
            barred = ended[0] if ended else waits_for
            outcome = Unsent(barred) if barred else self._outcome(item)
            outcomes.append(outcome)
            error = outcome.because if isinstance(outcome, Unsent) else outcome
            if isinstance(error, ConnectorError):
                failed[item.rendered.kind, item.rendered.mark] = error
            if isinstance(error, RetryLater | NeedsReconnect) and not barred:
                ended.append(error)
        return outcomes

    def find(self, rendered: Rendered) -> list[Receipt]:
        """The records under a mark; voided ones only where there is no other, for it is not written again.

        One with a number is found whatever its date has become; one without within a month around its day."""
        found = list(self._traces(rendered.kind, rendered.mark, date.fromisoformat(rendered.day)))
        alive = [trace for trace in found if not is_voided(trace.private_note)]
        return [Receipt(target_id=trace.id, version=trace.sync_token, rate=rate_of(trace)) for trace in alive or found]

    def read_back(self, rendered: Rendered, receipt: Receipt) -> list[Difference]:
        """The record as the books hold it now, against what was sent."""
        try:
            found = self.client.one(rendered.kind, receipt.target_id, Record)
        except Rejected as error:
            if error.code != "610":
                raise
            gone = f"QuickBooks has no {rendered.kind} {receipt.target_id} any more"
            return [Difference(kind="gone", text=gone)]
        return differences(rendered.kind, self.resolved(rendered), found)

    def resolved(self, rendered: Rendered) -> dict[str, object]:
        """The payload with the ids of the records that it names by their marks, as far as the books hold them, and with
        the rate that the books chose themselves when they took it."""
        day = date.fromisoformat(rendered.day)
        for kind, mark in links(rendered.payload):
            if (kind, mark) in self.ids:
                continue
            found = [trace for trace in self._traces(kind, mark, day) if not is_voided(trace.private_note)]
            if len(found) == 1:
                self.ids[kind, mark] = found[0].id
        chosen = {"ExchangeRate": rendered.rate} if rendered.rate else {}
        return {**chosen, **linked(rendered.payload, self.ids)}

    def _outcome(self, item: Outgoing) -> Receipt | ConnectorError:
        rendered, kind = item.rendered, item.rendered.kind
        try:
            payload = self._complete(rendered)
        except ConnectorError as error:
            return Unsent(error)
        try:
            made = self.client.create(kind, wire(payload), item.key, Record)
        except ConnectorError as error:
            return error
        found = tuple(differences(kind, payload, made))
        if any(difference.kind == "number" for difference in found):
            return OutcomeUnknown(
                f"QuickBooks answered another {kind} than {rendered.mark}, which was sent: look it up."
            )
        self.ids[kind, rendered.mark] = made.id
        trace_id = self.client.answer.trace_id
        of = {"target_id": made.id, "version": made.sync_token, "trace_id": trace_id, "rate": rate_of(made)}
        return Receipt(differences=found, **of)

    def _complete(self, rendered: Rendered) -> dict[str, object]:
        payload = self.resolved(rendered)
        missing = [mark for _, mark in links(payload)]
        if missing:
            raise RetryLater(f"{rendered.mark} waits: QuickBooks does not hold {missing[0]}, which it refers to.")
        return payload

    def _traces(self, kind: str, mark: str, day: date) -> Iterator[Trace]:
        if kind in NUMBERED:
            where = f"where DocNumber = {quoted(mark)}"
        else:
            first, last = (day - LOOK_AROUND).isoformat(), (day + LOOK_AROUND).isoformat()
            where = f"where TxnDate >= {quoted(first)} and TxnDate <= {quoted(last)}"
        for trace in self.client.rows(kind, Trace, where):
            if mark_of(kind, trace.doc_number, trace.private_note) == mark:
                yield trace


def rate_of(record: Record | Trace) -> str:
    """Home units for one foreign unit; QuickBooks says 1 for what is in home currency."""
    rate = record.exchange_rate
    return f"{rate:f}" if rate and rate != 1 else ""


def _document(item: Outgoing) -> str:
    """The mark of the document that a record is of."""
    return item.rendered.mark.removesuffix(f"-{item.rendered.part}") if item.rendered.part else item.rendered.mark
