"""What a person may see, put upon every query of a transaction: rows of other organisations are not there."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session, col, select

from connector.store.tables import (
    BankLineRow,
    ConnectionRow,
    DocumentRow,
    FeedRow,
    FindingRow,
    OrganisationRow,
    PeriodRow,
    PostingRow,
)


def narrow(session: Session, organisation_ids: Iterable[int]) -> None:
    """From now on the session reads only what belongs to these organisations."""
    ids = sorted(organisation_ids)
    feeds = select(FeedRow.id).where(col(FeedRow.organisation_id).in_(ids))
    connections = select(ConnectionRow.id).where(col(ConnectionRow.organisation_id).in_(ids))
    of_feeds = (FindingRow, PeriodRow, DocumentRow)
    of_connections = (PostingRow, BankLineRow)
    criteria = [
        with_loader_criteria(OrganisationRow, col(OrganisationRow.id).in_(ids)),
        with_loader_criteria(ConnectionRow, col(ConnectionRow.organisation_id).in_(ids)),
        with_loader_criteria(FeedRow, col(FeedRow.organisation_id).in_(ids)),
        *[with_loader_criteria(row, col(row.feed_id).in_(feeds)) for row in of_feeds],
        *[with_loader_criteria(row, col(row.connection_id).in_(connections)) for row in of_connections],
    ]

    def narrowed(state: ORMExecuteState) -> None:
        if state.is_select:
            state.statement = state.statement.options(*criteria)

    event.listen(session, "do_orm_execute", narrowed)
