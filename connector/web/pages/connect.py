"""The page of one provider: consent on the provider's own page, a token that the owner copied, or files."""

from __future__ import annotations

from starlette.responses import Response

from connector.errors import Unreadable
from connector.store.feeds import connections
from connector.sync.connect import Wanted
from connector.sync.connect import connect as keep
from connector.sync.consent import begin, paste, placed
from connector.sync.providers import Provider, provider
from connector.sync.webhooks import address
from connector.web.asked import Asked, Office, see_other
from connector.web.door import may_post_to
from connector.web.rendering import render

LONGEST_TOKEN = 4_000


def connect(office: Office, asked: Asked) -> Response:
    """GET shows the forms, POST begins consent."""
    found = provider(office.settings, asked.path["provider"])
    if asked.method == "POST":
        return _begun(office, asked, found)
    with office.house.database.transaction() as tx:
        organisations = sorted({each.organisation for each in connections(tx)})
    shown = render(
        office,
        asked,
        "connect.html",
        provider=found,
        organisations=organisations,
        organisation=asked.query.get("organisation", "")[:200] or (organisations[0] if organisations else ""),
        name=asked.query.get("name", "")[:200],
        redirect_uri=_redirect_uri(office, found),
        webhook=address(office.settings, found.name, office.base_url),
    )
    if found.missing:
        return shown
    # Each region has a page of its own, which is not known yet.
    return may_post_to(shown, found.page) if not found.has_regions else may_post_to(shown, found.page, "https://*")


def paste_token(office: Office, asked: Asked) -> Response:
    """Takes a token and goes on to whose it is."""
    found = provider(office.settings, asked.path["provider"])
    if not found.takes_token:
        raise Unreadable(f"{found.label} gives no tokens to copy: connect it on its consent page.")
    base_url, _ = placed(found.name, office.settings.address(found.name), asked.text("region", 40))
    wanted = _wanted(asked, found, base_url)
    number = paste(office.house, wanted, asked.text("token", LONGEST_TOKEN), asked.session.secret)
    return see_other(f"/confirm/{number}")


def for_files(office: Office, asked: Asked) -> Response:
    """A source that is read from files: there is nobody to ask."""
    found = provider(office.settings, asked.path["provider"])
    if not found.reads_files:
        raise Unreadable(f"{found.label} is not read from files.")
    keep(office.house, _wanted(asked, found, office.settings.address(found.name)), None)
    return see_other("/connections")


def _begun(office: Office, asked: Asked, found: Provider) -> Response:
    if found.missing:
        raise Unreadable(f"{found.label} cannot be asked yet: set {' and '.join(found.missing)}.")
    if found.has_regions and not asked.text("region"):
        raise Unreadable(f"Say where you sell on {found.label}: a country such as DE, or a region.")
    base_url, region = placed(found.name, office.settings.address(found.name), asked.text("region", 40))
    wanted = _wanted(asked, found, base_url)
    consent_page = begin(office.house, wanted, region, _redirect_uri(office, found), asked.session.secret)
    return see_other(consent_page)


def _wanted(asked: Asked, found: Provider, base_url: str) -> Wanted:
    organisation = asked.text("organisation")
    if not organisation:
        raise Unreadable("Say whose books these are: the organisation has no name.")
    name, account = asked.text("name"), asked.text("account")
    return Wanted(organisation=organisation, provider=found.name, name=name, base_url=base_url, account=account)


def _redirect_uri(office: Office, found: Provider) -> str:
    return f"{office.base_url}/callback/{found.name}"
