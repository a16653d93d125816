"""The CSV export `dash-daily-export/1` → summaries; pure. One row tells one thing of one location and day.

A row that is not understood makes the whole file unreadable: a day without it would be another day."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from connector.errors import Unreadable
from connector.sources.dash.records import CONTRACT, Summary

EXPORT = "dash-daily-export/1"
COLUMNS = (
    "contract", "location_id", "business_date", "currency", "revision", "section", "key", "name", "group", "quantity",
    "amount", "amount2", "amount3", "rate",
)  # fmt: skip
TOTALS = ("gift_card_sold", "gift_card_redeemed", "tips", "service_charges", "rounding", "paid_out")
YES_NO = {"yes": True, "no": False}

Row = Mapping[str, str]
Fields = dict[str, object]
_Day = tuple[str, str, str]  # location, date, revision


@dataclass(slots=True)
class _Draft:
    """A day as its rows have told it so far: single fields, and the rows of each list by their own name."""

    currency: str
    fields: Fields = field(default_factory=dict)
    lists: dict[str, dict[tuple[str, ...], Fields]] = field(default_factory=dict)

    def add(self, section: str, name: tuple[str, ...], entry: Fields) -> None:
        known = self.lists.setdefault(section, {})
        if name in known:
            raise ValueError(f"{section} {' '.join(name)} stands there twice")
        known[name] = {key: value for key, value in entry.items() if value not in ("", None)}

    def entry(self, section: str, name: tuple[str, ...]) -> Fields:
        if name not in self.lists.get(section, {}):
            raise ValueError(f"there is no {section} {' '.join(name)} above it")
        return self.lists[section][name]

    def tell(self, key: str, value: object) -> None:
        if key in self.fields:
            raise ValueError(f"{key} stands there twice")
        self.fields[key] = value


def export_summaries(content: bytes) -> list[Summary]:
    """The summaries of a file, in the order they begin; raises Unreadable with the line that is not understood."""
    drafts: dict[_Day, _Draft] = {}
    for line, row in _rows(content):
        day = row["location_id"], row["business_date"], row["revision"]
        try:
            _read_row(drafts.setdefault(day, _Draft(currency=row["currency"])), row)
        except ValueError as error:
            raise Unreadable(f"line {line}: {error}.") from None
    return [_summary(day, draft) for day, draft in drafts.items()]


def _rows(content: bytes) -> Iterator[tuple[int, Row]]:
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        if tuple(next(reader, [])) != COLUMNS:
            raise Unreadable(f"it is no export {EXPORT} (this project's contract): its header differs.")
        for cells in reader:
            if len(cells) != len(COLUMNS):
                raise Unreadable(f"line {reader.line_num}: {len(cells)} cells, not {len(COLUMNS)}.")
            yield reader.line_num, dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8 text.") from None
    except csv.Error as error:
        raise Unreadable(f"it is no sound CSV: {error}.") from None


def _read_row(draft: _Draft, row: Row) -> None:
    if row["contract"] != EXPORT:
        raise ValueError(f"the contract is {row['contract']!r}, not {EXPORT}")
    if row["currency"] != draft.currency:
        raise ValueError(f"the day is in {draft.currency} and in {row['currency']}")
    section = SECTIONS.get(row["section"])
    if section is None:
        raise ValueError(f"the section {row['section']!r} is not known; there are: {', '.join(SECTIONS)}")
    section(draft, row)


def _product(draft: _Draft, row: Row) -> None:
    entry: Fields = {"product_id": row["key"], "product": row["name"], "category": row["group"]}
    entry |= {"gross": row["amount"], "discount": row["amount2"], "net": row["amount3"]}
    draft.add("product", (row["key"] or row["name"],), entry)


def _product_tax(draft: _Draft, row: Row) -> None:
    """An empty name says that the product bears no tax."""
    entry = draft.entry("product", (row["key"],))
    named = entry.get("tax_ids", ())
    assert isinstance(named, tuple)  # nobody else writes it
    entry["tax_ids"] = (*named, row["name"]) if row["name"] else named


def _product_provider(draft: _Draft, row: Row) -> None:
    draft.entry("product", (row["key"],))["provider"] = row["name"]


def _tax(draft: _Draft, row: Row) -> None:
    entry: Fields = {"tax_id": row["key"], "name": row["name"], "amount": row["amount"]}
    draft.add("tax", (row["key"],), entry | {"taxable": row["amount2"], "rate": row["rate"]})


def _payment(draft: _Draft, row: Row) -> None:
    entry: Fields = {"method": row["key"], "provider": row["group"], "amount": row["amount"]}
    draft.add("payment", (row["key"], row["group"]), entry)


def _refund(draft: _Draft, row: Row) -> None:
    section = row["section"].removesuffix("_refund")
    name = (row["key"], row["group"]) if section == "payment" else (row["key"],)
    draft.entry(section, name)["refunded"] = row["amount"]


def _fee(draft: _Draft, row: Row) -> None:
    entry: Fields = {"fee_id": row["key"], "name": row["name"], "amount": row["amount"]}
    draft.add("fee", (row["key"], row["name"]), entry | _deducted(row))


def _paid_out(draft: _Draft, row: Row) -> None:
    entry: Fields = {"paid_out_id": row["key"], "name": row["name"], "amount": row["amount"]}
    draft.add("paid_out", (row["key"], row["name"]), entry | _deducted(row))


def _deducted(row: Row) -> Fields:
    return {"deducted": _yes_no(row["group"])} if row["group"] else {}


def _delivery(draft: _Draft, row: Row) -> None:
    entry: Fields = {"provider": row["key"], "tax_remitted_by": row["group"], "tax_id": row["name"]}
    entry |= {"net_sales": row["amount"], "tax": row["amount2"], "tips": row["amount3"]}
    draft.add("delivery", (row["key"],), entry)


def _commission(draft: _Draft, row: Row) -> None:
    draft.entry("delivery", (row["key"],))["commission"] = row["amount"]


def _total(draft: _Draft, row: Row) -> None:
    if row["key"] not in TOTALS:
        raise ValueError(f"the total {row['key']!r} is not known; there are: {', '.join(TOTALS)}")
    draft.tell(row["key"], row["amount"])


def _day(draft: _Draft, row: Row) -> None:
    if row["key"] not in ("closed", "location"):
        raise ValueError(f"{row['key']!r} is not known of a day; there are: closed, location")
    draft.tell(row["key"], _yes_no(row["name"]) if row["key"] == "closed" else row["name"])


def _yes_no(text: str) -> bool:
    if text not in YES_NO:
        raise ValueError(f"{text!r} is neither yes nor no")
    return YES_NO[text]


SECTIONS: dict[str, Callable[[_Draft, Row], None]] = {
    "day": _day, "product": _product, "product_tax": _product_tax, "product_provider": _product_provider,
    "product_refund": _refund, "tax": _tax, "tax_refund": _refund, "payment": _payment, "payment_refund": _refund,
    "fee": _fee, "paid_out": _paid_out, "delivery": _delivery, "commission": _commission, "total": _total,
}  # fmt: skip


def _summary(day: _Day, draft: _Draft) -> Summary:
    location, business_date, revision = day
    told, lists = draft.fields, {section: list(rows.values()) for section, rows in draft.lists.items()}
    body: Fields = {
        "contract": CONTRACT,
        "location": {"id": location, "name": told.get("location")},
        "business_date": business_date,
        "currency": draft.currency,
        "revision": int(revision) if revision.isdecimal() and len(revision) < 10 else revision,
        "closed": told.get("closed", True),
        "products": lists.get("product", []),
        "taxes": lists.get("tax", []),
        "payments": lists.get("payment", []),
        "gift_cards": {"sold": told.get("gift_card_sold"), "redeemed": told.get("gift_card_redeemed")},
        "fees": lists.get("fee"),
        "paid_outs": lists.get("paid_out"),
        "delivery_providers": lists.get("delivery"),
    }
    body |= {key: told[key] for key in ("tips", "service_charges", "rounding", "paid_out") if key in told}
    try:
        return msgspec.convert(body, Summary)
    except msgspec.ValidationError as error:
        raise Unreadable(f"the day {business_date} of location {location}: {error}.") from None
