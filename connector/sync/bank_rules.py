"""The rules under which a feed's bank lines are matched: a file's, those its owner made, and what its map says."""

from __future__ import annotations

from dataclasses import replace

from connector.domain.books import Books
from connector.mapping.rules import Rules as MapRules
from connector.reconcile.matching.rules import ChannelRule, Rate, Rules
from connector.reconcile.matching.rules_file import read_rules
from connector.store import matches
from connector.store.database import Transaction
from connector.store.feeds import Feed
from connector.store.match_rules import match_rules
from connector.store.matches import Match
from connector.sync.house import House
from connector.sync.journalize import rules_of

CONTRADICTED = 2
"""A rule that people have undone so often only suggests."""

_RATE_PLACES = 10


def ruled(
    tx: Transaction, house: House, feed: Feed, given: tuple[Books | None, Rules]
) -> tuple[MapRules | None, Rules]:
    """The map's rules, None before the books were read, and those of matching; a file has the last word."""
    chart, from_file = given
    by_map = rules_of(tx, house, feed, chart) if chart else None
    decided = _of_map(house, by_map)
    for kept in match_rules(tx, feed.id):
        decided = decided.under(read_rules(kept.body))
    decided = _named(decided.under(from_file), house.source(feed.source).defaults.title)
    runs, undone = matches.confirmed_runs(tx, feed.id), contradicted(matches.matches(tx, feed.id, "undone"))
    channels = [
        replace(
            rule,
            confirmed_runs=max(rule.confirmed_runs, runs),
            is_approved=rule.is_approved and undone.get(rule.name, 0) < CONTRADICTED,
        )
        for rule in decided.channels
    ]
    return by_map, replace(decided, channels=tuple(channels))


def contradicted(undone: list[Match]) -> dict[str, int]:
    """By channel: how often people took back what its rule had made certain."""
    found: dict[str, int] = {}
    for match in undone:
        for fact, value, detail in match.made.evidence:
            if (fact, detail) == ("channel", "rule"):
                found[value] = found.get(value, 0) + 1
    return found


def _of_map(house: House, by_map: MapRules | None) -> Rules:
    """The newest rates of the account map, where clearing is kept in home currency."""
    exchange = by_map.account_map.exchange if by_map else None
    if exchange is None:
        return Rules()
    today, rates = house.now().date(), {}
    for currency in {currency for currency, _ in exchange.rates}:
        text = exchange.rate(currency, today)
        if text:
            whole, _, part = text.partition(".")
            scaled = int(whole + part.ljust(_RATE_PLACES, "0")[:_RATE_PLACES])
            rates[currency, exchange.home] = Rate(numerator=scaled, denominator=10**_RATE_PLACES, text=text)
    return Rules(rates=rates)


def _named(rules: Rules, channel: str) -> Rules:
    """A feed's deposits are payouts, one to a line, and its lines are known by the source's name, unless a rule says
    otherwise."""
    if any(rule.name == channel for rule in rules.channels):
        return rules
    return replace(rules, channels=(*rules.channels, ChannelRule(name=channel, descriptors=(channel,), grain="one")))
