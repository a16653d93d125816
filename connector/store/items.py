"""Invoice items and payments, kept once; links between them, which are undone and never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlmodel import col, or_, select

from connector.domain.items import Item, Kind, Link, Payment
from connector.errors import Unreadable
from connector.store.database import Transaction
from connector.store.item_tables import InvoiceItemRow, ItemLinkRow, ItemPaymentRow

THE_RECORDS = "records"
CHANGED = "the amount changed after it was linked"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLink:
    """A link with its number; `payer` is the payment's id, or a credit line as invoice/line."""

    id: int
    account: str
    currency: str
    payer: str
    item: str
    amount: int
    how: str
    made_by: str
    undone_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What taking in did: rows that are new, that say something else now, and links that no longer fit."""

    new: int = 0
    changed: int = 0
    unlinked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What is open of a connection: items and payments whose `open` is what no link has taken, and the payments of
    which a person took a link back."""

    items: Sequence[Item]
    payments: Sequence[Payment]
    taken_back: frozenset[str] = frozenset()


def take_in(
    tx: Transaction, connection_id: int, sides: tuple[Iterable[Item], Iterable[Payment]], origin: str, now: datetime
) -> Taken:
    """Keeps items and payments; a known one takes the new amount, and links beyond it are undone, the newest first."""
    new = changed = unlinked = 0
    items, payments = _rows(tx, connection_id)
    known: dict[tuple[str, ...], InvoiceItemRow | ItemPaymentRow] = {**items, **payments}
    both: list[Item | Payment] = [*sides[0], *sides[1]]
    for each in both:
        row = known.get(_key(each))
        if row is None:
            known[_key(each)] = made = _row(connection_id, each, origin, now)
            tx.add(made)
            new += 1
        elif row.amount_minor != each.open:
            row.amount_minor, row.origin = each.open, origin
            tx.add(row)
            tx.flush()
            changed, unlinked = changed + 1, unlinked + _trimmed(tx, row, now)
    tx.flush()
    return Taken(new=new, changed=changed, unlinked=unlinked)


def open_of(tx: Transaction, connection_id: int) -> Open:
    """Items and payments with something open, and zero ones too: their age decides with the others."""
    items, payments = _rows(tx, connection_id)
    paid, owed = _linked(tx, connection_id)
    back = tx.exec(select(ItemLinkRow.payment_id).where(ItemLinkRow.undone_by != "", ItemLinkRow.reason != CHANGED))
    taken_back = set(back)
    return Open(
        items=[_item(row, row.amount_minor - owed.get(row.id or 0, 0)) for row in items.values()],
        payments=[_payment(row, row.amount_minor - paid.get(row.id or 0, 0)) for row in payments.values()],
        taken_back=frozenset(row.payment for row in payments.values() if row.id in taken_back),
    )


def wholes(tx: Transaction, connection_id: int) -> Open:
    """Every item and payment with all there is of it as `open`."""
    items, payments = _rows(tx, connection_id)
    return Open(
        items=[_item(row, row.amount_minor) for row in items.values()],
        payments=[_payment(row, row.amount_minor) for row in payments.values()],
    )


def keep_links(tx: Transaction, connection_id: int, links: Iterable[Link], made: tuple[str, str], now: datetime) -> int:
    """Keeps new links; `made` is how, and by whom. Gives how many."""
    items, payments = _rows(tx, connection_id)
    count = 0
    for link in links:
        payer = link.payer
        tx.add(
            ItemLinkRow(
                item_id=items[_key(link.item)].id or 0,
                payment_id=payments[_key(payer)].id if isinstance(payer, Payment) else None,
                credit_id=items[_key(payer)].id if isinstance(payer, Item) else None,
                amount_minor=link.amount,
                how=made[0],
                made_by=made[1],
                made_at=now,
            )
        )
        count += 1
    tx.flush()
    return count


def links_of(tx: Transaction, connection_id: int, *, undone: bool = False) -> list[KeptLink]:
    """The links of a connection in the order they were made; those that are undone too where wanted."""
    items = {row.id: row for row in _rows(tx, connection_id)[0].values()}
    payments = {row.id: row for row in _rows(tx, connection_id)[1].values()}
    rows = tx.exec(select(ItemLinkRow).where(col(ItemLinkRow.item_id).in_(list(items))).order_by(col(ItemLinkRow.id)))
    return [
        KeptLink(
            id=row.id or 0,
            account=items[row.item_id].account,
            currency=items[row.item_id].currency,
            payer=payments[row.payment_id].payment if row.payment_id else _name(items[row.credit_id]),
            item=_name(items[row.item_id]),
            amount=row.amount_minor,
            how=row.how,
            made_by=row.made_by,
            undone_by=row.undone_by,
            reason=row.reason,
        )
        for row in rows
        if undone or not row.undone_by
    ]


def undo_link(tx: Transaction, connection_id: int, link_id: int, decided: tuple[str, str], now: datetime) -> None:
    """Takes a link back; `decided` is who, and why. Raises Unreadable where there is none that stands."""
    row = tx.get(ItemLinkRow, link_id)
    is_ours = row is not None and tx.get_one(InvoiceItemRow, row.item_id).connection_id == connection_id
    if row is None or not is_ours or row.undone_by:
        raise Unreadable(f"There is no link {link_id} that stands; connector reconcile items links lists them.")
    row.undone_by, row.undone_at, row.reason = decided[0], now, decided[1]
    tx.add(row)
    tx.flush()


