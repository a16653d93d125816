"""Rules of matching from what a YAML file holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from connector.errors import Unreadable
from connector.reconcile.columns import amount_of, currency_of
from connector.reconcile.matching.rules import BAND, ChannelRule, FeeModel, Grain, Rate, Rules, WriteOff

_CHANNEL = {
    "name", "descriptors", "earliest", "latest", "entries", "approved", "confirmed_runs", "code_to", "tax", "fee",
}  # fmt: skip
_FEE = {"name", "percent", "each", "band_percent", "tax", "tax_percent"}
_WRITE_OFF = {"currency", "at_most", "percent", "account", "tax", "channel"}
_DAYS = 366
_PLACES, _EACH = 10, 4
T = TypeVar("T")


def read_rules(body: object) -> Rules:
    """The rules; raises Unreadable that names the section and the field. Amounts, rates and percents are text."""
    if body is None:
        return Rules()
    top = _mapping(body, "the rules", {"channels", "rates", "band_percent", "write_off"})
    channels = [_channel(each) for each in _list(top.get("channels"), "channels")]
    doubled = [rule.name for rule in channels if [each.name for each in channels].count(rule.name) > 1]
    if doubled:
        raise Unreadable(f"Rules: channel {doubled[0]} is there twice.")
    rates = _mapping(top.get("rates") or {}, "rates", None)
    return Rules(
        channels=channels,
        rates=dict(_rate(pair, rate) for pair, rate in rates.items()),
        band=_percent(top["band_percent"], "band_percent") if "band_percent" in top else BAND,
        write_offs=[_write_off(each) for each in _list(top.get("write_off"), "write_off")],
    )


def _channel(body: object) -> ChannelRule:
    row = _mapping(body, "a channel", _CHANNEL)
    name = _text(row.get("name"), "channels: name")
    where = f"channel {name}"
    days = {
        field: _days(row[field], f"{where}, {field}") for field in ("earliest", "latest") if row.get(field) is not None
    }
    if len(days) == 2 and days["earliest"] > days["latest"]:
        raise Unreadable(f"Rules, {where}: earliest is after latest.")
    confirmed, approved = row.get("confirmed_runs", 0), row.get("approved", False)
    if type(confirmed) is not int or confirmed < 0 or not isinstance(approved, bool):
        raise Unreadable(f"Rules, {where}: approved is true or false, confirmed_runs a count.")
    return ChannelRule(
        name=name,
        descriptors=tuple(_text(each, f"{where}, descriptors") for each in _list(row.get("descriptors"), where)),
        earliest=days.get("earliest"),
        latest=days.get("latest"),
        grain=_grain(row.get("entries"), where),
        is_approved=approved,
        confirmed_runs=confirmed,
        account=_text(row["code_to"], f"{where}, code_to") if row.get("code_to") is not None else "",
        tax_code=_text(row["tax"], f"{where}, tax") if row.get("tax") is not None else "",
        fee=_fee(row["fee"], where) if row.get("fee") is not None else None,
    )


def _fee(body: object, where: str) -> FeeModel:
    row, at = _mapping(body, f"{where}, fee", _FEE), f"{where}, fee"
    each = _text(row.get("each", "0"), f"{at}, each")
    _decimal(each, _EACH, f"{at}, each")
    share = _text(row.get("percent", "0"), f"{at}, percent")
    return FeeModel(
        name=_text(row.get("name", f"{share} % + {each}"), f"{at}, name"),
        share=_percent(share, f"{at}, percent"),
        each=each,
        band=_percent(row.get("band_percent", "0"), f"{at}, band_percent"),
        tax_code=_text(row["tax"], f"{at}, tax") if row.get("tax") is not None else "",
        tax_share=_percent(row.get("tax_percent", "0"), f"{at}, tax_percent"),
    )


def _grain(value: object, where: str) -> Grain | None:
    if value is None:
        return None
    if value == "one":
        return "one"
    if value == "run":
        return "run"
    raise Unreadable(
        f"Rules, {where}: entries is one (a bank line for each) or run (a bank line pays several in time)."
    )


def _days(value: object, where: str) -> int:
    if type(value) is not int or abs(value) > _DAYS:
        raise Unreadable(f"Rules, {where}: a number of days is wanted.")
    return value


def _rate(pair: object, rate: object) -> tuple[tuple[str, str], Rate]:
    """ "USD/CAD": "1.2900" is 1.29 CAD for one USD."""
    text = _text(pair, "rates")
    due, slash, paid = text.partition("/")
    if not slash:
        raise Unreadable(f"Rules, rates: {text!r} is not a pair such as USD/CAD.")
    currencies = _read(currency_of, due, f"rates {text}"), _read(currency_of, paid, f"rates {text}")
    number = _text(rate, f"rates {text}")
    scaled = _decimal(number, _PLACES, f"rates {text}")
    if scaled <= 0:
        raise Unreadable(f"Rules, rates {text}: {number} is not a rate.")
    return currencies, Rate(numerator=scaled, denominator=10**_PLACES, text=number)


def _write_off(body: object) -> WriteOff:
    row = _mapping(body, "a write-off", _WRITE_OFF)
    currency = _read(currency_of, _text(row.get("currency"), "write_off: currency"), "write_off")
    cap = _text(row.get("at_most"), "write_off: at_most")
    return WriteOff(
        currency=currency,
        cap=_read(lambda text: amount_of(text, currency), cap, "write_off: at_most"),
        share=_percent(row.get("percent"), "write_off: percent"),
        account=_text(row.get("account"), "write_off: account"),
        tax_code=_text(row.get("tax"), "write_off: tax"),
        channel=_text(row["channel"], "write_off: channel") if row.get("channel") is not None else "",
    )


def _percent(value: object, where: str) -> int:
    """Hundredths of a percent."""
    return _decimal(_text(value, where), 2, where)


def _decimal(text: str, places: int, where: str) -> int:
    whole, _, part = text.partition(".")
    if not (whole + part).isascii() or not (whole + part).isdigit() or len(part) > places or len(whole) > places:
        raise Unreadable(f"Rules, {where}: {text!r} is not a number of at most {places} decimals.")
    return int(whole + part.ljust(places, "0"))


def _read(meaning: Callable[[str], T], text: str, where: str) -> T:
    try:
        return meaning(text)
    except ValueError as error:
        raise Unreadable(f"Rules, {where}: {error}.") from None


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unreadable(f'Rules, {where}: a text is wanted; put numbers in quotes, such as "1.25".')
    return value.strip()


def _list(value: object, where: str) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(f"Rules, {where}: a list is wanted.")
    return value


def _mapping(value: object, where: str, known: set[str] | None) -> Mapping[str, object]:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise Unreadable(f"Rules: {where} is not a section with named fields.")
    unknown = sorted(set(value) - known) if known is not None else []
    if unknown:
        raise Unreadable(f"Rules: {where} knows no field {unknown[0]}; it has {', '.join(sorted(known or ()))}.")
    return value
