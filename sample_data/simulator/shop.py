"""What Tannwind sells, who writes about it, and which devices its people hold: the simulator's raw material.

Every name is invented. Hosts end in example.com, example.org or example.net, addresses come from the ranges that RFC
5737 and RFC 3849 reserve for documentation.
"""

from dataclasses import dataclass

CATALOGUE: dict[str, tuple[tuple[str, int], ...]] = {  # shelf -> products with their price in EUR, the best sold first
    "jackets": (
        ("Rain jacket Isar", 129), ("Wind jacket Spree", 89), ("Down jacket Inn", 219), ("Shell jacket Lech", 279),
        ("Softshell Elbe", 119), ("Rain cape Oder", 49), ("Parka Havel", 189), ("Kids' rain jacket Ilm", 59),
    ),
    "fleece": (
        ("Fleece Birke", 69), ("Fleece hoody Erle", 79), ("Wool pullover Ulme", 109), ("Fleece vest Linde", 59),
        ("Base layer Esche", 45), ("Kids' fleece Hasel", 35), ("Wool socks Ahorn", 18),
    ),
    "trousers": (
        ("Hiking trousers Kar", 99), ("Zip-off trousers Joch", 109), ("Rain trousers Tobel", 79), ("Shorts Alm", 55),
        ("Climbing trousers Grat", 89), ("Winter trousers Firn", 139), ("Leggings Sattel", 49),
    ),
    "shoes": (
        ("Hiking boots Kiesel", 169), ("Trail shoes Fels", 139), ("Approach shoes Schiefer", 149),
        ("Sandals Quarz", 79),
        ("Winter boots Basalt", 189), ("Kids' boots Granit", 69), ("Hut shoes Tuff", 39), ("Gaiters Gneis", 35),
    ),
    "tents": (
        ("Tent Nacht, 2 persons", 349), ("Tent Abend, 1 person", 279), ("Tent Morgen, 3 persons", 429),
        ("Tarp Mittag", 99),
        ("Family tent Sommer", 649), ("Groundsheet Tau", 39), ("Peg set Reif", 15),
    ),
    "sleeping-bags": (
        ("Sleeping bag Dachs", 189), ("Down sleeping bag Igel", 329), ("Sleeping mat Hase", 89),
        ("Inflatable mat Biber", 119),
        ("Summer sleeping bag Luchs", 99), ("Silk liner Falter", 55), ("Pillow Maus", 25),
    ),
    "backpacks": (
        ("Day pack Pfad 24", 89), ("Hiking pack Steig 38", 149), ("Trekking pack Weg 60", 229),
        ("Kids' pack Tritt 12", 45),
        ("Bike pack Gasse 20", 99), ("Rain cover Nebel", 25), ("Dry bag See", 19), ("Hip bag Bach", 35),
    ),
    "cooking": (
        ("Gas stove Funke", 59), ("Cook set Kessel", 49), ("Bottle Quelle", 25), ("Vacuum bottle Glut", 35),
        ("Headlamp Stern", 45), ("Pocket knife Span", 39), ("Water filter Klar", 69), ("Mug Becher", 15),
    ),
}  # fmt: skip

QUERIES = (  # what people write into the search box, the shelf it leads to ("" finds nothing), how often
    ("rain jacket", "jackets", 14), ("hiking boots", "shoes", 13), ("tent", "tents", 10), ("backpack", "backpacks", 10),
    ("sleeping bag", "sleeping-bags", 8), ("rain coat", "", 6), ("fleece", "fleece", 7), ("trail shoes", "shoes", 6),
    ("headlamp", "cooking", 5), ("rain trousers", "trousers", 5), ("down jacket", "jackets", 5),
    ("stove", "cooking", 3),
    ("trekking poles", "", 3), ("sleeping mat", "sleeping-bags", 3), ("gift card", "", 2),
)  # fmt: skip
RESULTS = {
    "": 0,
    "jackets": 38,
    "shoes": 31,
    "tents": 17,
    "backpacks": 26,
    "sleeping-bags": 22,
    "fleece": 24,
    "cooking": 29,
    "trousers": 21,
}

COUNTRIES = {
    "DE": 0.58,
    "AT": 0.12,
    "CH": 0.08,
    "NL": 0.06,
    "FR": 0.05,
    "PL": 0.035,
    "DK": 0.03,
    "SE": 0.02,
    "GB": 0.015,
    "US": 0.01,
}


@dataclass(frozen=True)
class Source:
    """Where a session comes from, with its weight among new and among returning people.

    `bounce` is the share that leaves its first page at once, `urge` a factor on the share that means to buy, `entry`
    the weights of the first page's kind.
    """

    referrer: str
    new: float
    returning: float
    bounce: float
    urge: float
    entry: dict[str, float]


