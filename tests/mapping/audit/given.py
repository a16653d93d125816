"""A well-kept shop as the auditor sees it: a month of sales by Square, every account there, nothing to find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from msgspec import structs

from connector.domain.account_map import AccountMap, Placement
from connector.domain.books import Account, AccountType, Books, TaxRate
from connector.domain.document import Role
from connector.domain.finding import Finding
from connector.mapping.auditor import audit
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.values import PaidOut, Posted, Use
from tests.mapping.given import rules

TODAY = date(2026, 11, 21)
FIRST = TODAY - timedelta(days=60)
YESTERDAY = TODAY - timedelta(days=1)

_KINDS: dict[AccountType, str] = {"current_asset": "Other Current Asset", "bank": "Bank", "income": "Income",
                                  "current_liability": "Other Current Liability", "expense": "Expense"}  # fmt: skip


def account(name: str, type_: AccountType = "income", number: str = "", **more: object) -> Account:
    made = Account(
        account_id=f"id {name}",
        name=name,
        number=number,
        type=type_,
        kind=_KINDS.get(type_, type_),
        takes_payments=type_ in ("bank", "current_asset"),
    )
    return replace(made, **more)  # type: ignore[arg-type]


ACCOUNTS = (
    account("Checking", "bank"),
    account("Square Sales", "income", "SQ-2000"),
    account("Square Fees", "expense", "SQ-3000"),
    account("Square Tax on Fees", "expense", "SQ-3009"),
    account("Square Balance", "current_asset", "SQ-6000"),
    account("Square Cash Clearing", "current_asset", "SQ-6001"),
    account("Square Tips", "current_liability", "SQ-8000"),
    account("Square Gift Cards", "current_liability", "SQ-8001"),
    account("Square Sales Tax Collected", "current_liability", "SQ-8002"),
)


def use(kind: str, code: str, amount: int, **more: object) -> Use:
    made = Use(kind, code, "", "USD", "", "", "", "", amount, 10, FIRST, YESTERDAY)
    return structs.replace(made, **more)


USES = (
    use("sale", "Food", 600_00),
    use("tax", "Sales Tax", 48_00, parent="sale|Food"),
    use("tip", "", 30_00),
    use("tender", "CARD", 578_00),
    use("tender", "CASH", 100_00),
    use("entry_fee", "CHARGE", -15_00),
)


def books(*others: Account, without: Iterable[str] = (), country: str = "US", rates: tuple[TaxRate, ...] = ()) -> Books:
    """The shop's books: each account given takes the place of the one of its name."""
    gone = {*without, *(each.name for each in others)}
    kept = tuple(each for each in ACCOUNTS if each.name not in gone)
    return Books(
        name="Main Street",
        country=country,
        currency="USD",
        accounts=(*kept, *others),
        tax_rates=rates,
        tracking=(("Location", "Main St", "t1"),),
    )


def world(*uses: Use, account_map: AccountMap | None = None, **changes: object) -> Audit:
    """The shop, with those uses beside its own."""
    made = Audit(
        feed="shop",
        today=TODAY,
        rules=rules(account_map=account_map or mapped()),
        books=books(),
        uses=(*USES, *uses),
        payouts=(PaidOut("po_1", YESTERDAY, 563_00, "USD"),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def mapped(
    slots: dict[str, Placement] | None = None,
    codes: dict[tuple[str, str], Placement] | None = None,
    **more: object,
) -> AccountMap:
    made = AccountMap(number=1, slots={"bank": Placement(account="Checking"), **(slots or {})}, codes=codes or {})
    return replace(made, **more)  # type: ignore[arg-type]


def to(name: str, **more: str) -> Placement:
    return Placement(account=name, **more)  # type: ignore[arg-type]


def posted(name: str, role: Role, day: date, debit: int = 0, credit: int = 0) -> Posted:
    return Posted(name, role, day, "USD", debit, credit)


def found(values: Audit) -> dict[str, Finding]:
    """The findings by code; a code found twice fails."""
    findings = audit(values)
    assert len({finding.code for finding in findings}) == len(findings), findings
    return {finding.code: finding for finding in findings}


def only(values: Audit, code: str) -> Finding:
    """The one finding there is."""
    findings = audit(values)
    assert [finding.code for finding in findings] == [code], findings
    assert findings[0].message.endswith(".") and findings[0].fix, findings[0]
    return findings[0]
