"""What every target is: one frozen value, TARGET, in the target.py of its folder, that opens books."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from connector.domain.books import Account, Books
from connector.domain.defaults import SlotAccount
from connector.domain.document import Document
from connector.domain.drift import Difference, Standing
from connector.domain.webhook import Webhook
from connector.errors import ConnectorError
from connector.transport.access import Access
from connector.transport.oauth import Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One record of a document as it will be written, complete before the intent is stored.

    `part` tells the records of one document apart ("" for the first, then P1, C, R1 …) and ends the mark;
    `payload` holds text, integers (money in minor units), lists and maps only; `day` is the record's date, ISO. `rate`
    is the one (home units for one foreign unit) that the books chose when they took the record, for a payload that
    names none: they are held to it."""

    part: str
    kind: str
    mark: str
    day: str
    payload: dict[str, object]
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A record on its way, with the idempotency key of exactly this payload."""

    rendered: Rendered
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The books' answer: their id and version of the record, the trace id their support asks for, and in what the
    record as they answered it differs from what was sent (a look-up compares nothing: it leaves that empty). `rate`:
    home units for one foreign unit, as they converted it; empty where they did not, or do not say."""

    target_id: str
    version: str
    trace_id: str = ""
    differences: tuple[Difference, ...] = ()
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Banked:
    """A record of anybody that moves an amount (minor units of the account's currency, debit positive) on its day.
    `others` are the accounts on its other side, each by the books' id or its number; `is_matched` says whether a person
    matched it with a line of the bank, None where the books do not tell."""

    standing: Standing
    amount: int
    day: date
    others: tuple[str, ...] = ()
    is_matched: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Whose books a connection opens."""

    external_id: str
    name: str
    country: str
    currency: str


class OpenBooks(Protocol):
    """The books of one organisation, opened. Every method turns outside failures into the errors of the house."""

    def organisation(self) -> Organisation: ...

    def books(self) -> Books: ...

    def open_account(self, wanted: SlotAccount) -> Account:
        """Creates an account as proposed; raises Rejected where the books refuse it."""
        ...

    def open_contact(self, name: str) -> str:
        """The id of the contact that a source's documents name, created where it is missing; empty where the books
        need none."""
        ...

    def open_items(self, contact: str, accounts: Sequence[Account]) -> None:
        """Whatever the books' forms (invoices, receipts, bills) must name beside accounts: opened where it is missing.
        The books must be read again after it."""
        ...

    def render(self, document: Document, books: Books) -> tuple[Rendered, ...]:
        """The records of a document, in the order in which they must be written. Pure; raises NeedsMapping where an
        account is missing or of a type that cannot stand there, Rejected where the books' lock forbids the date."""
        ...

    def find(self, rendered: Rendered) -> list[Receipt]:
        """What the books hold under the record's mark; more than one is an alarm, never repaired by itself."""
        ...

    def post(self, outgoing: Sequence[Outgoing]) -> list[Receipt | ConnectorError]:
        """Writes records; one outcome for each, in order. Nothing is sent twice in here. An outcome that is not known
        is OutcomeUnknown; Unsent is what did not go out, for what it depends on failed."""
        ...

    def read_back(self, rendered: Rendered, receipt: Receipt) -> list[Difference]:
        """What the books hold, compared with what was sent; none where they are equal."""
        ...

    def changed(self, since: datetime) -> list[Standing]:
        """Every record of the kinds that we write which was made, edited or deleted since, by anybody."""
        ...

    def replace(self, rendered: Rendered, receipt: Receipt) -> Receipt:
        """Writes a record over the one of that id, if the books still hold the version of the receipt; raises Rejected
        where a person has changed it meanwhile, or where it is matched, paid or locked."""
        ...

    def void(self, rendered: Rendered, receipt: Receipt) -> Receipt:
        """Voids a record (deletes it where the books know no other way, and say so themselves); raises Rejected where
        it is matched, reconciled or locked. Gives the receipt of what remains."""
        ...

    def banked(self, account: Account, amounts: Collection[int] | None, first: date, last: date) -> list[Banked]:
        """Records of anybody with exactly one of these amounts (debit positive; None: any) on the account, dated
        within these days: one answer for all deposits of a run."""
        ...

    def attach(self, receipt: Receipt, kind: str, name: str, content: bytes) -> str:
        """Attaches a file to a record and gives the attachment's id; one of that name that is there already stays."""
        ...

    def balances(self) -> dict[str, int]:
        """The balance of each account by name, minor units of its currency, debit positive."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target at a glance. `batch` is how many records are taken in hand at once; `separate_refunds` says that
    refunds are documents of their own (credit notes); `out_of_scope` is the tax code of lines that carry no tax, where
    books have one everywhere; `reaches` tells which organisations a consent reaches, where the consent itself does not
    say; `webhook` reads the deliveries in which the books say that somebody changed something."""

    name: str
    title: str
    batch: int
    separate_refunds: bool
    out_of_scope: str
    consent: Consent | None = None
    webhook: Webhook | None = None
    open: Callable[[Access], OpenBooks] | None = None
    reaches: Callable[[Access], tuple[str, ...]] | None = None
