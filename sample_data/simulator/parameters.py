"""Every number that shapes the sample. The README says in words what the planted ones do."""

from datetime import datetime

from .shop import PLATFORMS

SEED = 12
FIRST_DAY = datetime(2026, 8, 3)  # a Monday, Europe/Berlin
DAYS = 84
CLOCK_BACK_H = 83 * 24 + 3  # on the last Sunday the wall clock goes back at 3 o'clock; two hours before UTC until then
HOUR, MINUTE = 3_600_000, 60_000  # all times are milliseconds

RELEASES = (("1.0", 0), ("1.1", 35), ("1.2", 63))  # name, day
ROLLOUT_H = (4, 8)  # on that day a release takes over between these hours

# who comes
PEOPLE = 18_100  # drawn, of whom some came only before the first day
EARLIER_DAYS = 140  # people who came before are simulated too, so that week one has returning people like any other
GROWTH = 1.05  # new people at the end, of those at the start
LOYAL, RETURN_LOYAL, RETURN_CASUAL = 0.225, 0.915, 0.42  # a share of people; after a session they come again
RETURN_DAYS = {"loyal": (6.0, 0.8), "casual": (4.0, 1.1)}  # median and spread (log) of the days until then
ACCOUNTS = {"loyal": 0.72, "casual": 0.26}
DEVICES = {"phone": 0.445, "tablet": 0.070, "desktop": 0.485}
SECOND_DEVICE = {"loyal": 0.16, "casual": 0.03}  # share of sessions on the person's other device
WEEKDAY = (1.02, 0.97, 0.96, 1.02, 0.92, 1.00, 1.18)  # Monday to Sunday
WEEK = (0.98, 0.96, 1.0, 1.03, 1.02, 1.0, 1.02, 0.98, 1.0, 1.0, 1.03, 0.98)
HOURS = {  # sessions by local hour
    "phone": (6, 3, 1, 1, 1, 3, 14, 30, 32, 30, 32, 36, 46, 42, 36, 36, 40, 48, 56, 70, 88, 92, 62, 24),
    "tablet": (4, 2, 1, 1, 1, 2, 8, 18, 28, 34, 36, 34, 34, 34, 32, 34, 38, 44, 58, 84, 104, 96, 52, 16),
    "desktop": (5, 2, 1, 1, 1, 2, 8, 24, 52, 70, 76, 74, 66, 66, 66, 64, 60, 52, 44, 50, 62, 56, 32, 12),
}
REMEMBERED = 0.62  # share of later sessions on a device, once logged in, that are still logged in

# where they go: per page kind the weights of what comes next, for people who look and for people who mean to buy
BUYERS = {"phone": 0.150, "tablet": 0.178, "desktop": 0.206}
RETURNING_URGE = 1.2
LOOKING = {
    "home": {"category": 48, "product": 17, "search": 14, "help": 2, "account": 3, "left": 9},
    "category": {"product": 66, "category": 10, "home": 5, "search": 4, "left": 12},
    "search": {"product": 52, "home": 6, "search": 8, "left": 25},
    "product": {"category": 29, "product": 19, "search": 5, "home": 6, "size-guide": 3.5, "help": 1, "left": 26},
    "size-guide": {"product": 80, "home": 3, "left": 17},
    "cart": {"address": 34, "product": 14, "category": 10, "home": 4, "left": 38},
    "address": {"shipping": 70, "cart": 6, "left": 24},
    "shipping": {"payment": 74, "cart": 6, "left": 20},
    "payment": {"payment": 2, "cart": 8, "help": 4, "left": 36},  # of those who do not pay
    "done": {"orders": 4, "home": 9, "left": 87},
    "help": {"help": 24, "home": 14, "search": 4, "left": 58},
    "login": {"home": 10, "left": 90},  # of those who do not get in
    "account": {"orders": 48, "home": 22, "left": 30},
    "orders": {"account": 8, "home": 16, "search": 4, "left": 72},
}
BUYING = LOOKING | {
    "home": {"category": 50, "product": 20, "search": 22, "account": 2, "left": 6},
    "category": {"product": 74, "category": 9, "home": 3, "search": 5, "left": 9},
    "search": {"product": 66, "home": 4, "search": 12, "left": 18},
    "product": {"category": 30, "product": 22, "search": 10, "home": 4, "size-guide": 10, "left": 24},
    "size-guide": {"product": 88, "home": 2, "left": 10},
    "cart": {"address": 80, "product": 7, "category": 5, "left": 8},
    "address": {"shipping": 90, "cart": 3, "left": 7},
    "shipping": {"payment": 83, "cart": 4, "left": 13},
    "help": {"help": 24, "home": 20, "search": 6, "left": 50},
}
ADDS = {"looking": 0.008, "buying": 0.36}  # share of product visits that put it into the cart
AFTER_ADDING = {"cart": 58, "category": 15, "product": 13, "search": 4, "left": 10}
CART_CALLS = 45  # weight of the cart on other pages for buyers who have something in it
FIRST_PAGE_HOLDS = 0.4  # factor on the weight of leaving the first page, for those who did not bounce
MAX_PAGES = 40

