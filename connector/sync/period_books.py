"""Of a period, what the books hold of a feed: lines of documents, clearing accounts, balances tied to the source."""

from __future__ import annotations

from datetime import date, timedelta

from connector.errors import ConnectorError
from connector.reconcile.clearing.values import Proof
from connector.reconcile.report.gathered import Balance, BookLine, Tied
from connector.store.database import Transaction
from connector.store.feeds import Feed, locations
from connector.store.matches import banked
from connector.store.period_rows import Dated, documents_dated, lines_by_document, proof_rows
from connector.store.tables import LineRow
from connector.sync.clearing import proved
from connector.sync.house import House
from connector.sync.ties import ties

Days = tuple[date, date]


def lines_of(house: House, feed: Feed, days: Days) -> list[BookLine]:
    """The lines of the documents that stand in the books with a date in the period; those of nothing are left out."""
    with house.database.transaction() as tx:
        documents = [each for each in documents_dated(tx, feed.id, days) if each.in_books]
        lines = lines_by_document(tx, [each.row.id or 0 for each in documents])
        places = {place.source_id: place.name for place in locations(tx, feed.source.id)}
        found = _found_at_the_bank(tx, feed)
    return [
        _line(feed, (each, line), places, found)
        for each in documents
        for line in lines.get(each.row.id or 0, [])
        if line.amount_minor
    ]


def balances_of(house: House, feed: Feed, days: Days) -> list[Balance]:
    """Each clearing account of the feed rolled over the period, beside the books as they were last compared."""
    before = {each.account: each for each in proved(house, feed, days[0] - timedelta(days=1)).proofs}
    after = proved(house, feed, days[1]).proofs
    with house.database.transaction() as tx:
        kept = proof_rows(tx, feed.id)
    found = []
    for proof in after:
        was = before.get(proof.account)
        if not (_standing(was) or proof.by_documents or proof.items or _posted(proof) != _posted(was)):
            continue
        beside = kept.get(proof.account)
        found.append(
            Balance(
                feed=feed.name,
                account=proof.account,
                currency=proof.currency,
                opening=_standing(was),
                posted=_posted(proof) - _posted(was),
                settled=proof.settled - _settled(was),
                closing=proof.by_documents,
                items=proof.items,
                in_books=beside.in_books_minor if beside else None,
                proved_at=beside.proved_at if beside else None,
            )
        )
    return found


def ties_of(house: House, feed: Feed, days: Days) -> list[Tied]:
    """What is no clearing, tied to the source; nothing where the map cannot be read as it stands."""
    try:
        made = ties(house, feed, *days)
    except ConnectorError:
        return []
    return [
        Tied(
            feed=feed.name,
            what=tie.role,
            name=tie.name,
            currency=tie.currency,
            opening=tie.opening,
            increased=tie.increased,
            decreased=tie.decreased,
            by_source=tie.by_source,
            restated=tie.restated,
            missing=tie.missing,
        )
        for tie in made
    ]


def _standing(proof: Proof | None) -> int:
    return proof.by_documents if proof else 0


def _posted(proof: Proof | None) -> int:
    return proof.opening + proof.posted if proof else 0


def _settled(proof: Proof | None) -> int:
    return proof.settled if proof else 0


def _found_at_the_bank(tx: Transaction, feed: Feed) -> dict[str, str]:
    """On which day the bank shows a ledger item, by its name."""
    return {each.item: f"{each.day.isoformat()}, match {each.match}" for each in banked(tx, feed.id)}


def _line(feed: Feed, of: tuple[Dated, LineRow], places: dict[str, str], found: dict[str, str]) -> BookLine:
    document, line = of
    row = document.row
    return BookLine(
        feed=feed.name,
        mark=row.mark,
        day=row.date,
        kind=row.kind,
        narration=row.narration,
        place=places.get(row.location, row.location),
        role=line.role,
        account=line.account,
        text=line.text or row.narration,
        currency=row.currency,
        amount=line.amount_minor,
        tax=line.tax_minor,
        tax_code=line.tax_code,
        map_version=row.map_version,
        is_prior_period=row.prior_period,
        state=document.state,
        bank=found.get(row.mark, "") if line.role == "bank" else "",
    )
