"""Pages, products and texts as numbers, and weights as tables."""

from collections.abc import Sequence

import numpy as np

from .draws import Floats, Ints
from .parameters import METHODS, SHIPPING_SHARE
from .shop import CATALOGUE, slug
from .wireframes import PAGES, TOPICS


class Words:
    """Texts as numbers, in the order in which they come up; 0 is none."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.texts: list[str | None] = [None]

    def __getitem__(self, text: str) -> int:
        if text and text not in self.known:
            self.known[text] = len(self.texts)
            self.texts.append(text)
        return self.known.get(text, 0)

    def all(self, texts: Sequence[str]) -> Ints:
        return np.array([self[text] for text in texts])


NAMES, ELEMENTS, TEXTS, PROPERTIES, PATHS = Words(), Words(), Words(), Words(), Words()

KINDS = (*PAGES, "left")
(
    HOME,
    CATEGORY,
    SEARCH,
    PRODUCT,
    SIZE_GUIDE,
    CART,
    ADDRESS,
    SHIPPING,
    PAYMENT,
    DONE,
    HELP,
    LOGIN,
    ACCOUNT,
    ORDERS,
    LEFT,
) = range(len(KINDS))
SHELVES = tuple(CATALOGUE)
PRODUCTS = [(shelf, *product) for shelf in SHELVES for product in CATALOGUE[shelf]]
SHELF_OF = np.array([SHELVES.index(shelf) for shelf, *_ in PRODUCTS])
PRICE = np.array([price for *_, price in PRODUCTS], float)
FIRST_OF = np.searchsorted(SHELF_OF, np.arange(len(SHELVES)))
SIZE_OF = np.array([len(CATALOGUE[shelf]) for shelf in SHELVES])
POPULAR = FIRST_OF[[0, 3, 4, 6, 5, 1, 7, 2]]  # home shows the first product of each shelf
SHELF_WEIGHT = (20, 11, 10, 18, 11, 10, 14, 9)
RANK_WEIGHT = 1 / (1 + np.arange(8)) ** 0.8  # cards further down are opened less
METHOD_NAMES, OPTION_NAMES = tuple(METHODS), tuple(SHIPPING_SHARE)
WORKS, GIVES_UP, STUCK = range(3)


def path(kind: int, item: int) -> str:
    """The page of a kind: category, product and help have one for each item."""
    globs = PAGES[KINDS[kind]][0]
    if kind == CATEGORY:
        return f"/category/{SHELVES[item]}"
    if kind == PRODUCT:
        return f"/product/{slug(PRODUCTS[item][1])}"
    if kind == HELP and item:
        return f"/help/{slug(TOPICS[item - 1])}"
    return globs[0]


def table(weights: dict[str, dict[str, float]]) -> Floats:
    rows = np.zeros((len(KINDS), len(KINDS)))
    for kind, after in weights.items():
        for following, weight in after.items():
            rows[KINDS.index(kind), KINDS.index(following)] = weight
    return rows


def row(weights: dict[str, float]) -> Floats:
    return table({"home": weights})[HOME]
