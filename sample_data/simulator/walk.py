"""Where people go: every session's way from page to page."""

from collections.abc import Callable

import numpy as np

from .draws import Floats, Ints, pick, pick_rows
from .parameters import (
    ADDRESS_FAILS,
    ADDRESS_GIVES_UP,
    ADDS,
    AFTER_ADDING,
    BROKEN_RELEASE,
    BUYERS,
    BUYING,
    CARD_REFUSED,
    CART_CALLS,
    CHANGES_ADDRESS,
    CHANGES_EMAIL,
    CHOOSES_SIZE,
    COUPON,
    COUPON_AGAIN,
    COUPON_FAILS,
    COUPON_GRUDGE,
    COUPON_TRIES,
    COUPON_WORTH,
    FIRST_PAGE_HOLDS,
    FOUND,
    IMPATIENT,
    LOGIN_FAILS,
    LOGIN_TRIES,
    LOGS_IN_AT_ADDRESS,
    LOGS_OUT,
    LOOKING,
    MAX_PAGES,
    METHODS,
    NOTHING_FOUND,
    PAYS,
    PEOPLE,
    PRESSES,
    RELEASES,
    REMEMBERED,
    REMOVES,
    RETURNING_URGE,
    SHIPPING_CHANGES,
    SHIPPING_EUR,
    SHIPPING_SHARE,
    SMALL_SCREEN,
    STRAIGHT_BACK,
    STUCK_NEXT,
    SWITCHES,
    TERMS_FORGOTTEN,
    USELESS_GUIDE,
)
from .shop import QUERIES, SOURCES
from .things import (
    ACCOUNT,
    ADDRESS,
    CART,
    CATEGORY,
    DONE,
    FIRST_OF,
    GIVES_UP,
    HELP,
    HOME,
    LEFT,
    LOGIN,
    METHOD_NAMES,
    ORDERS,
    PAYMENT,
    POPULAR,
    PRICE,
    PRODUCT,
    RANK_WEIGHT,
    SEARCH,
    SHELF_OF,
    SHELF_WEIGHT,
    SHELVES,
    SHIPPING,
    SIZE_GUIDE,
    SIZE_OF,
    STUCK,
    WORKS,
    row,
    table,
)
from .visitors import SCREEN_NAMES, People, Sessions
from .wireframes import TOPICS

VISIT = np.dtype(
    [
        ("session", "i4"), ("step", "i2"), ("kind", "i1"), ("item", "i2"), ("next", "i1"), ("next_item", "i2"),
        ("which", "i1"),
        ("signed", "?"), ("bounce", "?"), ("searches", "?"),  # signed: the user is known when the page opens
        ("adds", "?"), ("size", "?"), ("tries", "i1"), ("accepted", "?"), ("removes", "?"),  # product and cart
        ("method", "i1"), ("outcome", "i1"), ("fails", "i1"), ("option", "i1"), ("changes", "i1"),
        ("logs_in", "?"), ("logs_out", "?"), ("straight_back", "?"), ("value", "f8"), ("items", "i2"),
    ]
)  # fmt: skip


