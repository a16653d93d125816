"""Lines that were read before are known by their bytes: only the id that stands first may differ."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from connector.domain.alike import json_of, less_id
from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.pages import unpack
from connector.sources.lightspeed_x.source import SOURCE
from tests.sources.lightspeed_x.building import SHOP, line, pay, sale


@pytest.mark.parametrize("told", ['"L1"', '"L2"', "7", "null"])
def test_lines_that_differ_in_their_id_alone_are_alike_and_read_without_it(told: str) -> None:
    written = less_id(msgspec.Raw(b'{"id":%s,"price":5,"name":"Tea, green"}' % told.encode()))
    assert written == b',"price":5,"name":"Tea, green"}'
    assert msgspec.json.decode(json_of(written)) == {"id": None, "price": 5, "name": "Tea, green"}


@pytest.mark.parametrize("written", ['{"price":5}', '{"price":5,"id":"L1"}', "[]", "7", "null"])
def test_a_line_that_does_not_begin_with_its_id_is_itself(written: str) -> None:
    assert json_of(less_id(msgspec.Raw(written.encode()))) == written.encode()


@pytest.mark.parametrize("told", ['"L,1"', '["a","b"]', '{"a":1,"b":2}'])
def test_an_id_that_is_not_simple_leaves_nothing_that_could_be_read_as_another_line(told: str) -> None:
    written = json_of(less_id(msgspec.Raw(b'{"id":%s,"price":5}' % told.encode())))
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(written)


def test_a_line_that_was_read_in_one_shop_is_read_anew_where_the_catalogue_calls_it_otherwise() -> None:
    before = {bucket.key.code for bucket in _fact(SHOP).buckets if bucket.key.kind == "sale"}
    renamed = replace(SHOP, categories={**SHOP.categories, "MUG": "Tableware"})
    after = {bucket.key.code for bucket in _fact(renamed).buckets if bucket.key.kind == "sale"}
    assert "Tableware" not in before
    assert after == {"Tableware"}


def _fact(shop: Shop) -> Fact:
    assert SOURCE.translate is not None
    body = msgspec.json.encode(sale(line("MUG", 10, 1.5), price=10, tax=1.5, pays=[pay(11.5)]))
    (received,) = unpack("sales", b'{"data":[%s]}' % body)
    return SOURCE.translate(received, shop)
