"""The provider's answer, and the question that comes before anything is kept: is this the company that is meant?"""

from __future__ import annotations

from starlette.responses import Response

from connector.errors import NeedsReconnect
from connector.sync.consent import answer, confirm, decline, question, standing
from connector.sync.providers import provider
from connector.web.asked import Asked, Office, see_other
from connector.web.rendering import render

LONGEST_PARAMETER = 4_000


def callback(office: Office, asked: Asked) -> Response:
    """Where a provider sends the browser back to. The code leaves the address bar at once."""
    found = provider(office.settings, asked.path["provider"])
    told = {name: value[:LONGEST_PARAMETER] for name, value in asked.query.items()}
    number = answer(office.house, found.name, told, asked.session.secret)
    return see_other(f"/confirm/{number}")


def ask(office: Office, asked: Asked) -> Response:
    """GET names the company and asks; POST takes the word."""
    number, session = _number(asked), asked.session.secret
    if asked.method == "POST":
        return _taken(office, asked, number)
    wanted = question(office.house, number, session)
    companies = [(each, *standing(office.house, wanted, each)) for each in wanted.companies]
    label = provider(office.settings, wanted.wanted.provider).label
    return render(office, asked, "confirm.html", number=number, label=label, wanted=wanted.wanted, companies=companies)


def _taken(office: Office, asked: Asked, number: int) -> Response:
    session = asked.session.secret
    if asked.text("answer") != "yes":
        decline(office.house, number, session)
        return see_other("/")
    is_other = asked.text("other") == "yes"
    confirm(office.house, number, session, asked.text("account"), is_other=is_other)
    return see_other("/connections")


def _number(asked: Asked) -> int:
    told = asked.path["number"]
    if not told.isdecimal() or len(told) > 12:
        raise NeedsReconnect("There is nothing to confirm here.")
    return int(told)
