"""The shop's pages: where everything stands on them, and their pictures.

One table serves both: `layout(kind, screen)` lists the parts of a page with their boxes in CSS pixels from the page's
top left, the simulator places clicks into these boxes, and `picture` draws them. So a click on "Pay now" lies on the
"Pay now" that the picture shows, always.

There are three layouts, 390, 820 and 1280 pixels wide. Phones and tablets lay the page out at that width whatever
their own (`<meta name="viewport" content="width=390">`) and zoom it to the glass; on larger desktop windows the page
stays at the left edge and the rest is empty. Hence x and y fit the picture for every viewport width of its band.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from html import escape

INK = "#7E8288"  # a middle grey: 3.7:1 on light paper, 4.7:1 on dark slate; the pictures have no ground of their own
FAMILY = "Helvetica,Arial,sans-serif"

SHOP = "Tannwind"
CATEGORIES = ("Jackets", "Fleece", "Trousers", "Shoes", "Tents", "Sleeping bags", "Backpacks", "Cooking")
TOPICS = ("Delivery", "Returns", "Paying", "Sizes", "Repairs", "Contact")
SIZES = ("S", "M", "L", "XL")


@dataclass(frozen=True)
class Screen:
    """A layout: `width` in CSS px, used from viewports of `min_width` on; cards stand in `columns`."""

    name: str
    width: int
    min_width: int
    margin: int
    columns: int

    @property
    def wide(self) -> bool:
        return self.columns > 2

    @property
    def inner(self) -> int:
        return self.width - 2 * self.margin


SCREENS = (Screen("phone", 390, 0, 20, 2), Screen("tablet", 820, 600, 36, 3), Screen("desktop", 1280, 1024, 60, 4))


@dataclass(frozen=True)
class Part:
    """Something on a page. `selector` is empty where nothing can be clicked; several parts may share one."""

    look: str
    words: str
    x: int
    y: int
    w: int
    h: int
    selector: str = ""


@dataclass
class Sheet:
    """A page being laid out from the top: `y` is where the next part goes."""

    screen: Screen
    parts: list[Part] = field(default_factory=list)
    y: int = 0
    left: int = 0  # where rows begin

    def __post_init__(self) -> None:
        self.left = self.screen.margin

    def centre(self) -> None:
        """From here on a column of at most 640 px in the middle."""
        self.left = (self.screen.width - self.column) // 2

    def put(self, look: str, words: str, x: int, y: int, w: int, h: int, selector: str = "") -> None:
        self.parts.append(Part(look, words, x, y, w, h, selector))

    def row(self, look: str, words: str, h: int, selector: str = "", *, gap: int = 16, w: int = 0) -> None:
        """One part over the whole width (or `w`), and the cursor goes on below it."""
        self.put(look, words, self.left, self.y, w or self.column, h, selector)
        self.y += h + gap

    def grid(self, look: str, words: tuple[str, ...], h: int, selector: str, columns: int, *, gap: int = 12) -> None:
        """Parts of one selector in rows of `columns`, in the order in which their number counts them."""
        w = (self.screen.inner - gap * (columns - 1)) // columns
        for n, text in enumerate(words):
            x = self.screen.margin + n % columns * (w + gap)
            self.put(look, text, x, self.y + n // columns * (h + gap), w, h, selector)
        self.y += -(-len(words) // columns) * (h + gap) + 12

    @property
    def column(self) -> int:
        """Forms and articles are at most 640 px wide."""
        return min(self.screen.inner, 640)


# ------------------------------------------------------------------------------------------------ head and foot


def head(sheet: Sheet) -> None:
    """The shop's head: menu or shelves, search, account, cart."""
    s = sheet.screen
    if s.wide:
        sheet.put("logo", SHOP, s.margin, 20, 150, 32, "a#logo")
        x = s.margin + 190
        sheet.put("search", "What are you looking for?", x, 16, s.width - x - s.margin - 190, 40, "input#search")
        sheet.put("link", "Account", s.width - s.margin - 150, 24, 70, 24, "a#account")
        sheet.put("link", "Cart", s.width - s.margin - 50, 24, 50, 24, "a#cart")
        sheet.put("rule", "", 0, 72, s.width, 0)
        sheet.y = 96
    else:
        sheet.put("icon", "menu", 16, 12, 32, 32, "button#menu")
        sheet.put("logo", SHOP, 135, 14, 120, 28, "a#logo")
        sheet.put("icon", "person", 298, 12, 32, 32, "a#account")
        sheet.put("icon", "bag", 342, 12, 32, 32, "a#cart")
        sheet.put("search", "What are you looking for?", s.margin, 60, s.inner, 42, "input#search")
        sheet.put("rule", "", 0, 116, s.width, 0)
        sheet.y = 136


