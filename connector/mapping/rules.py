"""What mapping is told beside the facts: the source's proposals, the bookkeeper's map, and the feed's choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from connector.domain.account_map import AccountMap
from connector.domain.books import charges_tax_by_code
from connector.domain.defaults import SourceDefaults
from connector.domain.keys import business_key, mark

Style = Literal["clearing", "bank"]
Deposits = Literal["connector", "bank feed"]
FeedRole = Literal["sales and payouts", "sales only", "payouts only"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`account` is the source's id of the seller; `country` the books' (it decides how tax is carried);
    `separate_refunds` makes refunds documents of their own; `out_of_scope` is the books' code for lines without tax;
    `deposits` says who books the money at the bank: we, or the bookkeeper from the bank feed, to clearing;
    `role` says what of the source this feed posts, the rest being another feed's; `accrues_through` is the last month
    end at which orders held back by a marketplace are accrued (None: never, as for books on cash basis)."""

    defaults: SourceDefaults
    account_map: AccountMap
    organisation: str
    connection: str
    account: str
    country: str = "US"
    separate_refunds: bool = False
    out_of_scope: str = ""
    style: Style = "clearing"
    role: FeedRole = "sales and payouts"
    deposits: Deposits = "connector"
    accrues_through: date | None = None
    location_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_tax_code(self) -> bool:
        return charges_tax_by_code(self.account_map.country or self.country)

    def key(self, *, location: str, kind: str, period: str) -> str:
        """The business key of a period of this feed."""
        return business_key(
            source=self.defaults.source, account=self.account, location=location, kind=kind, period=period
        )

    def mark(self, key: str, day: date, version: int = 1) -> str:
        """The visible name of a version of a document."""
        return mark(
            prefix=self.defaults.prefix,
            day=day,
            organisation=self.organisation,
            connection=self.connection,
            key=key,
            version=version,
        )

    def place_name(self, location: str) -> str:
        return self.location_names.get(location, location)
