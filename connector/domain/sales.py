"""What happened at the shop: sales, tenders, refunds, register closures. Amounts in minor units, as the shop counts."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Sale(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Goods or services sold; `tendered` names the tenders that paid for it: tender id → amount.

    `total` is what was to be paid, taxes, tips and charges included, less what was returned in the same sale. Until
    the sale `is_complete`, it holds no movements of its own and its tenders are customer deposits. `returned_from`
    names the sales whose goods come back in it."""

    sale_id: str
    total: int
    tendered: tuple[tuple[str, int], ...] = ()
    is_return: bool = False
    is_complete: bool = True
    returned_from: tuple[str, ...] = ()


class Remark(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What does not agree in a record and changes nothing that is posted: the source's name for it, and a sentence."""

    code: str
    message: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sale or refund that brings its tenders in the same record; whether they agree is the translator's to say.
    `register` is the source's id of the till it was taken at, `account` that of the customer's credit account which it
    charges or pays, each empty where it is not told. `remarks` only warn."""

    receipt_id: str
    is_refund: bool = False
    register: str = ""
    account: str = ""
    remarks: tuple[Remark, ...] = ()


class Tender(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a sale was paid; `refunded` is what the source says was given back of it so far."""

    tender_id: str
    sale_id: str
    amount: int
    refunded: int = 0


class Refund(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money given back: `sale_id` is the return, `tender_id` the tender it gives back (empty where unlinked)."""

    refund_id: str
    sale_id: str
    tender_id: str
    amount: int


class TillCount(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a till summed up by itself from its opening (None: since it was closed before) to its closing, as `totals`
    by kinds and code in the sign of our movements. Kinds may be joined by +; where it is not told which of two sums
    is meant, they are joined by "or"; the code * stands for all that are not named. Where `holds`, a difference holds
    its days; else it is a warning."""

    report: str
    register: str
    opened_at: datetime | None
    closed_at: datetime
    totals: tuple[tuple[str, str, int], ...]
    holds: bool = False


class CardStep(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A step of a gift card: what was put on it (+) or taken off (−), None where it is not told, and its balance after
    that. The card goes by the source's id, never by its number."""

    card: str
    change: int | None
    balance: int


class Balances(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What customers owe (+) or have in the shop (−) at a moment, by the source's id of each account; under an empty id
    what is only known in sum. Movements of `roles` must come to it."""

    roles: tuple[str, ...]
    rows: tuple[tuple[str, int], ...]


class NoSale(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record that holds no money: an abandoned cart, a cancelled order, a declined card; with its reason.
    `till` is what a till that is still open had summed up when it was looked at, `step` what became of a gift card,
    `balances` what accounts held at that moment."""

    record_id: str
    reason: str
    till: TillCount | None = None
    step: CardStep | None = None
    balances: Balances | None = None


class RegisterClosure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The till counted and closed: what was expected in it and what was found. Over/short is found less expected.
    `till` is what it summed up of its sales, where the source tells it."""

    closure_id: str
    expected: int
    counted: int
    till: TillCount | None = None


class Charge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money that moves without a sale: a processor's fee with its own date, a change of a gift card's balance."""

    charge_id: str
    about: str = ""
    step: CardStep | None = None


class DayTotals(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The source's own totals of a day and place, by kind and code, in the sign of our movements: what our sums of the
    same kind and code must equal, to the cent. Kinds may be joined by +, and * stands for every code. `covers` names
    the kinds that the totals are complete for: a code that we have and the source does not is then a difference."""

    report: str
    totals: tuple[tuple[str, str, int], ...]
    covers: tuple[str, ...]