SOURCES = {
    "direct": Source(
        "", 0.15, 0.43, 0.34, 1.0, {"home": 0.72, "category": 0.09, "product": 0.08, "account": 0.08, "help": 0.03}
    ),
    "search": Source(
        "https://search.example.com/", 0.42, 0.25, 0.46, 1.05,
        {"product": 0.60, "category": 0.22, "home": 0.14, "help": 0.04},
    ),
    "ads": Source(
        "https://search.example.com/ads", 0.20, 0.05, 0.50, 0.95, {"product": 0.50, "category": 0.42, "home": 0.08}
    ),
    "social": Source(
        "https://social.example.net/", 0.15, 0.05, 0.58, 0.5, {"product": 0.62, "home": 0.28, "category": 0.10}
    ),
    "newsletter": Source(
        "https://mail.example.com/", 0.01, 0.19, 0.32, 1.25, {"category": 0.50, "product": 0.40, "home": 0.10}
    ),
    "partner": Source(
        "https://trailblog.example.org/gear", 0.07, 0.03, 0.41, 1.0, {"product": 0.85, "home": 0.15}
    ),
}  # fmt: skip
CAMPAIGNS = {  # source -> (from which day on, name)
    "ads": ((0, "summer-sale"), (35, "back-to-the-trail"), (63, "autumn-layers")),
    "newsletter": ((0, "newsletter-august"), (29, "newsletter-september"), (59, "newsletter-october")),
    "social": ((0, "trail-stories"),),
}


@dataclass(frozen=True)
class Platform:
    """A kind of device: its share among devices of its class and its viewports as (width, height, weight)."""

    weight: float
    os: str
    browser: str
    agent: str
    viewports: tuple[tuple[int, int, float], ...]


IPHONES = ((390, 664, 5), (393, 659, 4), (375, 628, 2), (402, 681, 2), (430, 739, 2))
ANDROIDS = ((360, 660, 4), (412, 759, 5), (384, 701, 2), (393, 728, 2))
IPADS = ((820, 1106, 4), (810, 1006, 3), (768, 954, 2), (834, 1120, 2))
WINDOWS = ((1920, 945, 6), (1536, 730, 5), (1366, 641, 3), (1280, 593, 2), (1707, 825, 1))
MACS = ((1440, 789, 4), (1512, 861, 3), (1728, 996, 2), (1680, 939, 1))
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X)"
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X)"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
PC = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI = f"{WEBKIT} Version/26.0"
CHROME = f"{BLINK} Chrome/154.0.0.0"
PLATFORMS: dict[str, tuple[Platform, ...]] = {
    "phone": (
        Platform(44, "iOS", "Safari", f"{IPHONE} {SAFARI} Mobile/15E148 Safari/604.1", IPHONES),
        Platform(4, "iOS", "Chrome", f"{IPHONE} {WEBKIT} CriOS/154.0 Mobile/15E148 Safari/604.1", IPHONES),
        Platform(38, "Android", "Chrome", f"{ANDROID} {CHROME} Mobile Safari/537.36", ANDROIDS),
        Platform(
            9, "Android", "Samsung Internet",
            f"{ANDROID} {BLINK} SamsungBrowser/30.0 Chrome/146.0.0.0 Mobile Safari/537.36", ANDROIDS,
        ),
        Platform(
            5, "Android", "Firefox", "Mozilla/5.0 (Android 16; Mobile; rv:152.0) Gecko/152.0 Firefox/152.0", ANDROIDS
        ),
    ),
    "tablet": (
        Platform(72, "iPadOS", "Safari", f"{IPAD} {SAFARI} Mobile/15E148 Safari/604.1", IPADS),
        Platform(28, "Android", "Chrome", f"{ANDROID} {CHROME} Safari/537.36", ((800, 1140, 3), (768, 1010, 1))),
    ),
    "desktop": (
        Platform(42, "Windows", "Chrome", f"{PC}) {CHROME} Safari/537.36", WINDOWS),
        Platform(17, "Windows", "Edge", f"{PC}) {CHROME} Safari/537.36 Edg/154.0.0.0", WINDOWS),
        Platform(12, "Windows", "Firefox", f"{PC}; rv:152.0) Gecko/20100101 Firefox/152.0", WINDOWS),
        Platform(14, "macOS", "Safari", f"{MAC} {SAFARI} Safari/605.1.15", MACS),
        Platform(9, "macOS", "Chrome", f"{MAC} {CHROME} Safari/537.36", MACS),
        Platform(
            6, "Linux", "Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0", WINDOWS
        ),
    ),
}  # fmt: skip


def slug(name: str) -> str:
    return name.lower().replace(",", "").replace("'", "").replace(" ", "-")
