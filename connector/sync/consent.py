"""Consent in a browser: asked for, answered, and kept once a person has said that this is the company they mean."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import msgspec

from connector.errors import NeedsMapping, NeedsReconnect, Unreadable
from connector.sources.contract import Region
from connector.sources.registry import names as source_names
from connector.sources.registry import source as find_source
from connector.store.consents import (
    KeptConsent,
    NewConsent,
    answer_consent,
    begin_consent,
    consent_by_id,
    consent_by_state,
    empty_consent,
    use_consent,
)
from connector.store.database import Transaction
from connector.store.feeds import Connection, connections
from connector.sync.connect import Company, Wanted, accounts, company, consent_of, keep, takes_refresh_token
from connector.sync.house import House
from connector.transport.oauth import Consent, Grant, Pending

MOST_COMPANIES = 20

Standing = Literal["new", "again", "other"]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is asked before anything is kept: whether these companies, of which one is taken, are meant."""

    wanted: Wanted
    companies: tuple[Company, ...]

    def of(self, account: str) -> Company:
        """The company with that id; the only one where none is named. Raises NeedsMapping."""
        found = [each for each in self.companies if account in ("", each.external_id)]
        if len(found) != 1:
            raise NeedsMapping("The consent reaches several companies: say which one is meant.")
        return found[0]


def begin(house: House, wanted: Wanted, region: Region | None, redirect_uri: str, session: str) -> str:
    """The address of the provider's page, for a browser; what it answers is taken in this session only, once, within
    ten minutes."""
    from connector.transport.exchange import authorize_url

    consent, client = page_of(wanted, region), house.client(wanted.provider)
    pending = authorize_url(consent, client, redirect_uri)
    asked = _Asked(wanted=wanted, redirect_uri=redirect_uri, verifier=pending.verifier)
    _begin(house, asked, pending.state, session)
    return pending.url


def answer(house: House, provider: str, parameters: Mapping[str, str], session: str) -> int:
    """Takes what the provider's page sent back, and gives the number of the question to ask now.

    Raises NeedsReconnect where it belongs to no consent of this session, came late or came before, or where the owner
    declined; nothing was exchanged then."""
    from connector.transport.exchange import exchange

    state = parameters.get("state", "")
    with house.database.transaction() as tx:
        kept = consent_by_state(tx, house.vault, state)
        _check(house, kept, provider, session)
        assert kept is not None  # just checked
        if not use_consent(tx, kept.id, house.now()):
            raise NeedsReconnect(_USED)
    asked = msgspec.json.decode(kept.body, type=_Asked)
    pending = Pending(url="", redirect_uri=asked.redirect_uri, state=state, verifier=asked.verifier)
    consent = consent_of(provider, asked.wanted.base_url)
    grant = exchange(consent, house.client(provider), pending, parameters, house.now)
    _answered(house, kept.id, asked.wanted, grant)
    return kept.id


def paste(house: House, wanted: Wanted, token: str, session: str) -> int:
    """Takes a token that an owner copied, and gives the number of the question to ask now."""
    grant = pasted_grant(house, wanted, token)
    number = _begin(house, _Asked(wanted=wanted, redirect_uri="", verifier=""), secrets.token_urlsafe(32), session)
    with house.database.transaction() as tx:
        use_consent(tx, number, house.now())
    _answered(house, number, wanted, grant)
    return number


def question(house: House, number: int, session: str) -> Question:
    """What is to be asked. Raises NeedsReconnect where this session has no such question, or no longer."""
    with house.database.transaction() as tx:
        got = _got(house, consent_by_id(tx, house.vault, number), session)
    return Question(wanted=got.wanted, companies=got.companies)


def standing(house: House, asked: Question, found: Company) -> tuple[Standing, Connection | None]:
    """Whether a company is new here, is connected again, or would take the name of another one, which is given."""
    with house.database.transaction() as tx:
        return _standing(tx, _named(tx, asked.wanted, found), found)


def confirm(house: House, number: int, session: str, account: str = "", *, is_other: bool = False) -> Connection:
    """Keeps the company that was meant, under its own name where it was connected before, and the tokens with it.

    Raises Unreadable, with nothing changed, where the name stands for another company and that was not said."""
    with house.database.transaction() as tx:
        got = _got(house, consent_by_id(tx, house.vault, number), session)
        found = Question(wanted=got.wanted, companies=got.companies).of(account)
        wanted = replace(_named(tx, got.wanted, found), is_other_confirmed=is_other)
        if _standing(tx, wanted, found)[0] == "other" and not is_other:
            raise Unreadable("The name stands for another company, and that was not confirmed. Nothing was changed.")
        empty_consent(tx, house.vault, number)
    return keep(house, wanted, found, got.grant)


def decline(house: House, number: int, session: str) -> None:
    """Forgets what came; nothing was kept."""
    with house.database.transaction() as tx:
        _got(house, consent_by_id(tx, house.vault, number), session)
        empty_consent(tx, house.vault, number)