def over_linked(tx: Transaction, connection_id: int) -> list[str]:
    """I16: items and payments of which more is linked than there is."""
    found = open_of(tx, connection_id)
    sides: list[Item | Payment] = [*found.items, *found.payments]
    all_of = wholes(tx, connection_id)
    whole_sides: list[Item | Payment] = [*all_of.items, *all_of.payments]
    whole = {_key(each): each.open for each in whole_sides}
    return [
        _said(each) for each in sides if abs(each.open) > abs(whole[_key(each)]) or each.open * whole[_key(each)] < 0
    ]


_Rows = tuple[dict[tuple[str, ...], InvoiceItemRow], dict[tuple[str, ...], ItemPaymentRow]]


def _rows(tx: Transaction, connection_id: int) -> _Rows:
    items = tx.exec(select(InvoiceItemRow).where(InvoiceItemRow.connection_id == connection_id))
    payments = tx.exec(select(ItemPaymentRow).where(ItemPaymentRow.connection_id == connection_id))
    return (
        {(row.account, row.currency, row.invoice, str(row.line)): row for row in items},
        {(row.account, row.currency, row.payment): row for row in payments},
    )


def _key(each: Item | Payment) -> tuple[str, ...]:
    if isinstance(each, Item):
        return each.account, each.currency, each.invoice, str(each.line)
    return each.account, each.currency, each.payment_id  # shorter than an item's, so that the two never meet


def _linked(tx: Transaction, connection_id: int) -> tuple[dict[int, int], dict[int, int]]:
    """What live links take of payments, and of items: of a credit line a negative amount."""
    of = select(InvoiceItemRow.id).where(InvoiceItemRow.connection_id == connection_id)
    rows = tx.exec(select(ItemLinkRow).where(col(ItemLinkRow.item_id).in_(of), ItemLinkRow.undone_by == ""))
    paid: dict[int, int] = {}
    owed: dict[int, int] = {}
    for row in rows:
        owed[row.item_id] = owed.get(row.item_id, 0) + row.amount_minor
        if row.payment_id is not None:
            paid[row.payment_id] = paid.get(row.payment_id, 0) + row.amount_minor
        elif row.credit_id is not None:
            owed[row.credit_id] = owed.get(row.credit_id, 0) - row.amount_minor
    return paid, owed


def _trimmed(tx: Transaction, row: InvoiceItemRow | ItemPaymentRow, now: datetime) -> int:
    """Undoes the newest links of a row until they fit its amount; gives how many."""
    if isinstance(row, InvoiceItemRow):
        mine = or_(col(ItemLinkRow.item_id) == row.id, col(ItemLinkRow.credit_id) == row.id)
    else:
        mine = col(ItemLinkRow.payment_id) == row.id
    links = list(tx.exec(select(ItemLinkRow).where(mine, ItemLinkRow.undone_by == "").order_by(col(ItemLinkRow.id))))
    undone = 0
    while links and sum(link.amount_minor for link in links) > abs(row.amount_minor):
        last = links.pop()
        last.undone_by, last.undone_at, last.reason = "connector", now, CHANGED
        tx.add(last)
        undone += 1
    return undone


def _row(connection_id: int, each: Item | Payment, origin: str, now: datetime) -> InvoiceItemRow | ItemPaymentRow:
    if isinstance(each, Item):
        return InvoiceItemRow(
            connection_id=connection_id,
            account=each.account,
            currency=each.currency,
            invoice=each.invoice,
            line=each.line,
            invoiced_on=each.invoiced_on,
            amount_minor=each.open,
            origin=origin,
            kept_at=now,
        )
    return ItemPaymentRow(
        connection_id=connection_id,
        account=each.account,
        currency=each.currency,
        payment=each.payment_id,
        paid_on=each.paid_on,
        amount_minor=each.open,
        kind=each.kind,
        invoice=each.invoice,
        reconcile=each.reconcile,
        recorded_by=each.recorded_by,
        origin=origin,
        kept_at=now,
    )


def _item(row: InvoiceItemRow, open_: int) -> Item:
    return Item(
        account=row.account, currency=row.currency, invoice=row.invoice, line=row.line, invoiced_on=row.invoiced_on,
        open=open_,
    )  # fmt: skip


def _payment(row: ItemPaymentRow, open_: int) -> Payment:
    return Payment(
        account=row.account, currency=row.currency, payment_id=row.payment, paid_on=row.paid_on, open=open_,
        kind=cast(Kind, row.kind), invoice=row.invoice, reconcile=row.reconcile, recorded_by=row.recorded_by,
    )  # fmt: skip


def _name(row: InvoiceItemRow) -> str:
    return f"{row.invoice}/{row.line}"


def _said(each: Item | Payment) -> str:
    name = each.name if isinstance(each, Item) else each.payment_id
    return f"{each.account}: {name}"
