"""The lists of a company: accounts, tax codes and rates, places, and the names that forms refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connector.domain.books import Account, TaxRate
from connector.domain.defaults import SlotAccount
from connector.errors import AlreadyThere, Rejected
from connector.targets.quickbooks import chart, records
from connector.targets.quickbooks.client import QuickBooksClient, quoted
from connector.targets.quickbooks.translate import names
from connector.targets.quickbooks.translate.chart import CLASS, LOCATION
from connector.targets.quickbooks.wire import wire

ALL = "where Active in (true, false)"


def accounts(client: QuickBooksClient) -> list[records.Account]:
    return client.rows("Account", records.Account, ALL)


def tax_codes(client: QuickBooksClient) -> list[records.TaxCode]:
    return client.rows("TaxCode", records.TaxCode, ALL)


def percents(client: QuickBooksClient, *, by_code: bool) -> dict[str, Decimal]:
    """The rates by id, in VAT and GST books; others name none on a line."""
    rates = client.rows("TaxRate", records.TaxRate, ALL) if by_code else []
    return {rate.id: rate.rate_value for rate in rates if rate.rate_value is not None}


def tax_rates(codes: Sequence[records.TaxCode], percents: Mapping[str, Decimal]) -> tuple[TaxRate, ...]:
    return tuple(
        TaxRate(code=code.id, name=code.name, is_active=code.active, percent=_on_sales(code, percents))
        for code in codes
    )


def _on_sales(code: records.TaxCode, percents: Mapping[str, Decimal]) -> str:
    """The rates of a code on sales together; empty where one of them is not known."""
    found = [percents.get(detail.tax_rate_ref.value) for detail in code.sales_tax_rate_list.tax_rate_detail]
    known = [percent for percent in found if percent is not None]
    return f"{sum(known, Decimal(0)).normalize():f}" if known and len(known) == len(found) else ""


def tracking(client: QuickBooksClient, accounting: records.AccountingInfoPrefs) -> tuple[tuple[str, str, str], ...]:
    by_class = accounting.class_tracking_per_txn or accounting.class_tracking_per_txn_line
    kept = [(LOCATION, "Department", accounting.track_departments), (CLASS, "Class", by_class)]
    return tuple(
        (category, place.fully_qualified_name or place.name, place.id)
        for category, kind, is_kept in kept
        if is_kept
        for place in client.rows(kind, records.Place)
    )


def named(
    client: QuickBooksClient, codes: Sequence[records.TaxCode], percents: Mapping[str, Decimal]
) -> tuple[names.Named, ...]:
    """Customers, vendors and items of our making, and in VAT and GST books the rates behind each tax code."""
    return (*_people(client), *_items(client), *_rates(codes, percents))


def open_account(client: QuickBooksClient, wanted: SlotAccount) -> Account:
    """Opens an account, or answers the active one that has this name and type already.

    No request id is sent: account names are unique, and an old answer could speak of an account since archived."""
    try:
        return chart.account(client.create("Account", wire(chart.creation(wanted)), "", records.Account))
    except AlreadyThere:
        return _account_of(client, wanted)


def open_person(client: QuickBooksClient, kind: str, name: str) -> str:
    """The id of the active Customer or Vendor of that name, created where there is none."""
    where = f"where DisplayName = {quoted(name)}"
    found = client.rows(kind, records.Person, where)
    made = found[0] if found else client.create(kind, wire({"DisplayName": name}), "", records.Person)
    return made.id


def open_items(client: QuickBooksClient, accounts: Sequence[Account]) -> None:
    """Creates the item that stands for each account on sales forms, where there is none."""
    known = {item.income_account_ref.value for item in _our_items(client) if item.income_account_ref}
    for account in accounts:
        if account.account_id in known:
            continue
        body: dict[str, object] = {
            "Name": names.item_name(account),
            "Type": "Service",
            "IncomeAccountRef": {"value": account.account_id, "name": account.name},
        }
        client.create("Item", wire(body), "", records.Item)


def _people(client: QuickBooksClient) -> Iterator[names.Named]:
    for kind, ends, as_named in (
        ("Customer", names.CUSTOMER_ENDS, names.named_customer),
        ("Vendor", names.VENDOR_ENDS, names.named_vendor),
    ):
        for person in client.rows(kind, records.Person, f"where DisplayName like {quoted('%' + ends)}"):
            yield as_named(person.display_name, person.id)


def _items(client: QuickBooksClient) -> Iterator[names.Named]:
    for item in _our_items(client):
        if item.income_account_ref:
            yield names.named_item(item.income_account_ref.value, item.id)


def _our_items(client: QuickBooksClient) -> list[records.Item]:
    return client.rows("Item", records.Item, f"where Name like {quoted(names.ITEM_BEGINS + '%')}")


def _rates(codes: Sequence[records.TaxCode], percents: Mapping[str, Decimal]) -> Iterator[names.Named]:
    for code in codes:
        for side, listed in (("Sales", code.sales_tax_rate_list), ("Purchase", code.purchase_tax_rate_list)):
            for detail in listed.tax_rate_detail:
                id_ = detail.tax_rate_ref.value
                if id_ in percents:
                    yield names.named_rate(code.id, side, f"{percents[id_]:f}", id_)


def _account_of(client: QuickBooksClient, wanted: SlotAccount) -> Account:
    where = f"{ALL} and Name = {quoted(wanted.name)}"
    found = [chart.account(read) for read in client.rows("Account", records.Account, where)]
    fitting = [account for account in found if account.is_active and account.type == wanted.type]
    if not fitting:
        raise Rejected(
            f"QuickBooks has an account {wanted.name!r} of another type, or an inactive one: "
            "rename that one, or choose another name.",
            code="6240",
        )
    return fitting[0]
