"""Text from data on a page: shown as it is, never read as markup, as a link or as an address to fetch.

Markdown would make a link of `[a](b)`, fetch the picture in `![a](b)`, and read `:red[...]`, `:smile:` and `$x$`. A
backslash before every mark stops the first kind. Bare addresses and names between colons are still recognised
afterwards, in the finished text, so an unseen word joiner stands inside those.
"""

import re

from analytics.charts.theme import KNOWN_DEVICES, SAME_DEVICE

JOINER = "\u2060"
MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$^&=\"'/:@])")
SPACES = re.compile(r"[^\S\u00a0]+")  # a no-break space stays: it holds a number and its unit together
ADDRESS = re.compile(r"(?i)\b(h)(ttps?://)|\b(w)(ww\.)|(?<=[\w.+-])(@)(?=[\w-]+\.)")
SHORTCODE = re.compile(r":(?=[\w+/-]+:)|:(?=[a-z-]+\[)|:(?=[A-Za-z][\w+-]*$)")  # at the end a colon may follow


def escape(text: object, most: int = 0) -> str:
    """`text` for markdown and for labels of widgets, on one line; cut to `most` letters, 0 for all."""
    line = SPACES.sub(" ", str(text)).strip()
    if most and len(line) > most:
        line = line[: most - 1].rstrip() + "…"
    line = ADDRESS.sub(_broken, line)
    line = SHORTCODE.sub(f":{JOINER}", line)
    return MARKS.sub(r"\\\1", line)


def _broken(found: re.Match[str]) -> str:
    if found[5]:
        return f"{JOINER}@{JOINER}"
    return f"{found[1] or found[3]}{JOINER}{found[2] or found[4]}"


def spoken(name: str) -> str:
    """An event's name as words: `add_to_cart` is "add to cart", `coupon-applied` "coupon applied"."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+", " ", name).strip()
    return plain.lower() if plain and not plain.isupper() else plain or name


def bare(name: str, most: int = 40) -> str:
    """A name's letters and digits alone, which are no mark in markdown nor in a picture: `a_b` is "a b"."""
    return " ".join(re.sub(r"[\W_]+", " ", name).split())[:most].strip() or "it"


def many_of(device: str) -> str:
    """A device in a sentence: phone is "phones"; a name of the product's own stays, escaped."""
    return f"{device}s" if device in KNOWN_DEVICES or device in SAME_DEVICE else escape(device, 40)
