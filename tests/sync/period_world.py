"""A weekend of Square, posted into QuickBooks, with the bank's lines of two of its three payouts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from connector.domain.items import Payment
from connector.reconcile.statements.door import read_statements
from connector.reconcile.statements.reading import Reading
from connector.store.bank import open_lines
from connector.store.feeds import Feed, connection, feed
from connector.store.persons import keep_person, set_role
from connector.sync.bank import deposits, import_lines
from connector.sync.decide import ignore
from connector.sync.house import House
from connector.sync.items import record_payment
from tests.sync.walking import connected, house, town, walked

ORGANISATION = "Main Street"
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
LINES = """Date,Description,Amount,Currency
2026-03-16,SQUARE INC L260316000002,117.11,USD
2026-03-17,SQUARE INC L260317000003,269.93,USD
2026-03-25,RENT,-900.00,USD
"""
LAST_PAYOUT = "2026-03-18,SQUARE INC L260318000004,29.06,USD\n"


def square(ready: House) -> Feed:
    with ready.database.transaction() as tx:
        return feed(tx, "square-quickbooks")


@contextmanager
def month_end(folder: Path) -> Iterator[House]:
    """The house at the end of the month; Ada is the accountant, Bo only reads."""
    with town(folder) as here, house(folder) as ready:
        connected(ready, here, "quickbooks")
        walked(ready)
        bank_shows(ready, LINES)
        with ready.database.transaction() as tx:
            (rent,) = [each for each in open_lines(tx, square(ready).target.id) if each.line.amount == -900_00]
            for name, role in (("Ada", "accountant"), ("Bo", "reader")):
                keep_person(tx, name)
                set_role(tx, name, ORGANISATION, role)
        ignore(ready, rent.id, by="Ada", reason="rent has no payout")
        yield ready


def bank_shows(ready: House, text: str) -> None:
    """A statement comes in, and what is certain is matched."""
    if not text.startswith("Date"):
        text = LINES.splitlines()[0] + "\n" + text
    read = read_statements("bank.csv", text.encode(), Reading(account="Checking"))
    import_lines(ready, square(ready).target, "Checking", read)
    deposits(ready, square(ready), apply_certain=True)


def administrator_pays(ready: House) -> None:
    """A payment that an administrator records without reconciling it."""
    with ready.database.transaction() as tx:
        source = connection(tx, "square")
    payment = Payment(
        account="C1", currency="USD", payment_id="77", paid_on=date(2026, 3, 20), open=25_00, kind="administrator",
        reconcile=False, recorded_by="Bo",
    )  # fmt: skip
    record_payment(ready, source, payment)