def checkout_head(sheet: Sheet, title: str, step: int) -> None:
    """The quiet head of the way to the till: back, where one is, nothing else to press."""
    s = sheet.screen
    sheet.put("link", "‹ Back to cart", s.margin, 18, 110, 24, "a#back-to-cart")
    sheet.put("heading", title, s.width // 2 - 70, 18, 140, 24)
    sheet.put("right", f"{step} of 3", s.width - s.margin - 60, 18, 60, 24)
    sheet.put("rule", "", 0, 58, s.width, 0)
    sheet.put("progress", str(step / 3), s.margin, 74, s.inner, 5)
    sheet.y = 104


def foot(sheet: Sheet) -> None:
    s = sheet.screen
    sheet.y += 28
    sheet.put("rule", "", 0, sheet.y, s.width, 0)
    x = s.margin
    for words, selector in (
        ("Help", "a#help"),
        ("Returns", "a#returns"),
        ("Privacy", "a#privacy"),
        ("Imprint", "a#imprint"),
    ):
        sheet.put("link", words, x, sheet.y + 22, 70, 24, selector)
        x += 88 if s.width < 600 else 130
    sheet.y += 72


# -------------------------------------------------------------------------------------------------- the pages


def home(sheet: Sheet) -> None:
    s = sheet.screen
    head(sheet)
    sheet.put("picture", "Out, whatever the weather", s.margin, sheet.y, s.inner, 200 if not s.wide else 300, "a#hero")
    sheet.y += (200 if not s.wide else 300) + 28
    sheet.row("title", "Shelves", 24)
    sheet.grid("chip", CATEGORIES, 64, "a.category", 2 if not s.wide else 4)
    sheet.row("title", "Popular this week", 24)
    sheet.grid("card", ("",) * (2 * s.columns), 220, "a.card", s.columns)
    foot(sheet)


def category(sheet: Sheet) -> None:
    s = sheet.screen
    head(sheet)
    sheet.grid("chip", CATEGORIES, 36, "a.category", 4 if s.width < 1000 else 8, gap=8)
    sheet.row("heading", "A shelf", 26)
    sheet.put("quiet", "Filter", s.margin, sheet.y, 110, 38, "button#filter")
    sheet.put("quiet", "Sort by", s.margin + 122, sheet.y, 130, 38, "select#sort")
    sheet.y += 58
    sheet.grid("card", ("",) * 8, 220, "a.card", s.columns)
    foot(sheet)


def search(sheet: Sheet) -> None:
    head(sheet)
    sheet.row("heading", "Found", 26, gap=8)
    sheet.row("note", "Best matches first", 20)
    sheet.grid("card", ("",) * 8, 220, "a.card", sheet.screen.columns)
    foot(sheet)


def product(sheet: Sheet) -> None:
    s = sheet.screen
    head(sheet)
    sheet.put("link", "‹ All of this shelf", s.margin, sheet.y, 150, 24, "a#breadcrumb")
    sheet.y += 38
    top = sheet.y
    photo = s.inner if not s.wide else s.inner * 11 // 20
    height = 330 if not s.wide else 460
    sheet.put("picture", "", s.margin, top, photo, height, "img.photo")
    sheet.put("quiet", ">", s.margin + photo - 52, top + height - 52, 40, 40, "button#next-photo")
    x, w = (s.margin, s.inner) if not s.wide else (s.margin + photo + 32, s.inner - photo - 32)
    y = top + height + 20 if not s.wide else top
    sheet.put("heading", "Name of the product", x, y, w, 26)
    sheet.put("title", "€ 89.00", x, y + 36, w, 24)
    for n, size in enumerate(SIZES):
        sheet.put("chip", size, x + n * 62, y + 84, 54, 44, "button.size")
    sheet.put("link", "Size guide", x + 256, y + 94, 84, 24, "a#size-guide")
    sheet.put("button", "Add to cart", x, y + 148, w, 52, "button#add-to-cart")
    sheet.put("note", "It is in your cart.", x, y + 216, w - 130, 24)
    sheet.put("quiet", "Go to cart", x + w - 120, y + 210, 120, 36, "a#go-to-cart")
    sheet.put("bars", "4", x, y + 272, w, 96)
    sheet.y = max(y + 390, top + height + 30)
    sheet.row("title", "Others looked at", 24)
    sheet.grid("card", ("",) * (4 if not s.wide else s.columns), 220, "a.related", s.columns)
    foot(sheet)


def size_guide(sheet: Sheet) -> None:
    head(sheet)
    sheet.centre()
    sheet.row("link", "‹ Back to the product", 24, "a#back", w=160)
    sheet.row("heading", "Which size fits me?", 28)
    sheet.row("bars", "2", 48)
    for name in ("", *SIZES, "XXL"):
        sheet.put("note", name, sheet.left, sheet.y, 60, 24)
        for n in range(3):
            sheet.put("bars", "1", sheet.left + 90 + n * (sheet.column - 80) // 3, sheet.y + 4, 60, 16)
        sheet.row("rule", "", 0, gap=44)
    sheet.row("picture", "How to measure", 320)
    sheet.row("bars", "5", 120)
    foot(sheet)


def cart(sheet: Sheet) -> None:
    head(sheet)
    sheet.centre()
    sheet.row("heading", "Your cart", 28)
    for _ in range(2):
        x, y, w = sheet.left, sheet.y, sheet.column
        sheet.put("picture", "", x, y, 84, 84, "a.item")
        sheet.put("bars", "1", x + 100, y + 8, 140, 14)
        sheet.put("right", "€ 89.00", x + w - 80, y, 80, 24)
        sheet.put("quiet", "−", x + 100, y + 46, 36, 36, "button.less")
        sheet.put("say", "1", x + 148, y + 52, 20, 24)
        sheet.put("quiet", "+", x + 172, y + 46, 36, 36, "button.more")
        sheet.put("link", "Remove", x + w - 62, y + 52, 62, 24, "button.remove")
        sheet.y += 104
    sheet.row("rule", "", 0, gap=34)
    sheet.put("field", "Coupon code", sheet.left, sheet.y, sheet.column - 120, 44, "input#coupon")
    sheet.put("quiet", "Apply", sheet.left + sheet.column - 108, sheet.y, 108, 44, "button#apply-coupon")
    sheet.y += 72
    sheet.put("say", "Total, tax included", sheet.left, sheet.y, 160, 24)
    sheet.put("right", "€ 178.00", sheet.left + sheet.column - 100, sheet.y, 100, 24)
    sheet.y += 48
    sheet.row("button", "Checkout", 52, "a#checkout")
    sheet.row("link", "Keep shopping", 24, "a#keep-shopping", w=120)
    foot(sheet)


ADDRESS_FIELDS = (
    ("input#email", "E-mail"),
    ("input#name", "Name"),
    ("input#street", "Street and number"),
    ("input#postcode", "Postcode"),
    ("input#town", "Town"),
    ("input#phone", "Phone, if the parcel service may call"),
)


def address(sheet: Sheet) -> None:
    checkout_head(sheet, "Address", 1)
    sheet.centre()
    sheet.row("heading", "Where to?", 28)
    sheet.put("say", "You have an account?", sheet.left, sheet.y, 160, 24)
    sheet.put("link", "Log in", sheet.left + 170, sheet.y, 60, 24, "a#log-in-here")
    sheet.y += 60
    for selector, words in ADDRESS_FIELDS:
        narrow = selector == "input#postcode"
        x = sheet.left + 140 if selector == "input#town" else sheet.left
        sheet.put("field", words, x, sheet.y, 124 if narrow else sheet.column - (x - sheet.left), 44, selector)
        sheet.y += 0 if narrow else 76
    sheet.row("button", "Continue to shipping", 52, "button#to-shipping")
    foot(sheet)


SHIPPING_OPTIONS = (
    ("label#ship-standard", "Standard, 3 to 4 days, € 4.90"),
    ("label#ship-express", "Express, next working day, € 9.90"),
    ("label#ship-point", "Collect at a parcel shop, € 2.90"),
    ("label#ship-bundle", "Wait for all parts, one parcel, free"),
)


def shipping(sheet: Sheet) -> None:
    checkout_head(sheet, "Shipping", 2)
    sheet.centre()
    sheet.row("heading", "How shall it come?", 28)
    sheet.row("bars", "2", 48)
    for selector, words in SHIPPING_OPTIONS:
        sheet.row("choice", words, 56, selector, gap=12)
    sheet.y += 12
    sheet.row("bars", "3", 72)
    sheet.row("button", "Continue to payment", 52, "button#to-payment")
    foot(sheet)


PAY_CHOICES = (("label#pay-card", "Card"), ("label#pay-paypal", "PayPal"), ("label#pay-invoice", "Invoice"))
CARD_FIELDS = (
    ("input#card-number", "Card number"),
    ("input#expiry", "Expiry date"),
    ("input#security-code", "Security code"),
)


def payment(sheet: Sheet) -> None:
    checkout_head(sheet, "Payment", 3)
    sheet.centre()
    sheet.row("title", "Your order", 24)
    for _ in range(2):
        sheet.put("picture", "", sheet.left, sheet.y, 64, 64, "img.item")
        sheet.put("bars", "2", sheet.left + 80, sheet.y + 8, 150, 40)
        sheet.put("right", "€ 89.00", sheet.left + sheet.column - 80, sheet.y + 6, 80, 24)
        sheet.y += 76
    sheet.put("say", "Total, tax included", sheet.left, sheet.y, 160, 24)
    sheet.put("right", "€ 182.90", sheet.left + sheet.column - 100, sheet.y, 100, 24)
    sheet.y += 52
    sheet.row("title", "How do you want to pay?", 24)
    for selector, words in PAY_CHOICES:
        sheet.row("chosen" if words == "Card" else "choice", words, 42, selector, gap=8)
    sheet.y += 32
    sheet.row("field", CARD_FIELDS[0][1], 44, CARD_FIELDS[0][0], gap=32)
    half = (sheet.column - 14) // 2
    sheet.put("field", CARD_FIELDS[1][1], sheet.left, sheet.y, half, 44, CARD_FIELDS[1][0])
    sheet.put("field", CARD_FIELDS[2][1], sheet.left + half + 14, sheet.y, half, 44, CARD_FIELDS[2][0])
    sheet.y += 66
    sheet.put("check", "", sheet.left, sheet.y, 28, 28, "input#terms")
    sheet.put("say", "I accept the terms of sale", sheet.left + 42, sheet.y + 2, 200, 24)
    sheet.y += 50
    sheet.row("button", "Pay now", 52, "button#pay-now", gap=22)
    sheet.row("link", "Help with paying", 24, "a#help-paying", w=140)
    foot(sheet)


def done(sheet: Sheet) -> None:
    head(sheet)
    sheet.centre()
    sheet.row("heading", "Thank you. Your order is on its way.", 28)
    sheet.row("bars", "3", 72)
    sheet.row("quiet", "See your orders", 48, "a#see-orders", w=200)
    sheet.row("link", "Keep shopping", 24, "a#keep-shopping", w=120)
    sheet.row("picture", "", 220)
    foot(sheet)


def help_(sheet: Sheet) -> None:
    head(sheet)
    sheet.row("heading", "How can we help?", 28)
    sheet.grid("chip", TOPICS, 48, "a.topic", 2 if not sheet.screen.wide else 3)
    for _ in range(3):
        sheet.row("bars", "1", 18, gap=14)
        sheet.row("bars", "4", 96, gap=26)
    sheet.row("quiet", "Write to us", 44, "a#contact", w=160)
    foot(sheet)


def login(sheet: Sheet) -> None:
    head(sheet)
    sheet.centre()
    sheet.row("heading", "Log in", 28, gap=40)
    sheet.row("field", "E-mail", 44, "input#login-email", gap=34)
    sheet.row("field", "Password", 44, "input#login-password", gap=20)
    sheet.row("link", "Forgot your password?", 24, "a#forgot", w=170)
    sheet.row("button", "Log in", 52, "button#log-in")
    sheet.row("link", "Make an account", 24, "a#make-account", w=140)
    foot(sheet)


ACCOUNT_FIELDS = (
    ("input#account-email", "E-mail"),
    ("input#account-street", "Street and number"),
    ("input#account-town", "Postcode and town"),
)


def account(sheet: Sheet) -> None:
    head(sheet)
    sheet.centre()
    sheet.row("heading", "Your account", 28)
    sheet.put("quiet", "Your orders", sheet.left, sheet.y, 150, 44, "a#orders")
    sheet.put("quiet", "Log out", sheet.left + 164, sheet.y, 120, 44, "a#log-out")
    sheet.y += 90
    for selector, words in ACCOUNT_FIELDS:
        sheet.row("field", words, 44, selector, gap=32)
    sheet.row("button", "Save changes", 52, "button#save")
    foot(sheet)


def orders(sheet: Sheet) -> None:
    head(sheet)
    sheet.centre()
    sheet.row("link", "‹ Your account", 24, "a#back-to-account", w=130)
    sheet.row("heading", "Your orders", 28)
    for _ in range(3):
        sheet.put("picture", "", sheet.left, sheet.y, 64, 64)
        sheet.put("bars", "2", sheet.left + 80, sheet.y + 10, 160, 40)
        sheet.put("link", "Track", sheet.left + sheet.column - 50, sheet.y + 20, 50, 24, "a.track")
        sheet.y += 84
    foot(sheet)


PAGES: dict[str, tuple[tuple[str, ...], Callable[[Sheet], None]]] = {
    "home": (("/",), home),
    "category": (("/category/*",), category),
    "search": (("/search",), search),
    "product": (("/product/*",), product),
    "size-guide": (("/size-guide",), size_guide),
    "cart": (("/cart",), cart),
    "address": (("/checkout/address",), address),
    "shipping": (("/checkout/shipping",), shipping),
    "payment": (("/checkout/payment",), payment),
    "done": (("/checkout/done",), done),
    "help": (("/help", "/help/*"), help_),
    "login": (("/login",), login),
    "account": (("/account",), account),
    "orders": (("/account/orders",), orders),
}


@cache
def layout(kind: str, screen: Screen) -> tuple[tuple[Part, ...], int]:
    """The parts of a page, and its height in CSS px."""
    sheet = Sheet(screen)
    PAGES[kind][1](sheet)
    return tuple(sheet.parts), sheet.y


# --------------------------------------------------------------------------------------------------- the pictures


def text(
    words: str, x: float, y: float, size: int = 14, *, bold: bool = False, anchor: str = "", fill: str = ""
) -> str:
    more = (' font-weight="600"' if bold else "") + (f' text-anchor="{anchor}"' if anchor else "")
    more += f' fill="{fill}"' if fill else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}"{more}>{escape(words, quote=False)}</text>'


def box(part: Part, radius: float = 5, *, filled: float = 0) -> str:
    paint = f'fill-opacity="{filled:g}"' if filled else f'fill="none" stroke="{INK}" stroke-opacity=".55"'
    return f'<rect x="{part.x}" y="{part.y}" width="{part.w}" height="{part.h}" rx="{radius:g}" {paint}/>'


def bar(x: int, y: int, w: int, h: int = 8) -> str:
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="3" fill-opacity=".2"/>'


def icon(part: Part) -> str:
    """Three lines, a head with shoulders, or a bag, in a square of 32 px."""
    x, y = part.x, part.y
    shape = {
        "menu": f"M{x + 6} {y + 9}h20M{x + 6} {y + 16}h20M{x + 6} {y + 23}h20",
        "person": f"M{x + 16} {y + 6}a5 5 0 1 0 .1 0M{x + 7} {y + 27}c0-12 18-12 18 0",
        "bag": f"M{x + 7} {y + 11}h18l1 15h-20zM{x + 12} {y + 11}c0-7 8-7 8 0",
    }[part.words]
    return f'<path d="{shape}" fill="none" stroke="{INK}" stroke-width="1.6"/>'


def drawn(part: Part) -> str:
    """One part as SVG; grey bars stand for what differs from product to product."""
    x, y, w, h, words = part.x, part.y, part.w, part.h, part.words
    middle = y + h / 2
    match part.look:
        case "button":
            return box(part, 8, filled=0.75) + text(
                words, x + w / 2, middle + 6, 17, bold=True, anchor="middle", fill="#FFF"
            )
        case "quiet" | "chip":
            return box(part, 8 if part.look == "quiet" else 6) + text(words, x + w / 2, middle + 5, anchor="middle")
        case "field":
            return text(words, x, y - 8, 13) + box(part)
        case "search":
            return box(part, h / 2) + text(words, x + 18, middle + 5)
        case "choice" | "chosen":
            paint = f'fill="none" stroke="{INK}"' if part.look == "choice" else ""
            ring = f'<circle cx="{x + 20}" cy="{middle:g}" r="7" {paint}/>'
            return box(part) + ring + text(words, x + 40, middle + 5)
        case "check":
            return box(part, 4)
        case "picture":
            return box(part, 6, filled=0.13) + (
                text(words, x + w / 2, middle + 6, 18, anchor="middle") if words else ""
            )
        case "card":
            photo = Part("", "", x, y, w, h - 48, "")
            return box(photo, 6, filled=0.13) + bar(x, y + h - 36, w * 3 // 5) + bar(x, y + h - 18, w // 4)
        case "bars":
            lines = int(words)
            return "".join(bar(x, y + 4 + n * 24, w if n < lines - 1 else w * 2 // 3) for n in range(lines))
        case "progress":
            return bar(x, y, w, h) + f'<rect x="{x}" y="{y}" width="{round(w * float(words))}" height="{h}" rx="2"/>'
        case "rule":
            return f'<path d="M{x} {y}h{w}" stroke="{INK}" stroke-opacity=".3"/>'
        case "icon":
            return icon(part)
        case "logo":
            return text(
                words, x + (w / 2 if w < 150 else 0), middle + 7, 20, bold=True, anchor="middle" if w < 150 else ""
            )
        case "heading" if w == 140:
            return text(words, x + w / 2, middle + 6, 17, bold=True, anchor="middle")
        case "heading":
            return text(words, x, middle + 7, 20, bold=True)
        case "title":
            return text(words, x, middle + 5, 16, bold=True)
        case "right":
            return text(words, x + w, middle + 5, anchor="end")
        case "note":
            return text(words, x, middle + 5, 13)
    return text(words, x, middle + 5)


def picture(kind: str, screen: Screen) -> str:
    """The page as SVG, one unit a CSS pixel."""
    parts, height = layout(kind, screen)
    size = f'width="{screen.width}" height="{height}" viewBox="0 0 {screen.width} {height}"'
    body = "\n".join(drawn(part) for part in parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return f'{head}\n<g font-family="{FAMILY}" fill="{INK}">\n{body}\n</g>\n</svg>\n'