def placed(provider: str, address: str, region_name: str) -> tuple[str, Region | None]:
    """Where an account is reached, and its region where the provider has some: at another address a region is a path
    below it. Raises Unreadable for a region where there are none, or of a name that is not known."""
    if not region_name:
        return address, None
    find = find_source(provider).region if provider in source_names() else None
    if find is None:
        raise Unreadable(f"{provider} has no regions: leave --region out.")
    there = find(region_name)
    is_own = address in ("", there.base_url)
    return (there.base_url if is_own else f"{address.rstrip('/')}/{there.path}"), there


def page_of(wanted: Wanted, region: Region | None) -> Consent:
    """The consent pages for what is wanted; in a region the owner is asked on the region's own page."""
    consent = consent_of(wanted.provider, wanted.base_url)
    if region is not None and wanted.base_url == region.base_url:
        return replace(consent, authorize_url=region.authorize_url)
    return consent


def pasted_grant(house: House, wanted: Wanted, token: str) -> Grant:
    """The grant of a token that an owner copied; a refresh token is used at once. Raises Unreadable for none."""
    from connector.transport.exchange import refresh

    if not token.strip():
        raise Unreadable("No token was given.")
    if not takes_refresh_token(wanted.provider):
        return Grant(access_token=token.strip())
    consent = consent_of(wanted.provider, wanted.base_url)
    given = Grant(access_token="", refresh_token=token.strip(), external_id=wanted.account)
    return refresh(consent, house.client(wanted.provider), given, house.now)


_UNKNOWN = "This answer belongs to no consent that was begun here. Begin again."
_USED = "This answer was taken already. Begin again if the connection is not there."
_LATE = "The answer came later than ten minutes after the question. Begin again."
_ELSEWHERE = "This consent was begun in another browser or session. Begin again in this one."


class _Asked(msgspec.Struct, frozen=True):
    wanted: Wanted
    redirect_uri: str
    verifier: str


class _Got(msgspec.Struct, frozen=True):
    wanted: Wanted
    grant: Grant
    companies: tuple[Company, ...]


def _begin(house: House, asked: _Asked, state: str, session: str) -> int:
    body = msgspec.json.encode(asked)
    new = NewConsent(provider=asked.wanted.provider, state=state, session=session, body=body)
    with house.database.transaction() as tx:
        return begin_consent(tx, house.vault, new, house.now())


def _check(house: House, kept: KeptConsent | None, provider: str, session: str) -> None:
    if kept is None or kept.provider != provider:
        raise NeedsReconnect(_UNKNOWN)
    if not kept.is_of(session):
        raise NeedsReconnect(_ELSEWHERE)
    if kept.answered_at is not None:
        raise NeedsReconnect(_USED)
    if kept.expires_at <= house.now():
        raise NeedsReconnect(_LATE)


def _answered(house: House, number: int, wanted: Wanted, grant: Grant) -> None:
    reached = accounts(house, wanted, grant)[:MOST_COMPANIES]
    if not reached:
        raise NeedsReconnect("The consent reaches no company. Connect again and choose one on the provider's page.")
    companies = tuple(company(house, wanted, grant, each) for each in reached)
    body = msgspec.json.encode(_Got(wanted=wanted, grant=grant, companies=companies))
    with house.database.transaction() as tx:
        answer_consent(tx, house.vault, number, body, house.now())


def _got(house: House, kept: KeptConsent | None, session: str) -> _Got:
    if kept is None or not kept.is_of(session) or kept.answered_at is None or not kept.body:
        raise NeedsReconnect("There is nothing to confirm here, or it was answered already. Begin again.")
    if kept.expires_at <= house.now():
        raise NeedsReconnect(_LATE)
    return msgspec.json.decode(kept.body, type=_Got)


def _named(tx: Transaction, wanted: Wanted, found: Company) -> Wanted:
    """Under the name it has, where this company is connected already; else as asked for, numbered where another
    organisation uses the name."""
    known = connections(tx)
    same = (wanted.organisation, found.side, wanted.provider, found.external_id)
    for each in known:
        if (each.organisation, each.side, each.provider, each.external_id) == same:
            return replace(wanted, name=each.name)
    name = wanted.name or wanted.provider
    others = {each.name for each in known if each.organisation != wanted.organisation}
    names = (name, *(f"{name}-{number}" for number in range(2, len(known) + 3)))
    return replace(wanted, name=next(each for each in names if each not in others))


def _standing(tx: Transaction, wanted: Wanted, found: Company) -> tuple[Standing, Connection | None]:
    known = next((each for each in connections(tx) if each.name == wanted.name), None)
    if known is None:
        return "new", None
    is_same = (known.provider, known.side, known.external_id) == (wanted.provider, found.side, found.external_id)
    return ("again" if is_same else "other"), known
