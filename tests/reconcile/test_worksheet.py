"""The worksheet of a tax return: a row for each tax of each place, with what it was charged on."""

from __future__ import annotations

from connector.domain.facts import BucketKey
from connector.reconcile.worksheet import BY_MARKETPLACE, Sold, TaxRow, worksheet

CITY, STATE = "New York City", "New York"
BOTH = f"{CITY} + {STATE}"


def piece(role: str, amount: int, code: str, tax_code: str = "", account: str = "", **more: str) -> Sold:
    fields = {"kind": role, "period": "2026-03-14", "location": "L1", "parent": "sale|Food" if role == "tax" else ""}
    key = BucketKey(code=code, tax_code=tax_code, currency="USD", **{**fields, **more})
    return Sold(key=key, role=role, amount=amount, account=account)


SALES = [
    piece("sales", 100_00, "Food", BOTH),
    piece("discount", -10_00, "Promo", BOTH),
    piece("sales", 40_00, "Shoes", STATE),
    piece("sales", 20_00, "Beans"),
    piece("refund", -5_00, "Food", BOTH),
]
TAXES = [
    piece("tax", 3_83, CITY, BOTH),
    piece("tax", 3_40, STATE, BOTH),
    piece("tax", 1_60, STATE, STATE),
]


def made(sold: list[Sold], booked: list[Sold]) -> dict[str, TaxRow]:
    rows = worksheet(sold, booked, {each.key for each in sold if each.role == "tax"})
    return {row.name: row for row in rows}


def in_books(pieces: list[Sold]) -> list[Sold]:
    return [
        Sold(key=e.key, role=e.role, amount=e.amount, account="Sales Tax" if e.role == "tax" else "Sales")
        for e in pieces
    ]


def test_two_taxes_of_one_sale_have_a_row_each_with_their_own_base() -> None:
    rows = made([*SALES, *TAXES], in_books([*SALES, *TAXES]))
    assert {name: (row.gross, row.exempt, row.taxable, row.tax, row.rate) for name, row in rows.items()} == {
        CITY: (145_00, 60_00, 85_00, 3_83, "4.506"),
        STATE: (145_00, 20_00, 125_00, 5_00, "4.000"),
        "": (145_00, 125_00, 20_00, 0, ""),
    }
    assert all(row.is_tied for row in rows.values())
    assert (rows[CITY].accounts, rows[""].accounts) == (("Sales Tax",), ())


def test_a_day_that_is_not_in_the_books_is_missing_in_its_rows() -> None:
    rows = made([*SALES, *TAXES], in_books([*SALES[:4], TAXES[0], TAXES[2]]))
    assert (rows[CITY].is_tied, rows[CITY].booked_taxable) == (False, 90_00)
    assert (rows[STATE].booked_tax, rows[STATE].owed) == (1_60, 5_00)


def test_a_zero_rate_has_its_row_though_no_tax_was_charged() -> None:
    rows = made([piece("sales", 60_00, "Cold food", "Zero rated")], [])
    assert (rows["Zero rated"].taxable, rows["Zero rated"].tax, rows["Zero rated"].is_tied) == (60_00, 0, False)


def test_what_a_marketplace_collects_and_pays_over_itself_is_not_owed() -> None:
    month = {"period": "2026-04", "location": "", "parent": ""}
    sold = [
        piece("sales", 100_00, "Order|ItemPrice|Principal", **month),
        piece("tax", 8_00, "Order|ItemPrice|Tax", kind="tax_collected", **month),
        piece("tax", -8_00, "Order|ItemWithheldTax|Facilitator", kind="marketplace_tax_withheld", **month),
    ]  # fmt: skip
    row = made(sold, in_books(sold))[BY_MARKETPLACE]
    assert (row.gross, row.taxable, row.tax, row.remitted, row.owed, row.is_tied) == (
        100_00,
        100_00,
        8_00,
        8_00,
        0,
        True,
    )
