"""Amazon's regions: which Seller Central asks for consent, and where the API is. An authorisation is for one region."""

from __future__ import annotations

from functools import lru_cache

from connector.domain.defaults import table
from connector.errors import Unreadable
from connector.sources.contract import Region

API = {
    "NA": "https://sellingpartnerapi-na.amazon.com",
    "EU": "https://sellingpartnerapi-eu.amazon.com",
    "FE": "https://sellingpartnerapi-fe.amazon.com",
}
CONSENT_PATH = "/apps/authorize/consent"

_ALSO = {"uk": "gb"}


def region(name: str) -> Region:
    """The region of that name (NA, EU, FE), or of a marketplace by its site or country ("Amazon.de", "DE"), whose own
    Seller Central asks for consent. Raises Unreadable, naming those there are."""
    wanted = name.strip().casefold()
    wanted = _ALSO.get(wanted, wanted)
    found = _by_name().get(wanted) or _by_name().get(f"amazon.{wanted.removeprefix('amazon.')}")
    if found is None:
        countries = ", ".join(row["country"] for row in _marketplaces())
        raise Unreadable(f"Amazon has no region or marketplace {name!r}; there are: {', '.join(API)}, {countries}.")
    return found


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Region]:
    """By site, country and region; that of a region is the first of its marketplaces."""
    found: dict[str, Region] = {}
    for row in _marketplaces():
        each = Region(
            authorize_url=f"https://{row['seller_central']}{CONSENT_PATH}",
            base_url=API[row["region"]],
            path=row["region"].casefold(),
        )
        for key in ("site", "country", "region"):
            found.setdefault(row[key].casefold(), each)
    return found


def _marketplaces() -> tuple[dict[str, str], ...]:
    return tuple(dict(row) for row in table(__package__ or "", "marketplaces.csv"))
