"""Amazon's three regions: each has its own API and its own sellers, and an authorisation is for one of them.

The seller of Europe and that of the Far East have reports as they are written there: a decimal comma and dotted dates,
yen without decimals and Japan's own time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from connector.sandbox.amazon_chain import Plan
from connector.sandbox.amazon_deferrals import MARKETPLACE_IDS
from connector.sandbox.amazon_seller import report
from connector.sandbox.body import Body
from connector.sandbox.shelf import Shelf

_JAPAN = timezone(timedelta(hours=9))
_MADE_AFTER = timedelta(hours=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marketplace:
    """One of Amazon's sites, as the Sellers API tells it."""

    place_id: str
    name: str
    currency: str
    country: str
    language: str

    @property
    def participation(self) -> Body:
        """That the seller sells there."""
        return {
            "marketplace": {
                "id": self.place_id,
                "name": self.name,
                "countryCode": self.country,
                "defaultCurrencyCode": self.currency,
                "defaultLanguageCode": self.language,
                "domainName": f"www.{self.name.lower()}",
            },
            "participation": {"isParticipating": True, "hasSuspendedListings": False},
            "storeName": "Copper & Kettle",
        }


def _place(name: str, place_id: str, currency: str, country: str, language: str) -> Marketplace:
    return Marketplace(place_id=place_id, name=name, currency=currency, country=country, language=language)


REGIONS: Mapping[str, tuple[Marketplace, ...]] = {
    "na": (
        _place("Amazon.com", MARKETPLACE_IDS["Amazon.com"], "USD", "US", "en_US"),
        _place("Amazon.ca", MARKETPLACE_IDS["Amazon.ca"], "CAD", "CA", "en_CA"),
        _place("Non-Amazon CA", "A1SIMCF", "CAD", "CA", "en_CA"),
    ),
    "eu": (
        _place("Amazon.co.uk", "A1F83G8C2ARO7P", "GBP", "GB", "en_GB"),
        _place("Amazon.de", "A1PA6795UKMFR9", "EUR", "DE", "de_DE"),
        _place("Amazon.fr", "A13V1IB3VIYZZH", "EUR", "FR", "fr_FR"),
        _place("Amazon.se", "A2NODRKZP88ZB9", "SEK", "SE", "sv_SE"),
    ),
    "fe": (
        _place("Amazon.co.jp", "A1VC38T7YXB528", "JPY", "JP", "ja_JP"),
        _place("Amazon.com.au", "A39IBJ37TRP1C6", "AUD", "AU", "en_AU"),
    ),
}
"""The marketplaces of the seller in each region, by the path that the region has here."""


def _at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def _plan(settlement_id: str, marketplace: str, total: int) -> Plan:
    return Plan(settlement_id=settlement_id, marketplace=marketplace, starts=_at("2026-05-20T22:30"),
                ends=_at("2026-06-03T22:30"), orders=21, total=total)  # fmt: skip


ABROAD = (
    _plan("30011122201", "Amazon.co.uk", 51_234),
    _plan("30011122202", "Amazon.de", 64_005),
    _plan("30011122203", "Amazon.fr", 42_110),
    _plan("30011122204", "Amazon.se", 90_870),
    _plan("40011122201", "Amazon.co.jp", 66_666),
    _plan("40011122202", "Amazon.com.au", 38_019),
)
"""A settlement of each marketplace of Europe and of the Far East, all over the same month end."""


def fill_abroad(shelf: Shelf) -> None:
    """Puts the settlements of Europe and of the Far East on the shelf, unless they lie there."""
    places = {place.name: place for region in REGIONS.values() for place in region}
    known = {str(each.get("settlement")) for each in shelf.all("amazon-report")}
    for plan in ABROAD:
        if plan.settlement_id not in known:
            place = places[plan.marketplace]
            report(shelf, plan, plan.ends + _MADE_AFTER, places=(place.place_id,), write=written_there)


def written_there(plan: Plan) -> bytes:
    """A report as the marketplace of its settlement writes it."""
    if plan.marketplace == "Amazon.co.jp":
        return _rewritten(plan.content, lambda text: text.replace(".", ""), _japanese).encode("cp932")
    if plan.marketplace in ("Amazon.de", "Amazon.fr", "Amazon.se"):
        return _rewritten(plan.content, lambda text: text.replace(".", ","), _dotted).encode("cp1252")
    return plan.content


def _rewritten(content: bytes, amount: Callable[[str], str], moment: Callable[[str], str]) -> str:
    header, *lines = content.decode().split("\n")
    names = header.split("\t")
    written = [_cells(zip(names, line.split("\t"), strict=False), amount, moment) for line in lines if line]
    return "\n".join([header, *written, ""])


def _cells(cells: Iterable[tuple[str, str]], amount: Callable[[str], str], moment: Callable[[str], str]) -> str:
    return "\t".join(
        amount(text) if "amount" in name and text[-1:].isdigit() else moment(text) if text.endswith(" UTC") else text
        for name, text in cells
    ).replace("MarketplaceFacilitatorTax", "MarketplaceFacilitatorVAT")


def _japanese(written: str) -> str:
    return f"{_at(written.removesuffix(' UTC')).astimezone(_JAPAN):%Y/%m/%d %H:%M:%S} JST"


def _dotted(written: str) -> str:
    return f"{_at(written.removesuffix(' UTC')):%d.%m.%Y %H:%M:%S} UTC"
