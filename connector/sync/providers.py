"""The providers that can be connected, and what each still needs before its consent page can be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from connector.errors import Unreadable
from connector.settings import Settings
from connector.sources.contract import Source
from connector.sources.registry import names as source_names
from connector.sources.registry import source
from connector.targets.contract import Target
from connector.targets.registry import names as target_names
from connector.targets.registry import target
from connector.transport.oauth import Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider. `missing` are the variables without which its consent page cannot be opened; `asks_account` says
    that a pasted token does not tell whose it is; `page` is its consent page, without a query; `limits` what a source
    cannot tell."""

    name: str
    label: str
    side: Literal["source", "target"]
    missing: tuple[str, ...]
    takes_token: bool
    token_is_refresh: bool
    reads_files: bool
    has_regions: bool
    asks_account: bool
    page: str
    limits: str


def providers(settings: Settings) -> list[Provider]:
    """Sources, then books; those that only write files are not among them."""
    sources = [_provider(settings, source(name)) for name in source_names()]
    books = [_provider(settings, target(name)) for name in target_names() if target(name).open is not None]
    return [*sources, *books]


def provider(settings: Settings, name: str) -> Provider:
    """The provider of that name; raises Unreadable, naming those there are."""
    known = {each.name: each for each in providers(settings)}
    if name not in known:
        raise Unreadable(f"There is no provider {name!r}; there are: {', '.join(known)}.")
    return known[name]


def _provider(settings: Settings, found: Source | Target) -> Provider:
    is_source, consent = isinstance(found, Source), found.consent
    return Provider(
        name=found.name,
        label=found.label if isinstance(found, Source) else found.title,
        side="source" if is_source else "target",
        missing=_missing(settings, found.name, consent),
        takes_token=is_source and consent is not None,
        token_is_refresh=consent is not None and consent.pasted_is_refresh,
        reads_files=isinstance(found, Source) and found.reads_files,
        has_regions=isinstance(found, Source) and found.region is not None,
        asks_account=consent is not None and bool(consent.account_parameter),
        page=consent.at(settings.address(found.name)).authorize_url if consent else "",
        limits=found.limits if isinstance(found, Source) else "",
    )


def _missing(settings: Settings, name: str, consent: Consent | None) -> tuple[str, ...]:
    wanted = []
    if consent is None:
        return ()
    if not settings.clients.get(name, ("", ""))[0]:
        wanted.append(f"CONNECTOR_CLIENT_{name.upper()}")
    if not urlsplit(consent.authorize_url).netloc and not settings.address(name):
        wanted.append(f"CONNECTOR_URL_{name.upper()}")
    if consent.application_parameter and not settings.applications.get(name):
        wanted.append(f"CONNECTOR_APPLICATION_{name.upper()}")
    return tuple(wanted)
