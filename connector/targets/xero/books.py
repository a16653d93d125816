"""One organisation's books in Xero, opened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta

from connector.domain.books import Account, Books
from connector.domain.defaults import SlotAccount
from connector.domain.document import Document
from connector.domain.drift import Difference, Standing
from connector.errors import ConnectorError
from connector.targets.contract import Banked, Organisation, Outgoing, Receipt, Rendered
from connector.targets.xero.attachments import attach
from connector.targets.xero.balances import balances_of
from connector.targets.xero.changes import changed
from connector.targets.xero.chart import Listings, account_of, books_of, new_account
from connector.targets.xero.client import XeroClient
from connector.targets.xero.compare import differences, type_of
from connector.targets.xero.deposits import banked
from connector.targets.xero.permissions import require_permitted
from connector.targets.xero.posting import piece_of, post
from connector.targets.xero.records import NewContact, Piece, RecordRead
from connector.targets.xero.revise import replace, void
from connector.targets.xero.translate.documents import render
from connector.transport.access import Access

LOOK_BACK = timedelta(days=2)  # a journal is looked for from before its own day: clocks and zones differ


class XeroBooks:
    """What a target promises (see the contract), kept by Xero."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client = XeroClient(access)

    def organisation(self) -> Organisation:
        found = self._client.organisation()
        return Organisation(
            external_id=self._access.external_id,
            name=found.name,
            country=found.country_code,
            currency=found.base_currency,
        )

    def books(self) -> Books:
        client = self._client
        return books_of(
            Listings(
                organisation=client.organisation(),
                accounts=client.accounts(),
                tax_rates=client.tax_rates(),
                tracking=client.tracking_categories(),
                contacts=client.contacts(),
                denied=client.denied(),
                currencies=client.currencies(),
            )
        )

    def open_account(self, wanted: SlotAccount) -> Account:
        return account_of(self._client.create_account(new_account(wanted)))

    def open_contact(self, name: str) -> str:
        """The id of the contact of that name, created where there is none: every document of a source names it."""
        found = self._client.contact(name) or self._client.create_contact(NewContact(name=name))
        return found.contact_id

    def open_items(self, contact: str, accounts: Sequence[Account]) -> None:
        """Nothing: lines of Xero name accounts, and the contact of a source is there from its connection on."""

    def render(self, document: Document, books: Books) -> tuple[Rendered, ...]:
        pieces = render(document, books)
        for piece in pieces:
            require_permitted(piece, books)
        return tuple(
            Rendered(part=piece.part, kind=piece.kind, mark=piece.mark, day=piece.day, payload=piece.payload)
            for piece in pieces
        )

    def find(self, rendered: Rendered) -> list[Receipt]:
        """A record that a person voided or deleted counts only where there is no other: it is not written again."""
        piece = piece_of(rendered)
        found = [record for record in self._candidates(piece) if record.mark_of(piece.kind) == piece.mark]
        alive = [record for record in found if not record.is_gone]
        return [
            Receipt(target_id=record.id_of(piece.kind), version=record.version, rate=record.rate)
            for record in alive or found
        ]

    def post(self, outgoing: Sequence[Outgoing]) -> list[Receipt | ConnectorError]:
        return post(self._client, outgoing)

    def read_back(self, rendered: Rendered, receipt: Receipt) -> list[Difference]:
        piece = piece_of(rendered)
        held = self._client.one(piece.kind, receipt.target_id)
        gone = [Difference(kind="gone", text="Xero no longer has it.")]
        return gone if held is None else differences(piece, held)

    def changed(self, since: datetime) -> list[Standing]:
        return changed(self._client, since)

    def replace(self, rendered: Rendered, receipt: Receipt) -> Receipt:
        return replace(self._client, rendered, receipt)

    def void(self, rendered: Rendered, receipt: Receipt) -> Receipt:
        return void(self._client, rendered, receipt)

    def banked(self, account: Account, amounts: Collection[int] | None, first: date, last: date) -> list[Banked]:
        return banked(self._client, account, amounts, (first, last))

    def attach(self, receipt: Receipt, kind: str, name: str, content: bytes) -> str:
        return attach(self._client, receipt, kind, name, content)

    def balances(self) -> dict[str, int]:
        client = self._client
        return balances_of(client.trial_balance(), client.accounts(), client.organisation().base_currency)

    def _candidates(self, piece: Piece) -> list[RecordRead]:
        """Records that may carry the piece's mark, by the quickest way Xero has for their kind."""
        client = self._client
        match piece.kind:
            case "invoice":
                return [one for one in client.by_invoice_number(piece.mark) if one.type == type_of(piece)]
            case "credit_note":
                return list(client.where(piece.kind, f'CreditNoteNumber=="{piece.mark}"'))
            case "manual_journal":
                return list(client.since(piece.kind, self._since(piece)))
            case "payment" | "bank_transaction" | "bank_transfer":
                return list(client.where(piece.kind, f'Reference=="{piece.mark}"'))

    def _since(self, piece: Piece) -> datetime:
        """A journal has no number to ask for, so those changed since it can have been written are looked through."""
        first = min(date.fromisoformat(piece.day), self._access.now().date()) - LOOK_BACK
        return datetime.combine(first, time(), UTC)
