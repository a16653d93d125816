"""How a transaction is created, changed, voided and deleted, whatever its kind: each kind says what is wrong with one,
how it is kept, and what it does to the accounts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from connector.sandbox.body import Body, child, children, text
from connector.sandbox.quickbooks.company import Company
from connector.sandbox.quickbooks.refusals import Refused, rule
from connector.sandbox.quickbooks.transactions import check_open, deleted, home_legs, merged

Legs = list[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of transaction. `check` answers a sent one as it is kept, with its legs (account id, minor units, debit
    positive), or raises Refused; it is told the Id of the one that is changed. `void` empties one, where it can be."""

    name: str
    check: Callable[[Company, Body, str], tuple[Body, Legs]]
    void: Callable[[Body], Body] | None = None


def create(company: Company, kind: Kind, sent: Body) -> Body:
    """Book a new transaction and answer it as kept."""
    body, legs = kind.check(company, sent, "")
    return _book(company, kind, company.keep_new(kind.name, body, mark=text(body, "DocNumber")), legs)


def update(company: Company, kind: Kind, sent: Body) -> Body:
    """Replace a transaction (or, with sparse, the fields that were sent); its SyncToken must be the newest."""
    before = _changeable(company, kind, sent)
    body, legs = kind.check(company, merged(before, sent), text(before, "Id"))
    return _book(company, kind, company.keep_changed(kind.name, before, body, mark=text(body, "DocNumber")), legs)


def delete(company: Company, kind: Kind, sent: Body) -> Body:
    """Take a transaction out of the books; afterwards it is unknown (610)."""
    before = _changeable(company, kind, sent)
    _check_unlinked(company, kind, text(before, "Id"))
    return deleted(company, kind.name, before)


def void(company: Company, kind: Kind, sent: Body) -> Body:
    """Empty a transaction: it stays, with its number and without amounts, and its note begins with Voided."""
    if kind.void is None:
        raise Refused(rule(f"A {kind.name} cannot be voided."))
    before = _changeable(company, kind, sent)
    _check_unlinked(company, kind, text(before, "Id"))
    emptied = {**kind.void(before), "PrivateNote": f"Voided - {text(before, 'PrivateNote')}"}
    kept = company.keep_changed(kind.name, before, merged(before, emptied), mark=text(before, "DocNumber"))
    return _book(company, kind, kept, [])


def links_to(company: Company, kind: str, id: str) -> Iterable[tuple[Body, Body]]:  # noqa: A002
    """Each payment, with its line, that is linked to the transaction."""
    for paying in ("Payment", "BillPayment"):
        for payment in company.shelf.all(paying):
            for line in children(payment, "Line"):
                if any(link["TxnType"] == kind and link["TxnId"] == id for link in children(line, "LinkedTxn")):
                    yield payment, line


def _changeable(company: Company, kind: Kind, sent: Body) -> Body:
    before = company.current(kind.name, sent)
    check_open(company, text(before, "TxnDate"))
    return before


def _check_unlinked(company: Company, kind: Kind, id: str) -> None:  # noqa: A002
    for payment, _ in links_to(company, kind.name, id):
        raise Refused(rule(f"This {kind.name} is linked to payment {payment['Id']}: delete or void that one first."))


def _book(company: Company, kind: Kind, kept: Body, legs: Legs) -> Body:
    company.ledger.enter(f"{kind.name} {kept['Id']}", home_legs(company, kept, legs))
    return kept


def ref_of(body: Body, field: str) -> str:
    """The id that a reference names; empty where there is none."""
    return text(child(body, field), "value")
