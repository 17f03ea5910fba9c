"""What people do on the pages of their way: clicks, typing, waiting, scrolling."""

import json
from dataclasses import dataclass, field

import numpy as np

from .draws import Bools, Floats, Ints, around, pick
from .parameters import (
    BACK_BUTTON,
    BOUNCE_S,
    BREAKS_WITH,
    BROKEN_PICTURE,
    BURST,
    BURST_GAP_MS,
    CARD_REFUSED,
    COUPON_TRIES,
    COUPON_WORTH,
    ERROR_TOLD,
    FILTERS,
    IDLE,
    IDLE_S,
    LEAVE_TOLD,
    LOAD_MS,
    LOGIN_TRIES,
    MORE,
    PEOPLE,
    PHOTOS,
    RAGES,
    READ_S,
    RELEASES,
    SEARCH_MS,
    SHIPPING_PAUSE_S,
    STRAIGHT_BACK_S,
    STRAY,
    TERMS_FORGOTTEN,
)
from .shop import QUERIES, RESULTS
from .things import (
    ACCOUNT,
    ADDRESS,
    CART,
    CATEGORY,
    DONE,
    ELEMENTS,
    GIVES_UP,
    HELP,
    HOME,
    KINDS,
    LEFT,
    LOGIN,
    METHOD_NAMES,
    NAMES,
    OPTION_NAMES,
    ORDERS,
    PAYMENT,
    PRODUCT,
    PRODUCTS,
    PROPERTIES,
    SEARCH,
    SHIPPING,
    SIZE_GUIDE,
    STUCK,
    TEXTS,
)
from .visitors import SCREEN_NAMES, Sessions
from .wireframes import ADDRESS_FIELDS, CARD_FIELDS, CATEGORIES, PAGES, SCREENS, SHIPPING_OPTIONS, SIZES, Part, layout

WAYS: dict[tuple[int, int], str] = {  # the control that leads from one kind of page to another
    (HOME, CATEGORY): "a.category",
    (HOME, PRODUCT): "a.card",
    (CATEGORY, CATEGORY): "a.category",
    (CATEGORY, PRODUCT): "a.card",
    (SEARCH, PRODUCT): "a.card",
    (PRODUCT, CATEGORY): "a#breadcrumb",
    (PRODUCT, PRODUCT): "a.related",
    (PRODUCT, SIZE_GUIDE): "a#size-guide",
    (SIZE_GUIDE, PRODUCT): "a#back",
    (CART, ADDRESS): "a#checkout",
    (CART, PRODUCT): "a.item",
    (CART, CATEGORY): "a#keep-shopping",
    (ADDRESS, SHIPPING): "button#to-shipping",
    (ADDRESS, LOGIN): "a#log-in-here",
    (ADDRESS, CART): "a#back-to-cart",
    (SHIPPING, PAYMENT): "button#to-payment",
    (SHIPPING, CART): "a#back-to-cart",
    (PAYMENT, DONE): "button#pay-now",
    (PAYMENT, CART): "a#back-to-cart",
    (PAYMENT, HELP): "a#help-paying",
    (DONE, ORDERS): "a#see-orders",
    (DONE, HOME): "a#keep-shopping",
    (HELP, HELP): "a.topic",
    (ACCOUNT, ORDERS): "a#orders",
    (ORDERS, ACCOUNT): "a#back-to-account",
}
EVERYWHERE = {HOME: "a#logo", CART: "a#cart", HELP: "a#help", ACCOUNT: "a#account", LOGIN: "a#account"}
FORMS = {"button#to-shipping": "form#address", "button#to-payment": "form#shipping", "button#pay-now": "form#payment"}
LOGIN_MAIL = "c{}@example.com"


