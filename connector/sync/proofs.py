"""Proofs of clearing accounts beside the books, once a day where something was posted: what nobody can name is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from connector.domain.finding import Finding
from connector.domain.money import decimal_text
from connector.errors import ConnectorError
from connector.reconcile.clearing.values import Proof
from connector.store import outbox
from connector.store.connection_findings import keep_connection_findings
from connector.store.feeds import Connection, Feed, feeds
from connector.store.posted_lines import posted_lines
from connector.store.proofs import UNEXPLAINED, KeptProof, keep_proofs, subject
from connector.sync.clearing import proved_beside
from connector.sync.house import House
from connector.targets.contract import OpenBooks


def prove_clearing(house: House, connection: Connection, opened: OpenBooks) -> list[Proof]:
    """Proves every clearing account of the feeds into these books and keeps the proofs. Waits while it is not known
    whether the books hold a record of ours: their balance could not be told from ours."""
    with house.database.transaction() as tx:
        mine = [feed for feed in feeds(tx) if feed.target.id == connection.id]
        names = {feed.id: {line.account for line in posted_lines(tx, feed.id, ("clearing", "carry"))} for feed in mine}
        if outbox.unknown(tx, connection.id):
            return []
    shared = Counter(name for of in names.values() for name in of)
    alone = {name: balance for name, balance in _balances(opened).items() if shared[name] == 1}
    proofs = {feed.id: proved_beside(house, feed, alone).proofs for feed in mine if names[feed.id]}
    findings = [_finding(feed, proof) for feed in mine for proof in proofs.get(feed.id, ()) if proof.unexplained]
    with house.database.transaction(of=connection.id) as tx:
        for feed_id, of in proofs.items():
            keep_proofs(tx, feed_id, [_kept(proof) for proof in of], house.now())
        keep_connection_findings(tx, connection.id, UNEXPLAINED, findings, house.now())
    return [proof for of in proofs.values() for proof in of]


def _balances(opened: OpenBooks) -> Mapping[str, int]:
    """None where they cannot be read now: then the documents alone are proved."""
    try:
        return opened.balances()
    except ConnectorError:
        return {}


def _kept(proof: Proof) -> KeptProof:
    return KeptProof(
        account=proof.account,
        currency=proof.currency,
        by_documents=proof.by_documents,
        in_books=proof.in_books,
        explained=sum(item.amount for item in proof.items) - proof.unexplained,
        unexplained=proof.unexplained,
    )


def _finding(feed: Feed, proof: Proof) -> Finding:
    amount = f"{decimal_text(proof.unexplained, proof.currency)} {proof.currency}"
    texts = [item.text for item in proof.items if item.cause == "unknown"]
    return Finding(
        code=UNEXPLAINED,
        subject=subject(feed.name, proof.account),
        severity="warning",
        message=f"{proof.account}: {amount} cannot be explained ({'; '.join(texts[:3])}).",
        fix=f"connector reconcile clearing {feed.name} shows every item; nothing is changed by itself.",
    )
