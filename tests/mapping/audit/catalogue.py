"""A catalogue as shops have them, always the same for a seed: categories, brands, sizes, slips of the hand, and
products that the bookkeeper decided against the rule."""

from __future__ import annotations

from random import Random

from connector.domain.books import Account, Books
from connector.mapping.suggest import Decided
from tests.mapping.audit.given import account, books

SHELVES = {
    "Hot drinks": ("Sales - Drinks", "Espresso Cappuccino Latte Mocha Tea Chai Cocoa Americano Cortado"),
    "Cold drinks": ("Sales - Drinks", "Cola Lemonade Juice Smoothie Water Kombucha Iced-tea Tonic"),
    "Wine & beer": ("Sales - Alcohol", "Riesling Merlot Lager Stout Pilsner Prosecco Cider Porter"),
    "Breakfast": ("Sales - Food", "Omelette Pancakes Granola Porridge Waffle Bagel Shakshuka"),
    "Lunch": ("Sales - Food", "Burger Salad Soup Lasagne Wrap Quiche Curry Risotto"),
    "Bakery": ("Sales - Bakery", "Croissant Brioche Muffin Scone Baguette Sourdough Eclair"),
    "Merchandise": ("Sales - Retail", "Mug T-shirt Tote Cap Notebook Candle Poster"),
    "Beans": ("Sales - Retail", "Arabica Robusta Blend Decaf Roast Microlot"),
    "Classes": ("Sales - Workshops", "Tasting Workshop Course Seminar Cupping"),
}
WORDS = (
    "House", "Organic", "Large", "Small", "Double", "Classic", "Spicy", "Vegan", "Golden", "Little", "Royal", "Daily",
    "Smoked", "Summer", "Winter",
)  # fmt: skip
ACCOUNTS = sorted({name for name, _ in SHELVES.values()})


def catalogue(seed: int, size: int) -> tuple[list[Decided], Books]:
    """So many products with the account that was decided for each, and the books that they are in.

    One in seven has no category, one in thirty is decided against the rule, one in twelve is misspelt."""
    random = Random(seed)
    made: dict[str, Decided] = {}
    while len(made) < size:
        category = random.choice(sorted(SHELVES))
        usual, goods = SHELVES[category]
        name = " ".join([random.choice(WORDS), random.choice(goods.split()), random.choice(("", "250", "0.5 l", "XL"))])
        name = (
            _misspelt(name.strip(), random) if random.randrange(12) == 0 else f"{name.strip()} {random.randrange(99)}"
        )
        to = random.choice(ACCOUNTS) if random.randrange(30) == 0 else usual
        made[name] = Decided("sale", name, to, "" if random.randrange(7) == 0 else category)
    return list(made.values()), books(*_accounts())


def _accounts() -> list[Account]:
    return [account(name) for name in ACCOUNTS]


def _misspelt(name: str, random: Random) -> str:
    at = random.randrange(1, len(name) - 1)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