@dataclass
class Log:
    """Events as columns; `visit` is the row of the visit, `at` ms since the visit began."""

    visit: list[Ints] = field(default_factory=list)
    at: list[Floats] = field(default_factory=list)
    columns: dict[str, list[np.ndarray]] = field(default_factory=lambda: {name: [] for name in LOG_COLUMNS})

    def add(self, visit: Ints, at: Floats, **given: object) -> None:
        self.visit.append(visit)
        self.at.append(at)
        for name, (kind, empty) in LOG_COLUMNS.items():
            self.columns[name].append(np.broadcast_to(np.asarray(given.get(name, empty), kind), visit.shape))

    def joined(self) -> dict[str, np.ndarray]:
        return {"visit": np.concatenate(self.visit), "at": np.concatenate(self.at)} | {
            name: np.concatenate(parts) for name, parts in self.columns.items()
        }


LOG_COLUMNS: dict[str, tuple[str, float]] = {
    "name": ("i2", 0), "element": ("i2", 0), "text": ("i2", 0), "properties": ("i4", 0),
    "x": ("i2", -1), "y": ("i2", -1), "depth": ("f8", -1), "value": ("f8", -1),
}  # fmt: skip


class Stage:
    """What people do on their pages. Each act moves the clock of its visits on and writes an event."""

    def __init__(self, random: np.random.Generator, sessions: Sessions, visits: np.ndarray) -> None:
        self.random, self.sessions, self.v = random, sessions, visits
        self.screen = sessions.screen[visits["session"]]
        self.kind = visits["kind"].astype(int)
        self.clock = np.zeros(len(visits))
        self.log = Log()
        self.customer = np.array([1001 + person for person in range(PEOPLE)])

    # the acts

    def wait(self, who: Ints, seconds: tuple[float, float]) -> None:
        self.clock[who] += 1000 * around(self.random, seconds, who.size)

    def pause(self, who: Ints, from_ms: float, to_ms: float) -> None:
        self.clock[who] += self.random.uniform(from_ms, to_ms, who.size)

    def tell(self, who: Ints, name: str, selector: str = "", text: object = 0, **more: object) -> None:
        self.log.add(who, self.clock[who], name=NAMES[name], element=ELEMENTS[selector], text=text, **more)

    def boxes(self, who: Ints, selector: str, which: Ints | int = 0) -> tuple[Floats, Ints]:
        """Left, top, width, height of a control on the page and screen of each visit; and its words."""
        found, words = np.zeros((who.size, 4)), np.zeros(who.size, int)
        number = np.broadcast_to(which, who.shape)
        for kind in np.unique(self.kind[who]).tolist():
            for screen in range(len(SCREENS)):
                mine = np.flatnonzero((self.kind[who] == kind) & (self.screen[who] == screen))
                if mine.size:
                    parts = controls(KINDS[kind], screen)[selector]
                    chosen = number[mine] % len(parts)
                    found[mine] = np.array([(part.x, part.y, part.w, part.h) for part in parts])[chosen]
                    words[mine] = TEXTS.all([part.words for part in parts])[chosen]
        return found, words

    def point(self, boxes: Floats) -> tuple[Ints, Ints]:
        """Where in its box a click falls: near the middle, thumbs a little low and to the right."""
        x, y, w, h = boxes.T
        across = np.clip(self.random.normal(0.53, 0.14, len(boxes)), 0.03, 0.96)
        down = np.clip(self.random.normal(0.54, 0.17, len(boxes)), 0.06, 0.93)
        return np.floor(x + w * across).astype(int), np.floor(y + h * down).astype(int)

    def click(self, who: Ints, selector: str, which: Ints | int = 0, text: object = None) -> None:
        boxes, words = self.boxes(who, selector, which)
        x, y = self.point(boxes)
        self.tell(who, "click", selector, words if text is None else text, x=x, y=y)

    def fill(self, who: Ints, selector: str, seconds: tuple[float, float], *, by_key: float = 0.0) -> None:
        """Into a field (by the keyboard on desktops, in a share `by_key`), type, and out of it."""
        clicks = who[(self.screen[who] != SCREEN_NAMES.index("desktop")) | (self.random.random(who.size) >= by_key)]
        self.click(clicks, selector)
        self.clock[who] += self.random.uniform(8, 40, who.size)
        self.tell(who, "focus", selector)
        self.wait(who, seconds)
        self.tell(who, "change", selector)
        self.pause(who, 200, 900)

    def submit(self, who: Ints, form: str) -> None:
        self.pause(who, 15, 60)
        self.tell(who, "submit", form)

    def of(self, kind: int, keep: Bools | None = None) -> Ints:
        """The visits of a kind, or those of them that `keep` holds for."""
        return np.flatnonzero((self.kind == kind) if keep is None else (self.kind == kind) & keep)

    def some(self, who: Ints, share: float) -> Ints:
        return who[self.random.random(who.size) < share]

    # the pages

    def run(self) -> None:
        everybody = np.arange(len(self.v))
        self.open_page(everybody)
        for kind, reading in READ_S.items():
            self.wait(self.of(KINDS.index(kind), ~self.v["bounce"] & ~self.v["straight_back"]), reading)
        bounced = np.flatnonzero(self.v["bounce"])
        self.wait(bounced, BOUNCE_S)
        self.straight_back()
        self.strays()
        for act in (
            self.category,
            self.product,
            self.cart,
            self.address,
            self.shipping,
            self.payment,
            self.login,
            self.account,
        ):
            act()
        idle = self.some(everybody[~self.v["bounce"] & ~self.v["straight_back"]], IDLE)
        self.pause(idle, 1000 * IDLE_S[0], 1000 * IDLE_S[1])
        self.go_on()
        self.scrolls()

    def open_page(self, who: Ints) -> None:
        properties = np.zeros(who.size, int)
        found = [json.dumps({"query": query, "results": RESULTS[shelf]}) for query, shelf, _ in QUERIES]
        here = self.of(SEARCH)
        properties[here] = PROPERTIES.all(found)[self.v["item"][here]]
        self.tell(who, "page_view", properties=properties)
        here = self.of(DONE)
        orders = [
            json.dumps({"items": items, "method": METHOD_NAMES[method], "shipping": OPTION_NAMES[option]})
            for items, method, option in self.v[["items", "method", "option"]][here].tolist()
        ]
        self.log.add(
            here,
            self.clock[here] + 60,
            name=NAMES["order"],
            value=self.v["value"][here],
            properties=PROPERTIES.all(orders),
        )
        broken = self.some(who, BROKEN_PICTURE)
        message = PROPERTIES[json.dumps({"message": "Failed to load resource: picture", "source": "shop.js:88"})]
        self.log.add(broken, self.random.uniform(200, 1500, broken.size), name=NAMES["error"], properties=message)

    def strays(self) -> None:
        """Clicks on photos and titles, which do nothing and never did."""
        who = self.some(self.of(PRODUCT, ~self.v["bounce"]), STRAY * 2)
        self.click(who, "img.photo")
        self.wait(who, (4.5, 0.4))
        who = self.some(self.of(PAYMENT), STRAY * 2)
        self.click(who, "img.item")
        self.wait(who, (4.5, 0.4))
        who = self.some(self.of(PRODUCT, ~self.v["bounce"]), PHOTOS)
        lookers = who
        for again in (1.0, 0.8, 0.6, 0.5):  # through the photos, fast: not rage
            who = self.some(who, again)
            self.click(who, "button#next-photo")
            self.pause(who, 280, 900)
        self.wait(lookers, (4.5, 0.4))

    def category(self) -> None:
        who = self.some(self.of(CATEGORY, ~self.v["bounce"]), FILTERS)
        by = self.random.random(who.size) < 0.7
        for mine, selector in ((who[by], "button#filter"), (who[~by], "select#sort")):
            self.click(mine, selector)
            self.pause(mine, 250, 1200)
            self.tell(mine, "filter", selector)
            self.wait(mine, (9, 0.6))

    def product(self) -> None:
        who = self.of(PRODUCT, self.v["size"])
        size = pick(self.random, (2, 4, 4, 2), who.size)
        self.click(who, "button.size", size)
        self.pause(who, 10, 40)
        self.tell(who, "change", "button.size", TEXTS.all(SIZES)[size])
        self.wait(who, (5, 0.6))
        who = self.of(PRODUCT, self.v["adds"])
        self.click(who, "button#add-to-cart")
        self.pause(who, 120, 420)
        item = self.v["item"][who]
        # the price is a property: a session is worth what was ordered in it, not what was put into the cart
        named = [json.dumps({"product": name, "price": float(price)}) for _, name, price in PRODUCTS]
        self.tell(who, "add_to_cart", "button#add-to-cart", properties=PROPERTIES.all(named)[item])
        self.wait(who, (3.5, 0.5))

    def straight_back(self) -> None:
        who = np.flatnonzero(self.v["straight_back"])
        self.pause(who, 1000 * STRAIGHT_BACK_S[0], 1000 * STRAIGHT_BACK_S[1])

    def cart(self) -> None:
        full = self.of(CART, self.v["next"] != HOME)
        who = self.some(full, MORE)
        for again in (1.0, 0.6, 0.5):  # "+" again and again is no rage either
            who = self.some(who, again)
            self.click(who, "button.more")
            self.pause(who, 15, 40)
            self.tell(who, "change", "button.more")
            self.pause(who, 250, 700)
        who = self.of(CART, self.v["removes"])
        self.click(who, "button.remove", 1)
        self.pause(who, 150, 400)
        self.tell(who, "remove_from_cart", "button.remove")
        self.wait(who, (4, 0.5))
        self.coupon()

    def coupon(self) -> None:
        reasons = ("This code has run out.", "We do not know this code.", "Only for orders over € 150.")
        told = PROPERTIES.all([json.dumps({"reason": reason}, ensure_ascii=False) for reason in reasons])
        worth = PROPERTIES[json.dumps({"percent": round(100 * COUPON_WORTH)})]
        for number in range(1, COUPON_TRIES + 1):
            who = self.of(CART, self.v["tries"] >= number)
            self.fill(who, "input#coupon", (5.5, 0.4) if number == 1 else (4.0, 0.5))
            self.click(who, "button#apply-coupon")
            self.submit(who, "form#coupon")
            self.pause(who, 250, 700)
            good = (self.v["tries"][who] == number) & self.v["accepted"][who]
            self.tell(who[good], "coupon_applied", "form#coupon", properties=worth)
            bad = who[~good]
            self.tell(bad, "form_error", "input#coupon", properties=told[pick(self.random, (4, 5, 2), bad.size)])
            self.wait(who, (3.5, 0.5))

    def address(self) -> None:
        """Six fields; those who log in instead fill none, those with an account known fill none either."""
        done = self.v["next"] != LOGIN
        who = self.of(ADDRESS, done & ~self.v["signed"] & (self.v["next"] != CART))
        lost = (self.v["next"][who] == LEFT) & (self.v["fails"][who] == 0)
        stops = np.where(lost, self.random.integers(0, len(ADDRESS_FIELDS), who.size), len(ADDRESS_FIELDS))
        seconds = {
            "input#email": 6.5,
            "input#name": 4.5,
            "input#street": 6,
            "input#postcode": 2.6,
            "input#town": 3.2,
            "input#phone": 5,
        }
        for number, (selector, _) in enumerate(ADDRESS_FIELDS):
            mine = who[stops > number]
            if selector == "input#phone":  # may stay empty
                mine = self.some(mine, 0.45)
            self.fill(mine, selector, (seconds[selector], 0.35), by_key=0.0 if number == 0 else 0.6)
        self.wait(self.of(ADDRESS, self.v["signed"]), (7, 0.5))
        fails = self.of(ADDRESS, self.v["fails"] > 0)
        self.click(fails, "button#to-shipping")
        self.submit(fails, "form#address")
        self.pause(fails, 20, 90)
        self.tell(
            fails, "form_error", "input#postcode", properties=PROPERTIES[json.dumps({"reason": "This is no postcode."})]
        )
        self.wait(fails, (5, 0.4))
        again = fails[self.v["next"][fails] == SHIPPING]
        self.fill(again, "input#postcode", (4, 0.4))

    def shipping(self) -> None:
        """Everybody ponders: nobody says when it comes. Those who leave here mostly leave without a choice."""
        who = self.of(SHIPPING)
        self.wait(who, SHIPPING_PAUSE_S)
        self.clock[who] -= 1000 * READ_S["shipping"][0]  # the reading is part of the pause
        self.clock[who] = np.maximum(self.clock[who], 1500)
        chooses = who[(self.v["next"][who] != LEFT) | (self.random.random(who.size) < 0.25)]
        final = self.v["option"][chooses].astype(int)
        changes = self.v["changes"][chooses] > 0
        first = np.where(
            changes, (final + 1 + pick(self.random, (3, 1, 1), chooses.size)) % len(SHIPPING_OPTIONS), final
        )
        for mine, option in ((chooses, first), (chooses[changes], final[changes])):
            for number, (selector, words) in enumerate(SHIPPING_OPTIONS):
                chosen = mine[option == number]
                self.click(chosen, selector)
                self.pause(chosen, 5, 20)
                self.tell(chosen, "change", selector.replace("label", "input"), TEXTS[words])
            self.wait(mine, (5.5, 0.5))

    def payment(self) -> None:
        who = self.of(PAYMENT)
        outcome, method = self.v["outcome"], self.v["method"]
        stays = who[(outcome[who] != GIVES_UP) | (self.random.random(who.size) < 0.45)]
        for number, name in enumerate(METHOD_NAMES):
            mine = stays[method[stays] == number]
            mine = self.some(mine, 0.35) if name == "card" else mine  # the card is chosen already
            self.click(mine, f"label#pay-{name}")
            self.pause(mine, 5, 20)
            self.tell(mine, "change", f"input#pay-{name}")
            self.wait(mine, (3, 0.5))
        card = stays[method[stays] == METHOD_NAMES.index("card")]
        for selector, seconds in zip((name for name, _ in CARD_FIELDS), (11.0, 4.0, 3.5), strict=True):
            self.fill(card, selector, (seconds, 0.35), by_key=0.5)
        presses = stays[outcome[stays] != GIVES_UP]
        fails = self.v["fails"][presses] > 0
        forgets = fails & (self.random.random(presses.size) < TERMS_FORGOTTEN / (TERMS_FORGOTTEN + CARD_REFUSED))
        self.refused(presses[forgets], "input#terms", "Please accept the terms of sale.")
        self.click(presses, "input#terms")
        self.pause(presses, 5, 20)
        self.tell(presses, "change", "input#terms")
        self.wait(presses, (2.6, 0.4))
        refused = presses[fails & ~forgets]
        self.refused(refused, "input#card-number", "The bank did not accept this card.")
        self.fill(refused, "input#card-number", (10, 0.3))
        self.stuck(presses[outcome[presses] == STUCK])

    def refused(self, who: Ints, selector: str, reason: str) -> None:
        self.click(who, "button#pay-now")
        self.submit(who, "form#payment")
        self.pause(who, 60, 900)
        self.tell(who, "form_error", selector, properties=PROPERTIES[json.dumps({"reason": reason})])
        self.wait(who, (4, 0.4))

    def stuck(self, who: Ints) -> None:
        """ "Pay now" does nothing: press, wait, press again, then a burst; then look around, then go."""
        boxes, words = self.boxes(who, "button#pay-now")
        x, y = self.point(boxes)
        told = self.random.random(who.size) < ERROR_TOLD
        message = PROPERTIES[json.dumps(BREAKS_WITH)]

        def press(mine: Bools) -> None:
            aim_x = np.clip(x + self.random.integers(-7, 8, who.size), boxes[:, 0], boxes[:, 0] + boxes[:, 2] - 1)
            aim_y = np.clip(y + self.random.integers(-5, 6, who.size), boxes[:, 1], boxes[:, 1] + boxes[:, 3] - 1)
            self.tell(who[mine], "click", "button#pay-now", words[mine], x=aim_x[mine], y=aim_y[mine])

        everybody = np.ones(who.size, bool)
        press(everybody)
        self.log.add(
            who[told],
            self.clock[who[told]] + self.random.uniform(60, 240, int(told.sum())),
            name=NAMES["error"],
            properties=message,
        )
        self.pause(who, 2700, 6000)
        patient = self.random.random(who.size) < 0.5
        press(patient)
        self.pause(who[patient], 2700, 5000)
        rages = self.random.random(who.size) < RAGES
        clicks = self.random.integers(*BURST, who.size, endpoint=True)
        for number in range(BURST[1]):
            mine = rages & (clicks > number)
            press(mine)
            self.pause(who[mine], *BURST_GAP_MS)
        self.pause(who, 2900, 9000)

    def login(self) -> None:
        who = self.of(LOGIN, (self.v["fails"] > 0) | self.v["logs_in"])
        accounts = np.array([LOGIN_MAIL.format(number) for number in self.customer.tolist()])[
            self.sessions.person[self.v["session"][who]]
        ]
        told = np.array([PROPERTIES[json.dumps({"account": account})] for account in accounts.tolist()])
        for number in range(LOGIN_TRIES + 1):
            wrong = self.v["fails"][who] > number
            right = (self.v["fails"][who] == number) & self.v["logs_in"][who]
            mine = who[wrong | right]
            if number == 0:
                self.fill(mine, "input#login-email", (5, 0.4))
            self.fill(mine, "input#login-password", (4, 0.4), by_key=0.6)
            self.click(mine, "button#log-in")
            self.submit(mine, "form#login")
            self.pause(mine, 150, 500)
            self.tell(who[wrong], "login_failed", "form#login", properties=told[wrong])
            self.tell(who[right], "login")
            self.wait(who[wrong], (3, 0.5))

    def account(self) -> None:
        for bit, selector, name in (
            (1, "input#account-street", "address_changed"),
            (2, "input#account-email", "email_changed"),
        ):
            who = self.of(ACCOUNT, (self.v["changes"] & bit) > 0)
            self.fill(who, selector, (8, 0.4))
            self.click(who, "button#save")
            self.submit(who, "form#account")
            self.pause(who, 200, 500)
            self.tell(who, name)
            self.wait(who, (3, 0.5))
        who = self.of(ACCOUNT, self.v["logs_out"])
        self.click(who, "a#log-out")
        self.pause(who, 100, 300)
        self.tell(who, "logout")
        self.pause(who, 300, 900)

    # and on

    def go_on(self) -> None:
        """The click that leads to the next page, and the time until that is there; or the end."""
        following, kind = self.v["next"].astype(int), self.kind
        self.search()
        on = (following != LEFT) & ~self.v["searches"]
        silent = (kind == SIZE_GUIDE) | ((kind == PRODUCT) & (following == CATEGORY))
        silent &= self.random.random(len(self.v)) < BACK_BUTTON
        silent |= (kind == LOGIN) & self.v["logs_in"]  # the form leads on by itself
        silent |= (
            ((kind == PAYMENT) & np.isin(following, (PAYMENT, HOME)))
            | ((kind == LOGIN) & (following == ADDRESS))
            | ((kind == ACCOUNT) & self.v["logs_out"])
        )
        product, shelf = TEXTS.all([name for _, name, _ in PRODUCTS]), TEXTS.all(CATEGORIES)
        for here, there in sorted(set(zip(kind[on].tolist(), following[on].tolist(), strict=True))):
            who = np.flatnonzero(on & (kind == here) & (following == there) & ~silent)
            if not who.size:
                continue
            selector = WAYS.get((here, there)) or EVERYWHERE.get(there, "")
            if here == PRODUCT and there == CART:
                adds = self.v["adds"][who]
                self.click(who[adds], "a#go-to-cart")
                self.click(who[~adds], "a#cart")
                continue
            item = self.v["next_item"][who]
            text = (
                product[item] if there == PRODUCT and here != SIZE_GUIDE else shelf[item] if there == CATEGORY else None
            )
            self.click(who, selector, self.v["which"][who], text)
            if selector in FORMS:
                self.submit(who, FORMS[selector])
            if selector == "button#pay-now":
                self.wait(who, (0.9, 0.3))
        who = np.flatnonzero(on)
        self.clock[who] += np.clip(around(self.random, LOAD_MS, who.size), 120, 4000)
        told = self.some(np.flatnonzero((following == LEFT) & ~self.v["searches"]), LEAVE_TOLD)
        self.tell(told, "page_leave")

    def search(self) -> None:
        """Into the search box, Enter, and the wait for the results, which 1.2 makes short; some leave meanwhile."""
        who = np.flatnonzero(self.v["searches"])
        self.click(who, "input#search")
        self.pause(who, 8, 40)
        self.tell(who, "focus", "input#search")
        self.wait(who, (4.2, 0.35))
        asked = [json.dumps({"query": query}) for query, *_ in QUERIES]
        query = self.v["next_item"][who]
        self.tell(who, "search", "form#search", properties=PROPERTIES.all(asked)[query])
        release = self.sessions.release[self.v["session"][who]]
        for number, (name, _) in enumerate(RELEASES):
            mine = who[(release == number) & (self.v["next"][who] != LEFT)]
            self.clock[mine] += around(self.random, SEARCH_MS[name], mine.size)
        gone = who[self.v["next"][who] == LEFT]
        self.pause(gone, 900, 2200)
        self.tell(self.some(gone, LEAVE_TOLD), "page_leave")

    def scrolls(self) -> None:
        """How deep people read, and that nobody presses what they have not scrolled to."""
        events = self.log.joined()
        height = np.array([[layout(kind, screen)[1] for screen in SCREENS] for kind in PAGES], float)[
            self.kind, self.screen
        ]
        width = self.sessions.width[self.v["session"]]
        zoom = np.where(
            self.screen == SCREEN_NAMES.index("desktop"), 1, np.array([s.width for s in SCREENS])[self.screen] / width
        )
        fold = self.sessions.height[self.v["session"]] * zoom / height
        needed, first = np.zeros(len(self.v)), np.full(len(self.v), np.inf)
        deep = events["y"] / height[events["visit"]] + 0.03
        below = np.flatnonzero((events["y"] >= 0) & (deep > fold[events["visit"]]))
        np.maximum.at(needed, events["visit"][below], deep[below])
        np.minimum.at(first, events["visit"][below], events["at"][below])
        whim = np.where(
            self.v["bounce"], 0.3, np.where(np.isin(self.kind, (HOME, CATEGORY, SEARCH, PRODUCT, HELP)), 0.38, 0.3)
        )
        reads = (self.random.random(len(self.v)) < whim) & (fold < 0.95) & ~self.v["straight_back"]
        depth = np.where(reads, fold + (1 - fold) * self.random.beta(1.3, 1.6, len(self.v)), 0)
        deepest = np.minimum(np.maximum(depth, needed), 1)
        last = np.minimum(first, np.maximum(self.clock, 400))
        who = np.flatnonzero(deepest > 0)
        at = last[who] * self.random.uniform(0.35, 0.92, who.size)
        self.log.add(who, at, name=NAMES["scroll"], depth=np.round(deepest[who], 2))
        twice = who[self.random.random(who.size) < 0.35]
        before = np.round(fold[twice] + (deepest[twice] - fold[twice]) * self.random.uniform(0.2, 0.8, twice.size), 2)
        self.log.add(
            twice,
            last[twice] * self.random.uniform(0.08, 0.33, twice.size),
            name=NAMES["scroll"],
            depth=np.clip(before, 0, 1),
        )


CONTROLS: dict[tuple[str, int], dict[str, list[Part]]] = {}


def controls(kind: str, screen: int) -> dict[str, list[Part]]:
    """The parts of a page that can be clicked, by selector."""
    if (kind, screen) not in CONTROLS:
        found = CONTROLS.setdefault((kind, screen), {})
        for part in layout(kind, SCREENS[screen])[0]:
            if part.selector:
                found.setdefault(part.selector, []).append(part)
    return CONTROLS[kind, screen]