# what they do
READ_S = {  # median and spread (log) of the seconds before they act
    "home": (24, 0.6), "category": (46, 0.6), "search": (28, 0.6), "product": (60, 0.65), "size-guide": (24, 0.5),
    "cart": (15, 0.6),
    "address": (4, 0.5), "shipping": (4, 0.4), "payment": (7, 0.5), "done": (10, 0.6), "help": (32, 0.7),
    "login": (4, 0.5),
    "account": (12, 0.6), "orders": (16, 0.6),
}  # fmt: skip
BOUNCE_S = (3.9, 0.55)
LOAD_MS = (420, 0.45)  # from the click to the next page
IDLE, IDLE_S = 0.012, (60, 900)  # share of visits with a pause for something else, and its bounds
LEAVE_TOLD = 0.7  # share of sessions whose last page says that it was left
BACK_BUTTON = 0.35  # share of ways back that leave no click on the page
STRAY = 0.04  # share of visits with a click on something that is no control
BROKEN_PICTURE = 0.003  # share of page views with an error of no consequence

# planted: "Pay now" under 1.1 on phones
BROKEN_RELEASE, SMALL_SCREEN = "1.1", 600
METHODS = {"card": 0.655, "paypal": 0.18, "invoice": 0.165}
PAYS = {"phone": 0.72, "tablet": 0.74, "desktop": 0.77}  # share of payment visits that are paid, where it works
STUCK_NEXT = {"left": 54, "cart": 20, "payment": 14, "help": 9, "home": 3}  # after "Pay now" did nothing
PRESSES = 0.94  # share of those who come to a broken "Pay now" and press it
RAGES = 0.66  # share of stuck visits with a burst
BURST = (3, 6)  # clicks of a burst
BURST_GAP_MS = (150, 420)
ERROR_TOLD = 0.45  # share of stuck visits in which the page reports the error that stops it
BREAKS_WITH = {"message": "TypeError: form is null", "source": "pay.js:214"}
SWITCHES = 0.10  # share of later visits of the stuck that try PayPal, which works

# planted: search
SEARCH_MS = {"1.0": (2_400, 0.22), "1.1": (2_400, 0.22), "1.2": (900, 0.22)}
IMPATIENT = {"1.0": 0.07, "1.1": 0.07, "1.2": 0.015}  # leave before the results come
FOUND = {"1.0": 1.0, "1.1": 1.0, "1.2": 1.75}  # factor on the weight of a product after a search
NOTHING_FOUND = {"search": 34, "home": 8, "left": 58}

# planted: the coupon field
COUPON = 0.45  # share of buyers who try one on their first look into the cart
COUPON_FAILS, COUPON_AGAIN, COUPON_TRIES = 0.41, 0.62, 4
COUPON_GRUDGE = 6.0  # factor on the weight of leaving after the last try failed
COUPON_WORTH = 0.10

# planted: the shipping choice
SHIPPING_PAUSE_S = (14.0, 0.45)
SHIPPING_CHANGES = 0.28  # choose again, after a second pause
SHIPPING_SHARE = {"standard": 0.62, "express": 0.14, "point": 0.15, "bundle": 0.09}
SHIPPING_EUR = {"standard": 4.9, "express": 9.9, "point": 2.9, "bundle": 0.0}

# planted: the size guide, rebuilt in 1.2
USELESS_GUIDE = "1.2"
STRAIGHT_BACK, STRAIGHT_BACK_S = 0.62, (1.6, 4.8)

# other behaviour
ADDRESS_FAILS, ADDRESS_GIVES_UP = 0.09, 0.25
LOGS_IN_AT_ADDRESS = 0.45
LOGIN_FAILS, LOGIN_TRIES = 0.13, 4
CHANGES_ADDRESS, CHANGES_EMAIL, LOGS_OUT = 0.05, 0.015, 0.05
FILTERS, PHOTOS, MORE, REMOVES, CHOOSES_SIZE, TERMS_FORGOTTEN, CARD_REFUSED = 0.18, 0.07, 0.05, 0.06, 0.16, 0.05, 0.03

# planted: who does not belong there
SCRAPERS = (  # agent, sessions, products (from, to), seconds between two pages, jitter (s), addresses, country
    ("PriceBot/2.1 (+https://pricebot.example.com/about)", 90, (14, 34), 1.5, 0.02,
     ("198.51.100.10", "198.51.100.11"), "US"),
    ("ShelfCrawler/0.9 (https://crawl.example.net)", 50, (20, 40), 3.0, 0.05, ("198.51.100.20",), "NL"),
    (PLATFORMS["desktop"][0].agent, 120, (16, 36), 2.0, 0.03, tuple(f"198.51.100.{n}" for n in range(64, 76)), "US"),
)  # fmt: skip
STUFFING_DAYS, STUFFING_SESSIONS, STUFFING_TRIES, STUFFING_PAUSE_S = (47, 48), 56, (20, 38), (1.5, 4.0)  # a weekend
STUFFING_ADDRESSES = (("203.0.113.17", "US"), ("203.0.113.58", "SG"), ("203.0.113.101", "NL"), ("203.0.113.164", "CA"))
STUFFING_HITS, STUFFING_KNOWN = 11, 0.35  # accounts that gave in; share of tries at accounts that exist
TAKEOVERS = (
    (50, 2.6, "203.0.113.201", "CA"),
    (71, 3.4, "203.0.113.222", "SG"),
)  # from day, hours after the owner, address, country
STAFF, STAFF_DAYS, STAFF_READS = ("staff-1", "staff-2", "staff-3", "staff-4"), 0.45, (2, 10)
BULK_READER = "staff-3"
BULK_EVENINGS = ((52, 214), (58, 266), (66, 241), (73, 318), (80, 187))  # day, customers read
BULK_PAUSE_S = (2.5, 7.0)
