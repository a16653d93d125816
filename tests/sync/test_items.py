"""Invoice items in the database: what links itself, the standing list, the tool, and everything taken back by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from connector.domain.items import Item, Kind, Payment
from connector.domain.sales import NoSale
from connector.errors import Unreadable
from connector.reconcile.allocate.automatic import NOT_CHOSEN, NOT_THE_BALANCE
from connector.reconcile.allocate.values import CREDIT_LEFT, NO_ITEM, NO_PAYMENT
from connector.settings import Settings
from connector.sources.registry import source
from connector.store.feeds import Connection, connections, keep_connection
from connector.store.items import over_linked
from connector.store.persons import keep_person, set_role
from connector.sync.house import House
from connector.sync.item_records import of_receipts
from connector.sync.items import (
    TAKEN_BACK,
    Reconciled,
    link_by_hand,
    links,
    record_payment,
    run_tool,
    take_in,
    take_records,
    undo,
    unreconciled,
)
from tests.cli.running import done, run
from tests.mapping.test_tills_of_months import month
from tests.opened import house as open_house
from tests.store.given import NOW, new

MARCH = date(2026, 3, 1)


def item(invoice: str, amount: int, day: int = 1, *, account: str = "Ana", line: int = 1) -> Item:
    return Item(
        account=account, currency="CAD", invoice=invoice, line=line, invoiced_on=MARCH.replace(day=day), open=amount
    )


def paid(
    name: str, amount: int, day: int = 1, *, kind: Kind = "client", invoice: str = "", yes: bool = False
) -> Payment:
    return Payment(
        account="Ana", currency="CAD", payment_id=name, paid_on=MARCH.replace(day=day), open=amount, kind=kind,
        invoice=invoice, reconcile=yes,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Club:
    """A club whose invoices are kept with one connection."""

    house: House
    connection: Connection

    def take(self, *rows: Item | Payment) -> Reconciled:
        items = [each for each in rows if isinstance(each, Item)]
        return take_in(
            self.house, self.connection, (items, [each for each in rows if isinstance(each, Payment)]), "a.csv"
        )

    def tool(self, account: str | None = None, by: str = "Olga") -> Reconciled:
        return run_tool(self.house, self.connection, account, by=by)

    def links(self) -> list[tuple[str, str, int, str]]:
        return [(each.payer, each.item, each.amount, each.how) for each in links(self.house, self.connection)]

    def listed(self) -> list[tuple[str, int, str]]:
        return [
            (each.of.payment_id if isinstance(each.of, Payment) else each.of.name, each.amount, each.reason)
            for each in unreconciled(self.house, self.connection)
        ]

    def permit(self, person: str = "Olga", role: str = "accountant") -> None:
        with self.house.database.transaction() as tx:
            keep_person(tx, person)
            set_role(tx, person, self.connection.organisation, role)

    def broken(self) -> list[str]:
        with self.house.database.transaction() as tx:
            return over_linked(tx, self.connection.id)


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    with open_house(Settings(home=tmp_path / "data", settle_seconds=0), lambda: NOW) as house:
        with house.database.transaction() as tx:
            kept = keep_connection(tx, new("club", "source"))
        yield Club(house=house, connection=kept)


def test_a_purchase_paid_in_full_and_each_instalment_are_linked_when_they_come(club: Club) -> None:
    done = club.take(
        item("S1", 5000), paid("P1", 5000, kind="purchase", invoice="S1"),
        item("M1", 30000, 2), paid("P2", 10000, 2, kind="instalment", invoice="M1"),
    )  # fmt: skip
    assert (done.links, club.links()) == (2, [("P1", "S1/1", 5000, "automatic"), ("P2", "M1/1", 10000, "automatic")])
    club.take(paid("P3", 10000, 20, kind="instalment", invoice="M1"))
    assert club.links()[-1] == ("P3", "M1/1", 10000, "automatic")
    assert club.listed() == [("M1/1", 10000, NO_PAYMENT)] and club.broken() == []


def test_a_clients_payment_equal_to_the_balance_is_linked_and_a_partial_one_stands_on_the_list(club: Club) -> None:
    club.take(item("A", 4000), item("B", 2000, 2), paid("P1", 6000, 3))
    assert [each[:3] for each in club.links()] == [("P1", "A/1", 4000), ("P1", "B/1", 2000)]
    club.take(item("C", 5000, 4), paid("P2", 3000, 5))
    assert club.listed()[0] == ("P2", 3000, NOT_THE_BALANCE)
    club.take(item("C", 5000, 4), paid("P2", 3000, 5))
    assert len(club.links()) == 2


def test_an_administrators_payment_is_linked_if_that_is_chosen_else_it_is_listed_as_missing(club: Club) -> None:
    club.take(item("A", 4000))
    record_payment(club.house, club.connection, paid("P1", 1500, 2, kind="administrator"))
    assert club.listed()[0] == ("P1", 1500, NOT_CHOSEN) and "missing from the reports" in NOT_CHOSEN
    done = record_payment(club.house, club.connection, paid("P2", 1000, 3, kind="administrator", yes=True))
    assert (done.links, club.links()) == (1, [("P2", "A/1", 1000, "automatic")])
    with pytest.raises(Unreadable, match="known already"):
        record_payment(club.house, club.connection, paid("P2", 1000, 3, kind="administrator", yes=True))


def test_the_tool_needs_a_permission_goes_by_age_and_a_second_run_changes_nothing(club: Club) -> None:
    club.take(item("A", 4000, 1), item("B", 2500, 9), item("K", -500, 2), paid("P1", 2500, 9), paid("P2", 9000, 10))
    with pytest.raises(Unreadable, match="no person 'Olga'"):
        club.tool()
    club.permit()
    club.permit("Pia", "operator")
    with pytest.raises(Unreadable, match="Pia is operator of Main Street, and may not decide"):
        club.tool(by="Pia")
    assert club.tool().links == 4
    made = [("K/1", "A/1", 500, "tool"), ("P1", "A/1", 2500, "tool"), ("P2", "A/1", 1000, "tool"),
            ("P2", "B/1", 2500, "tool")]  # fmt: skip
    assert club.links() == made
    again = club.tool()
    assert (again.links, club.links()) == (0, made)
    assert [(each.amount, each.reason) for each in again.left] == [(5500, NO_ITEM)]
    assert club.broken() == []


def test_the_tool_can_be_run_for_one_account(club: Club) -> None:
    club.permit()
    club.take(item("A", 100), item("Z", 100, account="Zoe"), paid("P1", 60))
    with pytest.raises(Unreadable, match="no payment and no item of the account Nil"):
        club.tool("Nil")
    assert club.tool("Zoe").links == 0
    assert club.tool("Ana").links == 1


def test_a_credit_that_nothing_is_owed_against_stays_with_its_reason(club: Club) -> None:
    club.permit()
    club.take(item("K", -700))
    assert [(each.amount, each.reason) for each in club.tool().left] == [(-700, CREDIT_LEFT)]


def test_a_link_is_taken_back_by_hand_and_nothing_makes_it_again_by_itself(club: Club) -> None:
    club.permit()
    club.take(item("A", 4000), paid("P1", 4000, 2))
    (made,) = links(club.house, club.connection)
    club.permit("Pia", "reader")
    with pytest.raises(Unreadable, match="may not"):
        undo(club.house, club.connection, made.id, by="Pia")
    undo(club.house, club.connection, made.id, by="Olga", reason="for another child")
    assert club.links() == [] and ("P1", 4000, TAKEN_BACK) in club.listed()
    club.take(item("B", 100, 3))
    assert club.links() == []
    (kept,) = links(club.house, club.connection, undone=True)
    assert (kept.undone_by, kept.reason) == ("Olga", "for another child")
    link_by_hand(club.house, club.connection, ("P1", "A/1"), 1500, by="Olga")
    assert club.links() == [("P1", "A/1", 1500, "hand")]
    with pytest.raises(Unreadable, match=r"25\.00 CAD open"):
        link_by_hand(club.house, club.connection, ("P1", "A/1"), 2600, by="Olga")
    with pytest.raises(Unreadable, match="no link 1 that stands"):
        undo(club.house, club.connection, made.id, by="Olga")


def test_who_is_no_accountant_any_more_may_reconcile_no_more(club: Club) -> None:
    club.permit()
    club.take(item("A", 100), paid("P1", 60))
    club.permit("Olga", "")
    with pytest.raises(Unreadable, match="Olga is nobody of Main Street, and may not decide"):
        club.tool()


def test_an_invoice_that_shrinks_gives_its_newest_links_back(club: Club) -> None:
    club.take(item("A", 4000), paid("P1", 1000, kind="instalment", invoice="A"))
    club.take(paid("P2", 3000, 2, kind="instalment", invoice="A"))
    done = club.take(item("A", 1000))
    assert (done.taken.changed, done.taken.unlinked) == (1, 1)
    assert club.links() == [("P1", "A/1", 1000, "automatic")] and club.broken() == []


@pytest.mark.parametrize(
    ("name", "found", "linked"),
    [("lightspeed", 2, 0), ("lightspeed_x", 2, 0), ("square", 7, 4)],
)
def test_sales_on_account_and_what_was_paid_for_them_come_from_the_source(
    name: str, found: int, linked: int, tmp_path: Path
) -> None:
    month(name, tmp_path)
    with open_house(Settings(home=tmp_path / "data", settle_seconds=0), lambda: NOW) as house:
        with house.database.transaction() as tx:
            (shop,) = connections(tx)
        first = take_records(house, shop)
        assert (first.taken.new, first.links) == (found, linked)
        again = take_records(house, shop)
        assert (again.taken.new, again.taken.changed, again.links) == (0, 0, 0)
        Club(house=house, connection=shop).permit()
        # A deposit on a credit account came before what was charged to it: nobody but a person says that they belong.
        assert run_tool(house, shop, by="Olga").links == (1 if name == "lightspeed" else 0)


def test_what_a_sale_on_account_no_longer_owes_was_paid_and_a_deleted_one_owes_nothing(tmp_path: Path) -> None:
    facts = month("lightspeed_x", tmp_path)
    defaults = source("lightspeed_x").defaults
    (owed,), _ = of_receipts(facts, defaults, {})
    (charged,) = [fact for fact in facts if fact.source_id == owed.invoice]
    (bucket,) = [each for each in charged.buckets if each.key.code == "ON_ACCOUNT"]
    less = replace(charged, buckets=tuple(replace(each, amount=6000) if each is bucket else each
                                          for each in charged.buckets))  # fmt: skip
    known = {(owed.account, owed.invoice): owed}
    items, payments = of_receipts([less], defaults, known)
    assert items == [owed] and [(each.kind, each.open) for each in payments] == [("instalment", owed.open - 6000)]
    gone = replace(charged, about=NoSale(record_id=owed.invoice, reason="deleted"), buckets=())
    assert [each.open for each in of_receipts([gone], defaults, known)[0]] == [0]


def body(*words: str) -> Any:
    return done(*words, "--json").json()


def test_the_commands_import_list_reconcile_and_undo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "data", settle_seconds=0)
    with open_house(settings, lambda: NOW) as house, house.database.transaction() as tx:
        keep_connection(tx, new("club", "source"))
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path / "data"))
    owed, money = tmp_path / "items.csv", tmp_path / "payments.csv"
    owed.write_text("invoice,line,account,date,amount,currency\nA,1,Ana,2026-03-01,40.00,CAD\n")
    money.write_text("payment,account,date,amount,currency,kind\nP1,Ana,2026-03-02,25.00,CAD,client\n")
    items = ("reconcile", "items")
    shown = done(*items, "import", "club", "--payments", money, "--items", owed).out
    assert "2 new rows" in shown and "0 links made. 2 stay open." in shown and NOT_THE_BALANCE in shown
    assert run(*items, "reconcile", "club", "--as", "Olga").status == 2
    done("person", "add", "Olga", "--organisation", "Main Street", "--role", "accountant")
    assert "1 links made" in done(*items, "reconcile", "club", "--as", "Olga").out
    assert "0 links made" in done(*items, "reconcile", "club", "--as", "Olga").out
    (made,) = body(*items, "links", "club")
    assert (made["payer"], made["item"], made["amount"], made["by"]) == ("P1", "A/1", "25.00", "Olga")
    done(*items, "undo", "club", "1", "--as", "Olga")
    pay = (*items, "pay", "club", "Ana", "P2", "5.00", "--on", "2026-03-05", "--currency", "CAD", "--as", "Olga")
    assert run(*pay).status == 2  # whether it is reconciled is asked each time
    assert "missing from the reports" in done(*pay, "--no-reconcile").out
    assert [each["name"] for each in body(*items, "list", "club")] == ["P1", "P2", "A/1"]
