"""Payments linked to items of invoices, kept: what links itself, the tool, links by hand, and links taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from connector.domain.items import Item, Payment
from connector.domain.person import Sight
from connector.errors import Unreadable
from connector.reconcile.allocate.automatic import reconcile_itself
from connector.reconcile.allocate.by_hand import link
from connector.reconcile.allocate.tool import allocate
from connector.reconcile.allocate.values import Allocation, Left
from connector.store import items as kept
from connector.store.database import Transaction
from connector.store.feeds import Connection
from connector.store.items import KeptLink, Open, Taken
from connector.store.persons import person
from connector.sync.house import House
from connector.sync.item_records import on_account

AUTOMATIC, TOOL, HAND = "automatic", "tool", "hand"
ITSELF = "connector"
T = TypeVar("T")
TAKEN_BACK = "a person took its link back: it waits for the tool or a link by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a run did, and what stays open with its reason."""

    taken: Taken
    links: int
    left: Sequence[Left]


def take_in(
    house: House, connection: Connection, sides: tuple[Sequence[Item], Sequence[Payment]], origin: str
) -> Reconciled:
    """Keeps the items and payments of a file, and links what needs nobody's decision."""
    with house.database.transaction(of=connection.id) as tx:
        taken = kept.take_in(tx, connection.id, sides, origin, house.now())
        return _itself(tx, house, connection, taken)


def take_records(house: House, connection: Connection) -> Reconciled:
    """Keeps what the source sold on account and what was paid for it, and links what needs nobody's decision."""
    with house.database.transaction(of=connection.id) as tx:
        found = on_account(tx, house, connection)
        taken = kept.take_in(tx, connection.id, found, kept.THE_RECORDS, house.now())
        return _itself(tx, house, connection, taken)


def record_payment(house: House, connection: Connection, payment: Payment) -> Reconciled:
    """A payment that an administrator records, and chose to reconcile or not; raises Unreadable for a known one."""
    with house.database.transaction(of=connection.id) as tx:
        if any(each.payment_id == payment.payment_id for each in kept.open_of(tx, connection.id).payments):
            raise Unreadable(f"Payment {payment.payment_id} is known already.")
        taken = kept.take_in(tx, connection.id, ((), (payment,)), "typed", house.now())
        return _itself(tx, house, connection, taken)


def run_tool(house: House, connection: Connection, account: str | None = None, *, by: str) -> Reconciled:
    """The oldest open payment to the oldest open item, of one account or all; a second run changes nothing.

    Raises Unreadable where the person may not."""
    with house.database.transaction(of=connection.id) as tx:
        _require(tx, connection, by)
        found = kept.open_of(tx, connection.id)
        accounts = {each.account for each in found.items} | {each.account for each in found.payments}
        if account is not None and account not in accounts:
            raise Unreadable(f"There is no payment and no item of the account {account}.")
        made = allocate(found.payments, found.items, account)
        count = kept.keep_links(tx, connection.id, made.links, (TOOL, by), house.now())
        return Reconciled(taken=Taken(), links=count, left=made.left)


def link_by_hand(house: House, connection: Connection, names: tuple[str, str], amount: int, *, by: str) -> None:
    """So much of a payment to an item (`names`: the payment, and the item as invoice/line); raises Unreadable."""
    with house.database.transaction(of=connection.id) as tx:
        _require(tx, connection, by)
        found = kept.open_of(tx, connection.id)
        payment = _only([each for each in found.payments if each.payment_id == names[0]], f"payment {names[0]}")
        of_account = [each for each in found.items if each.name == names[1] and each.account == payment.account]
        made = link(payment, _only(of_account, f"item {names[1]} of {payment.account}"), amount)
        kept.keep_links(tx, connection.id, [made], (HAND, by), house.now())


def undo(house: House, connection: Connection, link_id: int, *, by: str, reason: str = "") -> None:
    """Takes a link back: both sides are open again, and nothing links them by itself; it stays in the history."""
    with house.database.transaction(of=connection.id) as tx:
        _require(tx, connection, by)
        kept.undo_link(tx, connection.id, link_id, (by, reason), house.now())


def unreconciled(house: House, connection: Connection) -> list[Left]:
    """Every payment, credit and item that stays open, with its reason: the standing list."""
    with house.database.transaction() as tx:
        return list(_decided(kept.open_of(tx, connection.id)).left)


def links(house: House, connection: Connection, *, undone: bool = False) -> list[KeptLink]:
    with house.database.transaction() as tx:
        return kept.links_of(tx, connection.id, undone=undone)


def _itself(tx: Transaction, house: House, connection: Connection, taken: Taken) -> Reconciled:
    made = _decided(kept.open_of(tx, connection.id))
    count = kept.keep_links(tx, connection.id, made.links, (AUTOMATIC, ITSELF), house.now())
    return Reconciled(taken=taken, links=count, left=made.left)


def _decided(found: Open) -> Allocation:
    """What links itself. A payment of which a person took a link back waits for a person."""
    waits = found.taken_back
    payments = [replace(each, kind="administrator", reconcile=False) if each.payment_id in waits else each
                for each in found.payments]  # fmt: skip
    made = reconcile_itself(payments, [item for item in found.items if item.open])
    return Allocation(links=made.links, left=[_told(each, waits) for each in made.left])


def _told(left: Left, waits: Iterable[str]) -> Left:
    is_back = isinstance(left.of, Payment) and left.of.payment_id in waits
    return replace(left, reason=TAKEN_BACK) if is_back else left


def _require(tx: Transaction, connection: Connection, by: str) -> None:
    """Raises Unreadable unless it is somebody whose role in the organisation lets it decide."""
    Sight(person=by, roles=person(tx, by).roles).need("decide", connection.organisation)


def _only(found: Sequence[T], what: str) -> T:
    if len(found) != 1:
        raise Unreadable(f"There is no {what}." if not found else f"There are {len(found)} of {what}.")
    return found[0]