class Walk:
    """Every session's way over the pages.

    Sessions go in rounds, a person's first, then everybody's second, as a device remembers a login; within a round all
    of them take one page at a time. Each behaviour sees the visits of its page kind and sets what is done there and
    the weights (`rows`) of the page that comes next.
    """

    def __init__(self, random: np.random.Generator, sessions: Sessions, who: People) -> None:
        self.random, self.sessions, self.who = random, sessions, who
        n = len(sessions)
        device = np.array([SCREEN_NAMES[s] for s in sessions.screen])
        chance = (
            np.array([BUYERS[name] for name in device])
            * np.array([source.urge for source in SOURCES.values()])[sessions.source]
        )
        chance *= np.where(sessions.number > 0, RETURNING_URGE, 1)
        self.buying = random.random(n) < chance
        self.tables = np.stack([table(LOOKING), table(BUYING)])
        earlier = (who.arrival < 0) & who.account
        self.signed_device = np.repeat(earlier, 2) & (random.random(2 * PEOPLE) < 0.5)
        self.signed = np.zeros(n, bool)
        self.goods = np.zeros(n, int)
        self.worth = np.zeros(n)
        self.last_product = np.zeros(n, int)
        self.looked_into_cart = np.zeros(n, bool)
        self.stuck = np.zeros(n, int)
        self.method = pick(random, list(METHODS.values()), n)
        self.option = pick(random, list(SHIPPING_SHARE.values()), n)
        self.on_the_way = np.zeros(n, bool)  # logs in on the way to the till
        self.broken = (sessions.release == self.release(BROKEN_RELEASE)) & (sessions.width < SMALL_SCREEN)
        self.visits: list[np.ndarray] = []
        self.behaviours: dict[int, Callable[[np.ndarray, Floats, Ints], None]] = {
            SEARCH: self.at_search, PRODUCT: self.at_product, SIZE_GUIDE: self.at_size_guide, CART: self.at_cart,
            ADDRESS: self.at_address, SHIPPING: self.at_shipping, PAYMENT: self.at_payment, DONE: self.at_done,
            HELP: self.at_help,
            LOGIN: self.at_login, ACCOUNT: self.at_account,
        }  # fmt: skip

    @staticmethod
    def release(name: str) -> int:
        return [release for release, _ in RELEASES].index(name)

    def run(self) -> np.ndarray:
        """All visits, by session and step."""
        for number in range(int(self.sessions.number.max()) + 1):
            self.round(np.flatnonzero(self.sessions.number == number))
        visits = np.concatenate(self.visits)
        return visits[np.lexsort((visits["step"], visits["session"]))]

    def round(self, active: Ints) -> None:
        device = self.sessions.device[active]
        self.signed_device[device] &= self.random.random(active.size) < REMEMBERED
        self.signed[active] = self.signed_device[device]
        kind, item = self.entries(active)
        for step in range(MAX_PAGES):
            v = np.zeros(active.size, VISIT)
            v["session"], v["step"], v["kind"], v["item"], v["signed"] = active, step, kind, item, self.signed[active]
            rows = self.tables[self.buying[active].astype(int), kind]
            if step == 0:
                self.bounces(v, rows)
            self.calls_of_the_cart(v, rows)
            for page, behave in self.behaviours.items():
                here = np.flatnonzero(kind == page)
                if here.size:
                    behave(v, rows, here)
            if step == MAX_PAGES - 1:
                rows = np.tile(row({"left": 1}), (active.size, 1))
            v["next"] = pick_rows(self.random, rows)
            self.before_going(v)
            self.visits.append(v)
            on = v["next"] != LEFT
            active, kind, item = active[on], v["next"][on].astype(int), v["next_item"][on].astype(int)
            if not active.size:
                return

    def entries(self, active: Ints) -> tuple[Ints, Ints]:
        """The first page, by where people come from."""
        kind = np.zeros(active.size, int)
        for number, source in enumerate(SOURCES.values()):
            mine = self.sessions.source[active] == number
            kind[mine] = pick_rows(self.random, np.tile(row(source.entry), (int(mine.sum()), 1)))
        visitor = ~self.who.account[self.sessions.person[active]]
        kind[(kind == ACCOUNT) & visitor] = HOME
        kind[(kind == ACCOUNT) & ~self.signed[active]] = LOGIN
        item = np.zeros(active.size, int)
        shelf = pick(self.random, SHELF_WEIGHT, active.size)
        item[kind == CATEGORY] = shelf[kind == CATEGORY]
        product = self.product_of(shelf)
        item[kind == PRODUCT] = product[kind == PRODUCT]
        return kind, item

    def product_of(self, shelf: Ints) -> Ints:
        """A product of each shelf, the first ones more often."""
        weights = np.where(np.arange(8) < SIZE_OF[shelf][:, None], RANK_WEIGHT, 0)
        return FIRST_OF[shelf] + pick_rows(self.random, weights)

    def bounces(self, v: np.ndarray, rows: Floats) -> None:
        share = np.array([source.bounce for source in SOURCES.values()])[self.sessions.source[v["session"]]]
        v["bounce"] = (self.random.random(len(v)) < share) & ~self.buying[v["session"]] & (v["kind"] < CART)
        rows[:, LEFT] *= FIRST_PAGE_HOLDS
        rows[v["bounce"]] = row({"left": 1})

    def calls_of_the_cart(self, v: np.ndarray, rows: Floats) -> None:
        full = (
            (self.goods[v["session"]] > 0)
            & self.buying[v["session"]]
            & np.isin(v["kind"], (HOME, CATEGORY, SEARCH, PRODUCT, HELP))
        )
        rows[full, CART] += CART_CALLS

    # the behaviours, page by page

    def at_search(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        """A faster search (1.2) leads to a product more often; one that finds nothing does not."""
        session = v["session"][here]
        rows[here, PRODUCT] *= np.array([FOUND[name] for name, _ in RELEASES])[self.sessions.release[session]]
        nothing = np.array([not shelf for _, shelf, _ in QUERIES])[v["item"][here]]
        rows[here[nothing]] = row(NOTHING_FOUND)

    def at_product(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        here = here[~v["bounce"][here]]
        session, item = v["session"][here], v["item"][here]
        self.last_product[session] = item
        chance = np.where(self.buying[session], ADDS["buying"], ADDS["looking"])
        adds = self.random.random(here.size) < chance
        v["size"][here] = adds | (self.random.random(here.size) < CHOOSES_SIZE)
        v["adds"][here] = adds
        self.goods[session[adds]] += 1
        self.worth[session[adds]] += PRICE[item[adds]]
        rows[here[adds]] = row(AFTER_ADDING)

    def at_size_guide(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        """Since 1.2 most see at once that it does not answer them, and go straight back."""
        useless = self.sessions.release[v["session"][here]] == self.release(USELESS_GUIDE)
        back = here[useless & (self.random.random(here.size) < STRAIGHT_BACK)]
        v["straight_back"][back] = True
        rows[back] = row({"product": 1})

    def at_cart(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        session = v["session"][here]
        empty = self.goods[session] == 0
        rows[here[empty]] = row({"home": 25, "category": 25, "left": 50})
        first = ~empty & ~self.looked_into_cart[session]
        self.looked_into_cart[session] = True
        removes = ~empty & (self.goods[session] > 1) & (self.random.random(here.size) < REMOVES)
        v["removes"][here] = removes
        self.worth[session[removes]] *= 0.6
        self.goods[session[removes]] -= 1
        self.coupon(v, rows, here[first & self.buying[session]])

    def coupon(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        """Some have a code; four in ten tries are refused; they try again or give up, and then some leave the cart."""
        here = here[self.random.random(here.size) < COUPON]
        trying, session = np.ones(here.size, bool), v["session"][here]
        for _ in range(COUPON_TRIES):
            v["tries"][here[trying]] += 1
            refused = self.random.random(here.size) < COUPON_FAILS
            v["accepted"][here[trying & ~refused]] = True
            trying &= refused & (self.random.random(here.size) < COUPON_AGAIN)
        accepted = v["accepted"][here]
        self.worth[session[accepted]] *= 1 - COUPON_WORTH
        rows[here[~accepted], LEFT] *= COUPON_GRUDGE

    def at_address(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        session = v["session"][here]
        account = self.who.account[self.sessions.person[session]] & ~self.signed[session] & ~self.on_the_way[session]
        logs_in = account & (self.random.random(here.size) < LOGS_IN_AT_ADDRESS)
        self.on_the_way[session[logs_in]] = True
        rows[here[logs_in]] = row({"login": 1})
        fails = ~logs_in & (self.random.random(here.size) < ADDRESS_FAILS)
        v["fails"][here] = fails
        rows[here[fails & (self.random.random(here.size) < ADDRESS_GIVES_UP)]] = row({"left": 1})

    def at_shipping(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        v["option"][here] = self.option[v["session"][here]]
        v["changes"][here] = self.random.random(here.size) < SHIPPING_CHANGES

    def at_payment(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        """Where "Pay now" works most pay. Under 1.1 it does nothing on small screens, but for PayPal."""
        session = v["session"][here]
        switches = (self.stuck[session] > 0) & (self.random.random(here.size) < SWITCHES)
        self.method[session[switches]] = METHOD_NAMES.index("paypal")
        method = self.method[session]
        v["method"][here] = method
        pays = (
            self.random.random(here.size)
            < np.array([PAYS[name] for name in SCREEN_NAMES])[self.sessions.screen[session]]
        )
        broken = self.broken[session] & (method != METHOD_NAMES.index("paypal"))
        stuck = broken & (self.random.random(here.size) < PRESSES)
        self.stuck[session[stuck]] += 1
        v["outcome"][here] = np.where(stuck, STUCK, np.where(pays & ~broken, WORKS, GIVES_UP))
        v["fails"][here] = ~stuck & pays & ~broken & (self.random.random(here.size) < TERMS_FORGOTTEN + CARD_REFUSED)
        rows[here[pays & ~broken]] = row({"done": 1})
        rows[here[stuck]] = row(STUCK_NEXT)

    def at_done(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        session = v["session"][here]
        shipping = np.array(list(SHIPPING_EUR.values()))[self.option[session]]
        v["value"][here] = np.round(self.worth[session] + shipping, 2)
        v["items"][here], v["method"][here], v["option"][here] = (
            self.goods[session],
            self.method[session],
            self.option[session],
        )
        self.goods[session], self.worth[session] = 0, 0
        rows[here[~self.signed[session]], ORDERS] = 0

    def at_help(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        rows[here[v["item"][here] > 0], HELP] *= 0.3

    def at_login(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        session = v["session"][here]
        can = self.who.account[self.sessions.person[session]] & ~v["bounce"][here]
        trying = can & (self.random.random(here.size) < 0.93)
        inside = np.zeros(here.size, bool)
        for _ in range(LOGIN_TRIES):
            wrong = self.random.random(here.size) < LOGIN_FAILS
            inside |= trying & ~wrong
            v["fails"][here] += trying & wrong
            trying &= wrong & (self.random.random(here.size) < 0.8)
        v["logs_in"][here] = inside
        self.signed[session[inside]] = True
        self.signed_device[self.sessions.device[session[inside]]] = True
        to_till = self.on_the_way[session]
        rows[here[inside & to_till]] = row({"address": 1})
        rows[here[inside & ~to_till]] = row({"account": 1})
        rows[here[~inside & to_till]] = row({"address": 60, "left": 40})

    def at_account(self, v: np.ndarray, rows: Floats, here: Ints) -> None:
        session = v["session"][here]
        v["changes"][here] = np.where(self.random.random(here.size) < CHANGES_ADDRESS, 1, 0)
        v["changes"][here] |= np.where(self.random.random(here.size) < CHANGES_EMAIL, 2, 0)
        out = self.random.random(here.size) < LOGS_OUT
        v["logs_out"][here] = out
        self.signed[session[out]] = False
        self.signed_device[self.sessions.device[session[out]]] = False
        rows[here[out]] = row({"home": 30, "left": 70})

    def before_going(self, v: np.ndarray) -> None:
        """Which item of the next kind it is, and which of several equal links leads there."""
        kind, following, session, item, n = v["kind"], v["next"], v["session"], v["item"].astype(int), len(v)
        following[(following == ACCOUNT) & ~self.who.account[self.sessions.person[session]]] = HOME
        following[(following == ACCOUNT) & ~self.signed[session]] = LOGIN
        v["searches"] = following == SEARCH
        impatient = np.array([IMPATIENT[name] for name, _ in RELEASES])[self.sessions.release[session]]
        following[v["searches"] & (self.random.random(n) < impatient)] = LEFT

        shelf = pick(self.random, SHELF_WEIGHT, n)
        shelf = np.where(kind == PRODUCT, SHELF_OF[np.where(kind == PRODUCT, item, 0)], shelf)
        query = pick(self.random, [weight for *_, weight in QUERIES], n)
        rank = pick(self.random, RANK_WEIGHT, n)
        found = np.array([SHELVES.index(shelf) if shelf else 0 for _, shelf, _ in QUERIES])
        own = np.select(
            [kind == CATEGORY, kind == PRODUCT, kind == SEARCH],
            [item, shelf, found[np.where(kind == SEARCH, item, 0)]],
            shelf,
        )
        product = self.product_of(own)
        first = FIRST_OF[own]
        other = rank % 4  # one of the four related: the next ones of the shelf
        related = first + (np.where(kind == PRODUCT, item, first) - first + 1 + other) % SIZE_OF[own]
        product = np.select(
            [kind == HOME, kind == PRODUCT, np.isin(kind, (SIZE_GUIDE, CART))],
            [POPULAR[rank % 4], related, self.last_product[session]], product,
        )  # fmt: skip
        topic = np.where(kind == PAYMENT, 1 + TOPICS.index("Paying"), np.where(kind == HELP, 1 + rank % 6, 0))
        v["next_item"] = np.select(
            [following == CATEGORY, following == PRODUCT, v["searches"], following == HELP, following == SIZE_GUIDE],
            [shelf, product, query, topic, np.where(kind == PRODUCT, item, 0)], 0,
        )  # fmt: skip
        v["which"] = np.select(
            [following == CATEGORY, (following == PRODUCT) & (kind == HOME), (following == PRODUCT) & (kind == PRODUCT),
             (following == PRODUCT) & (kind != CART), (following == HELP) & (kind == HELP)],
            [shelf, rank % 4, other, product - first, rank % 6], 0,
        )  # fmt: skip
