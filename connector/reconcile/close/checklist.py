"""The checklist of a period's end: each item done, to be looked at, or blocking the sign-off, with the next step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from connector.domain.money import grouped_text
from connector.reconcile.report.footing import unfooted
from connector.reconcile.report.values import Report, Row

State = Literal["done", "warning", "blocking"]
SHOWN = 3  # things that an item names
NOT_SENT = ("to be posted", "being sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to be done. `told` says how it stands, `next_step` what to do; empty where it is done."""

    name: str
    title: str
    state: State
    told: str
    next_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the checklist is answered from: the report of the period, whether its last day is over everywhere, days and
    payouts that should have come and did not, days that came and are in no books, findings that are open by how grave
    they are, and the books that are not locked up to its end."""

    organisation: str
    report: Report
    is_over: bool
    missing: Sequence[str] = ()
    not_posted: Sequence[str] = ()
    blocking: Sequence[str] = ()
    warnings: Sequence[str] = ()
    not_locked: Sequence[str] = ()


def checklist(looked: Looked) -> tuple[Item, ...]:
    """Every item, in the order in which they are best dealt with."""
    return tuple(_items(looked))


def blocking(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item.state == "blocking"]


def _items(looked: Looked) -> Iterator[Item]:
    report, name = looked.report, looked.organisation
    waiting = [row for row in report.table("waiting").rows if row.cells["state"] != "ignored"]
    unsent = [str(row.cells["of"]) for row in waiting if row.cells["state"] in NOT_SENT]
    held = [_with_amount(row, "of") for row in waiting if row.cells["state"] not in NOT_SENT]
    over = [] if looked.is_over else [f"{report.last} is not over yet"]
    yield _item(("over", "The period is over"), over, "Wait until its last day is over.")
    yield _item(("pulled", "Every day and payout came"), looked.missing,
                "connector calendar FEED shows them; connector backfill FEED --from DAY reads them.")  # fmt: skip
    yield _item(("held", "Nothing is held or refused"), held, "connector status tells each reason and what mends it.")
    yield _item(("posted", "Everything is posted"), [*unsent, *looked.not_posted], "connector post FEED")
    yield _matched(report)
    yield _item(("clearing", "Every clearing balance is explained"), _unexplained(report),
                "connector reconcile clearing FEED shows each account with its items.")  # fmt: skip
    yield _item(("findings", "No finding blocks"), looked.blocking, f"connector audit --organisation '{name}'",
                looked.warnings)  # fmt: skip
    missing = [_with_amount(row, "name", "missing") for row in report.table("ties").rows if row.amount("missing")]
    yield _item(("tax", "Tax, gift cards and accounts tie to the source"), missing, "connector reconcile ties FEED")
    changed = [row for row in report.table("discrepancies").rows if row.cells["what"] == "changed in the books"]
    drifted = [str(row.cells["about"]) for row in changed if row.cells["state"] == "open"]
    yield _item(("drift", "Nothing was changed in the books"), drifted, "connector drift list: accept, restore, detach")
    yield _item(("adds", "The report adds up"), list(unfooted(report)), "connector reconcile report shows where not.")
    left = [_with_amount(row, "payment") for row in report.table("unreconciled").rows]
    yield _item(("payments", "Every payment is reconciled"), [], "connector reconcile items list", left)
    yield _item(("locked", "The month is locked in the books"), [], "Set the closing date there.", looked.not_locked)


def _matched(report: Report) -> Item:
    payouts, bank = report.table("payouts").rows, report.table("bank").rows
    missing = [_with_amount(row, "payout") for row in payouts if row.cells["state"] == "missing"]
    open_ = [f"payout {_with_amount(row, 'payout')}" for row in payouts if row.cells["state"] == "not compared"]
    open_ += [f"bank line {_with_amount(row, 'line')}" for row in bank if row.cells["state"] == "open"]
    waits = [row for row in report.table("matches").rows if row.cells["state"] == "waits for a yes"]
    open_ += [f"match {row.cells['match']} waits for a yes" for row in waits]
    step = "connector reconcile statements FILE takes a statement in, connector reconcile deposits FEED matches it."
    return _item(("matched", "Every payout is at the bank"), missing, step, open_)


def _unexplained(report: Report) -> list[str]:
    rows = report.table("clearing").rows
    return [_with_amount(row, "account", "unexplained") for row in rows if row.amount("unexplained")]


def _item(names: tuple[str, str], blocks: Sequence[str], next_step: str, warns: Sequence[str] = ()) -> Item:
    """An item that is blocked by some things, warned about by others, or done."""
    name, title = names
    state: State = "blocking" if blocks else "warning" if warns else "done"
    if state == "done":
        return Item(name=name, title=title, state=state, told="")
    return Item(
        name=name,
        title=title,
        state=state,
        told="; also: ".join(filter(None, (_few(blocks), _few(warns)))),
        next_step=next_step,
    )


def _few(things: Sequence[str]) -> str:
    more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    return "; ".join(things[:SHOWN]) + more


def _with_amount(row: Row, name: str, column: str = "amount") -> str:
    told = str(row.cells[name])
    if not row.currency:
        return told
    return f"{told} ({grouped_text(row.amount(column), row.currency)} {row.currency})"
