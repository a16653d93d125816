"""What mapping is told beside the facts: the source's proposals, the bookkeeper's map, and the feed's choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from connector.domain.account_map import AccountMap
from connector.domain.books import Books, charges_tax_by_code
from connector.domain.defaults import SourceDefaults
from connector.domain.keys import business_key, mark
from connector.domain.registration import REGISTERED, Registration

Style = Literal["clearing", "bank"]
Deposits = Literal["connector", "bank feed"]
FeedRole = Literal["sales and payouts", "sales only", "payouts only"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`account` is the source's id of the seller; `country` the books' (it decides how tax is carried);
    `separate_refunds` makes refunds documents of their own; `out_of_scope` is the books' code for lines without tax;
    `deposits` says who books the money at the bank: we, or the bookkeeper from the bank feed, to clearing;
    `role` says what of the source this feed posts, the rest being another feed's; `accrues_through` is the last month
    end at which orders held back by a marketplace are accrued (None: never, as for books on cash basis);
    `categories` gives the category of a product that the source tells apart; `earlier` are older maps, oldest first,
    each with the first day that it is not for; `registration` says from when tax is charged; what is before `starts_on`
    was booked by another method; `accounts` are the books, where what they lack may fall back."""

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
    location_currencies: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    earlier: tuple[tuple[date, AccountMap], ...] = ()
    starts_on: date | None = None
    registration: Registration = REGISTERED
    accounts: Books | None = None
    _dated: dict[int, Rules] = field(default_factory=dict, init=False, compare=False, repr=False)

    def on(self, day: date) -> Rules:
        """The rules of a day: under the version of the map that is for it."""
        n = next((n for n, (until, _) in enumerate(self.earlier) if day < until), None)
        if n is None:
            return self
        if n not in self._dated:
            self._dated[n] = replace(self, account_map=self.earlier[n][1], earlier=())
        return self._dated[n]

    def is_before_start(self, day: date) -> bool:
        """Whether a day is before the first one of the feed: another method booked it."""
        return self.starts_on is not None and day < self.starts_on

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
